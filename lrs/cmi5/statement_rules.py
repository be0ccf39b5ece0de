"""Statement rules: what cmi5 asks of one Statement, with no launch at hand.

Spec: 7.1.3, 9.2 to 9.6. In: a Statement that is valid xAPI, as ``lrs.xapi.text``
parses it. Out: Violations, none for a Statement that cmi5 does not define. A Statement
is cmi5-defined by the category of that name (9.6.2.1); all others are free ("cmi5
allowed"), but the moveOn category is not theirs (9.6.2.2). Extensions hold any JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lrs.cmi5 import vocabulary as words
from lrs.xapi.formats import as_array
from lrs.xapi.values import IRIS, is_count, is_number
from lrs.xapi.violations import Violation

_Json = Mapping[str, Any]
_EMPTY: _Json = {}
_CATEGORY = "context.contextActivities.category"


@dataclass(frozen=True, slots=True)
class Defined:
    """A cmi5-defined Statement, opened; ``verb`` is None for one cmi5 has not."""

    statement: _Json
    verb: str | None
    result: _Json
    context: _Json
    categories: Sequence[str]


Rule = Callable[[Defined, list[Violation]], None]


def validate(statement: _Json) -> list[Violation]:
    """Return every Violation of what cmi5 demands: the LMS should refuse it (6.3)."""
    return _apply(_RULES, statement)


def review(statement: _Json) -> list[Violation]:
    """Return what ``validate`` does, then what cmi5 only advises against."""
    return _apply(_RULES_AND_ADVICE, statement)


def _apply(rules: Sequence[Rule], statement: _Json) -> list[Violation]:
    found: list[Violation] = []
    context = statement.get("context")
    if not context:
        return found
    activities = context.get("contextActivities")
    if not activities:
        return found
    listed = activities.get("category")
    if not listed:
        return found
    categories = [activity["id"] for activity in as_array(listed)]
    if words.DEFINED in categories:
        verb = words.VERBS.get(statement["verb"]["id"])
        result = statement.get("result", _EMPTY)
        defined = Defined(statement, verb, result, context, categories)
        for rule in rules:
            rule(defined, found)
    elif words.MOVE_ON_CATEGORY in categories:
        message = "The moveOn category stands in cmi5-defined Statements only."
        found.append(Violation(_CATEGORY, "cmi5:9.6.2.2", message))
    return found


def verb(it: Defined, found: list[Violation]) -> None:
    """Demand one of the nine verbs (7.1.3, 9.3)."""
    if it.verb is None:
        message = "A cmi5-defined Statement has one of the nine verbs of cmi5."
        found.append(Violation("verb.id", "cmi5:9.3", message))


def actor(it: Defined, found: list[Violation]) -> None:
    """Demand an Agent that is identified by an account (9.2)."""
    if it.statement["actor"].get("objectType", "Agent") != "Agent":
        message = "The actor of a cmi5-defined Statement must be an Agent."
        found.append(Violation("actor.objectType", "cmi5:9.2", message))
    if "account" not in it.statement["actor"]:
        message = "The actor must be identified by an account."
        found.append(Violation("actor.account", "cmi5:9.2", message))


def object_(it: Defined, found: list[Violation]) -> None:
    """Demand the AU, or for satisfied a block or course, as an Activity (9.4)."""
    if it.verb is None:
        return
    given = it.statement["object"]
    if given.get("objectType", "Activity") != "Activity":
        message = "The object must be an Activity: the AU, or a block or course."
        found.append(Violation("object.objectType", "cmi5:9.4", message))
    elif it.verb == "satisfied" and given.get("definition", _EMPTY).get("type") not in (
        words.BLOCK,
        words.COURSE,
    ):
        message = "The type must be that of a block or of a course of cmi5."
        found.append(Violation("object.definition.type", "cmi5:9.4", message))


def score(it: Defined, found: list[Violation]) -> None:
    """Demand a score in its bounds, on passed and failed only (9.5.1)."""
    section = "cmi5:9.5.1"
    given = it.result.get("score")
    if given is None:
        return
    if it.verb not in ("passed", "failed"):
        message = "A score stands with passed and failed only."
        found.append(Violation("result.score", section, message))
    if not 0 <= given.get("scaled", 0) <= 1:
        message = "This must be between 0 and 1."
        found.append(Violation("result.score.scaled", section, message))
    if "raw" not in given:
        return
    bounds = [name for name in ("min", "max") if name in given]
    for name in ("min", "max"):
        if name not in bounds:
            message = "This is required where raw is given."
            found.append(Violation(f"result.score.{name}", section, message))
    if len(bounds) == 2 and not given["min"] <= given["raw"] <= given["max"]:
        message = "This must be between min and max."
        found.append(Violation("result.score.raw", section, message))


def success(it: Defined, found: list[Violation]) -> None:
    """Demand true on passed and waived, false on failed, else nothing (9.5.2)."""
    _set_as(it, "success", _SUCCESS, "cmi5:9.5.2", found)


def completion(it: Defined, found: list[Violation]) -> None:
    """Demand true on completed and waived, else nothing (9.5.3)."""
    _set_as(it, "completion", _COMPLETION, "cmi5:9.5.3", found)


def _set_as(
    it: Defined,
    name: str,
    verbs: Mapping[str, bool],
    section: str,
    found: list[Violation],
) -> None:
    wanted = verbs.get(it.verb or "")
    if it.result.get(name) is wanted:
        return
    message = (
        f"The {name} stands on {' and '.join(verbs)} only."
        if wanted is None
        else f"The {name} must be {'true' if wanted else 'false'} on {it.verb}."
    )
    found.append(Violation(f"result.{name}", section, message))


def duration(it: Defined, found: list[Violation]) -> None:
    """Demand a duration where something ended (9.5.4.1, 9.5.4.2)."""
    section = _TIMED.get(it.verb or "")
    if section is not None and "duration" not in it.result:
        message = f"The duration is required on {it.verb}."
        found.append(Violation("result.duration", section, message))


def move_on_category(it: Defined, found: list[Violation]) -> None:
    """Demand the moveOn category with success or completion, only there (9.6.2.2)."""
    judged = "success" in it.result or "completion" in it.result
    if judged == (words.MOVE_ON_CATEGORY in it.categories):
        return
    message = (
        "The moveOn category is required where success or completion is given."
        if judged
        else "The moveOn category stands with success or completion only."
    )
    found.append(Violation(_CATEGORY, "cmi5:9.6.2.2", message))


def progress(it: Defined, found: list[Violation]) -> None:
    """Demand an integer from 0 to 100, however it is written (9.5.5.1)."""
    extensions = it.result.get("extensions", _EMPTY)
    if words.PROGRESS in extensions:
        given = extensions[words.PROGRESS]
        if not is_count(given) or given > 100:
            message = "The progress must be an integer from 0 to 100."
            path = _extension("result", words.PROGRESS)
            found.append(Violation(path, "cmi5:9.5.5.1", message))


def no_progress_when_completed(it: Defined, found: list[Violation]) -> None:
    """Advise against a progress on completed, which means 100 % (9.5.5.1)."""
    extensions = it.result.get("extensions", _EMPTY)
    if it.verb == "completed" and words.PROGRESS in extensions:
        message = "The progress should not be set on completed."
        path = _extension("result", words.PROGRESS)
        found.append(Violation(path, "cmi5:9.5.5.1", message))


def reason(it: Defined, found: list[Violation]) -> None:
    """Demand the reason of a waiver (9.3.7, 9.5.5.2)."""
    extensions = it.result.get("extensions", _EMPTY)
    if it.verb == "waived" and not isinstance(extensions.get(words.REASON), str):
        message = "The reason is required on waived, as a string."
        path = _extension("result", words.REASON)
        found.append(Violation(path, "cmi5:9.5.5.2", message))


def launch_data(it: Defined, found: list[Violation]) -> None:
    """Demand what launched says of the launch (9.6.3.2 to 9.6.3.7)."""
    if it.verb != "launched":
        return
    extensions = it.context.get("extensions", _EMPTY)
    for name, (section, required, fits, message) in _LAUNCH_DATA.items():
        present = name in extensions
        if (present and not fits(extensions[name])) or (required and not present):
            path = _extension("context", name)
            found.append(Violation(path, section, message))


def publisher_id(it: Defined, found: list[Violation]) -> None:
    """Demand a grouping of the LMS: the publisher id stands there (9.6.2.3).

    Which one it is only the course structure tells.
    """
    if it.verb in _LMS and not it.context["contextActivities"].get("grouping"):
        message = "A Statement of the LMS carries the publisher id in grouping."
        path = "context.contextActivities.grouping"
        found.append(Violation(path, "cmi5:9.6.2.3", message))


def _extension(holder: str, name: str) -> str:
    return f'{holder}.extensions["{name}"]'


def _is_mastery_score(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1  # type: ignore[operator]


_LMS = frozenset(words.LMS_VERBS.values())
_SUCCESS = {"passed": True, "waived": True, "failed": False}
_COMPLETION = {"completed": True, "waived": True}
_TIMED = {
    **dict.fromkeys(("terminated", "completed", "passed", "failed"), "cmi5:9.5.4.1"),
    "abandoned": "cmi5:9.5.4.2",
}
# extension: section, whether it must be there, whether a value fits, what is asked for
_LAUNCH_DATA: dict[str, tuple[str, bool, Callable[[object], object], str]] = {
    words.LAUNCH_MODE: (
        "cmi5:9.6.3.3",
        True,
        lambda value: isinstance(value, str) and value in words.LAUNCH_MODES,
        "The launchMode is required on launched: Normal, Browse or Review.",
    ),
    words.LAUNCH_URL: (
        "cmi5:9.6.3.4",
        True,
        lambda value: isinstance(value, str) and "://" in value and IRIS[value],
        "The launchURL is required on launched, as a fully qualified URL.",
    ),
    words.MOVE_ON: (
        "cmi5:9.6.3.6",
        True,
        lambda value: isinstance(value, str) and value in words.MOVE_ON_CRITERIA,
        "The moveOn is required on launched: "
        f"{', '.join(sorted(words.MOVE_ON_CRITERIA))}.",
    ),
    words.MASTERY_SCORE: (
        "cmi5:9.6.3.2",
        False,
        _is_mastery_score,
        "The masteryScore must be a number between 0 and 1.",
    ),
    words.LAUNCH_PARAMETERS: (
        "cmi5:9.6.3.7",
        False,
        lambda value: isinstance(value, str),
        "The launchParameters must be a string.",
    ),
}

_RULES: tuple[Rule, ...] = (
    *(verb, actor, object_, score, success, completion, duration),
    *(move_on_category, progress, reason, launch_data, publisher_id),
)
_RULES_AND_ADVICE: tuple[Rule, ...] = (*_RULES, no_progress_when_completed)
