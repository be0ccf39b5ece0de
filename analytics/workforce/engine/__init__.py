"""The engine: what every source feeds, from a delivery to a run of the ledger.

``importing`` is the recipe. ``sifting`` tells good records from bad (``entries``,
``seen``), ``missing`` says what a full delivery leaves unsaid by its ``terms``,
``valves`` stop what would be too much (``standing``, ``filling``), ``shapes`` and
``reconciliation`` are for the run's record. ``syncing`` walks over a configured source.
"""
