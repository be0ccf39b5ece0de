"""Definition: what Statements say of Activities, taken apart and merged.

Spec: xAPI-Data 2.4.4.1 (an LRS keeps a definition of its own for each Activity and
updates it from Statements), 3.0 (what a newer text leaves out is preserved), 4.1, 4.2.
In: the text of valid Statements. Out: texts of Activity Definitions. Values are cut out
of the text and never re-encoded, so that 1.10 and integers of any size survive.

A definition is a set of parts, each with the ``stored`` time of the Statement that it
is from; of two that have the same place the later one holds. So the outcome depends on
the Statements alone, in whatever order, and however often, they are merged. Places:

- each language of ``name`` and of ``description``: a map is filled language by language
  by those who know them; tags that differ in letter case are the same tag;
- each key of ``extensions``: they are further properties (4.1), each with a meaning of
  its own, and who sends one knows nothing of the others. What stands under a key is
  one value: only the owner of the key knows what it would be to merge it;
- ``type`` and ``moreInfo``;
- all properties of an interaction together, the languages of its components with them:
  choices or correct responses would be wrong beside another interactionType, and the
  same ids can name other choices.

Reading: 2.4.4.1 also asks not to change correct responses by an update. Who has the
scope ``define`` corrects what was wrong in the course; a first mistake kept for ever
would serve nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from lrs.xapi.activity import COMPONENT_LISTS
from lrs.xapi.text import exact

Place = tuple[str, str]  # property, and the key in it: a folded tag, an extension's IRI

_MAPS = ("name", "description", "extensions")
_INTERACTION = (
    "interactionType",
    "correctResponsesPattern",
    *COMPONENT_LISTS,
)
_WITH_LANGUAGES = frozenset({"name", "description", *COMPONENT_LISTS})
_ORDER = ("name", "description", "type", "moreInfo", "interactionType", "extensions")
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Part:
    """One value as it was written; ``key`` is that of a map, as it was spelled.

    Of an interaction it is the text of an object with all of its properties.
    ``stored`` is microseconds since 1970.
    """

    key: str
    text: str
    stored: int = 0


Parts = dict[Place, Part]
Definitions = Mapping[str, tuple[bytes, ...]]  # texts by Activity id


@dataclass(frozen=True, slots=True)
class Merged:
    """What a merge made: ``changed`` by it at all, and the places ``replaced``."""

    parts: Parts
    changed: bool
    replaced: frozenset[Place]


class _Activity(msgspec.Struct, frozen=True):
    objectType: str = "Activity"  # noqa: N815 - the name in the text
    id: str = ""
    definition: msgspec.Raw = msgspec.Raw()


class _Context(msgspec.Struct, frozen=True):
    contextActivities: dict[str, list[_Activity] | _Activity] = {}  # noqa: N815


class _Object(_Activity, frozen=True):
    object: _Activity | None = None
    context: _Context = _Context()


class _Statement(msgspec.Struct, frozen=True):
    object: _Object
    context: _Context = _Context()


_STATEMENT = msgspec.json.Decoder(_Statement)


def activities(statement: str) -> Iterator[tuple[str, bytes]]:
    """Yield the id and the definition (empty for none) of every Activity named.

    Those of the context come before the object: where both define the same Activity,
    the one that the Statement is about says more. A SubStatement's come first.
    """
    read = _STATEMENT.decode(statement)
    inner = read.object.object
    for found in (
        *_context(read.object.context),
        *([inner] if inner is not None else ()),
        *_context(read.context),
        read.object,
    ):
        if found.objectType == "Activity":
            yield found.id, bytes(found.definition)


def _context(context: _Context) -> Iterator[_Activity]:
    for listed in context.contextActivities.values():
        if isinstance(listed, list):
            yield from listed
        else:
            yield listed


def defined(statement: str) -> Definitions:
    """Return the definitions that a Statement gives, by Activity id, last one last."""
    found: dict[str, tuple[bytes, ...]] = {}
    if '"definition"' not in statement and "\\u" not in statement:
        return found
    for activity, definition in activities(statement):
        if definition not in (b"", b"{}", *found.get(activity, ())):
            found[activity] = (*found.get(activity, ()), definition)
    return found


def take_apart(definition: bytes | str, stored: int = 0) -> Parts:
    """Return the parts of a definition's text, all with this stored time."""
    members = _MEMBERS.decode(definition)
    parts: Parts = {}
    for name in _MAPS:
        if name in members:
            for key, raw in _MEMBERS.decode(members[name]).items():
                place = (name, key if name == "extensions" else key.lower())
                parts[place] = Part(key, bytes(raw).decode(), stored)
    for name in ("type", "moreInfo"):
        if name in members:
            parts[name, ""] = Part("", bytes(members[name]).decode(), stored)
    interaction = [
        f'"{name}":{bytes(members[name]).decode()}'
        for name in _INTERACTION
        if name in members
    ]
    if interaction:
        text = f"{{{','.join(interaction)}}}"
        parts["interactionType", ""] = Part("", text, stored)
    return parts


def merge(kept: Parts, said: Parts) -> Merged:
    """Return both as one: at each place the later of two."""
    parts, replaced, changed = dict(kept), set(), False
    for place, part in said.items():
        standing = parts.get(place)
        if standing is not None:
            if standing.stored >= part.stored:
                continue
            if not _same(standing, part):
                replaced.add(place)
        changed = changed or standing is None or place in replaced
        parts[place] = part
    return Merged(parts, changed, frozenset(replaced))


def _same(one: Part, other: Part) -> bool:
    """Tell whether two parts say the same, in whatever spelling of JSON.

    Else two clients of which one escapes what the other does not would replace each
    other's words with every Statement.
    """
    return one.key == other.key and (
        one.text == other.text or exact(one.text) == exact(other.text)
    )


def holds(kept: Parts, said: Parts) -> bool:
    """Tell whether all that is said stands there already."""
    return all(
        (standing := kept.get(place)) is not None and _same(standing, part)
        for place, part in said.items()
    )


def put_together(parts: Parts) -> str:
    """Return the text of the definition that has these parts."""
    members: dict[str, list[str]] = {}
    for (name, _), part in parts.items():
        text = part.text
        if name in _MAPS:
            text = f"{orjson.dumps(part.key).decode()}:{text}"
        members.setdefault(name, []).append(text)
    written = []
    for name in _ORDER:
        if name in members:
            text = ",".join(members[name])
            if name in _MAPS:
                written.append(f'"{name}":{{{text}}}')
            elif name == "interactionType":
                written.append(text[1:-1])
            else:
                written.append(f'"{name}":{text}')
    return f"{{{','.join(written)}}}"


def outline(definition: str) -> dict[str, Any]:
    """Return a definition of which only what holds language maps is parsed.

    The rest are fragments of text, as deep as they may be.
    """
    return {
        name: orjson.loads(text) if name in _WITH_LANGUAGES else orjson.Fragment(text)
        for name, text in (
            (name, bytes(raw)) for name, raw in _MEMBERS.decode(definition).items()
        )
    }


def times(parts: Parts) -> str:
    """Return the stored times of the parts, as JSON to be kept beside the text."""
    return orjson.dumps(
        [[*place, part.stored] for place, part in parts.items()]
    ).decode()


def with_times(definition: str, stored: str) -> Parts:
    """Return the parts of a definition that was kept with its ``times``."""
    known: Mapping[Place, int] = {
        (name, key): moment for name, key, moment in orjson.loads(stored)
    }
    return {
        place: Part(part.key, part.text, known.get(place, 0))
        for place, part in take_apart(definition).items()
    }
