"""Fields: whether a delivery has those that its mapping names."""

from __future__ import annotations

from analytics.workforce.mapping import Mapping
from analytics.workforce.sources.records import Delivery
from lrs.errors import BadRequest


def check_fields(delivery: Delivery, mapping: Mapping) -> None:
    """Raise BadRequest where a field is missing without which no record is whole."""
    missing = mapping.missing(delivery.fields)
    if missing and delivery.fields:
        hint = (
            " Are its cells separated by commas?" if len(delivery.fields) == 1 else ""
        )
        raise BadRequest(
            f"{delivery.file} has no field {', '.join(missing)}, which every "
            f"{mapping.table.kind} record needs.{hint} Nothing was imported."
        )


def absent_fields(delivery: Delivery, mapping: Mapping) -> tuple[str, ...]:
    """Return the fields that a mapping of somebody's own names in vain."""
    # The canonical one names every column, and nobody has them all.
    own = mapping.version and mapping.name != "canonical"
    return tuple(mapping.lacking(delivery.fields)) if own and delivery.fields else ()
