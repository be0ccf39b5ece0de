"""Anonymity: a person is made anonymous without losing counts.

The person becomes a surrogate (``anonymous-`` and twelve random hex digits) in the
ledger, in decisions about identity and in the lake. Nothing is kept of who it was but
keyed digests (HMAC-SHA-256, a random key for each tenant): of the employee number, so
that later deliveries do not bring the person back, and of the identifiers, so that
Statements still lead to the surrogate.

``veil`` is what the digests say, ``keeping`` where they are kept, ``traces`` what leads
to a person, ``removal`` how that goes, ``anonymizing`` the whole in its order,
``delivering`` what a later delivery says of somebody anonymous.
"""
