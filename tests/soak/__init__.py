"""Long trials against faults: kills, freezes and failovers of the real processes.

``python -m tests.soak`` runs them; tests/integration runs short forms of the same.
"""
