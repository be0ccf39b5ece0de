"""Identity: who an actor of a Statement is.

By identifier only, never by name. ``keys`` gives the ids under which the lake knows
actors, ``rules`` reads config/identity.toml, ``decisions`` keeps what people decided
by hand. Which person an actor is at a moment is said by SQL, in analytics.enrichment.
"""

from analytics.identity.keys import actor_id, normalised

__all__ = ["actor_id", "normalised"]
