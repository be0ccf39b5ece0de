"""The words of cmi5: verbs, categories, extensions, activity types, value spaces.

Spec: 7.1.3, 9.3 to 9.6, 10.2.2, 13.1.4. IRIs are compared character by character.
"""

from __future__ import annotations

_ADL = "http://adlnet.gov/expapi/verbs/"
_W3ID = "https://w3id.org/xapi/adl/verbs/"
_CMI5 = "https://w3id.org/xapi/cmi5/"

# 9.3: what an AU says, and what only the LMS does.
AU_VERBS = {
    f"{_ADL}initialized": "initialized",
    f"{_ADL}completed": "completed",
    f"{_ADL}passed": "passed",
    f"{_ADL}failed": "failed",
    f"{_ADL}terminated": "terminated",
}
LMS_VERBS = {
    f"{_ADL}launched": "launched",
    f"{_W3ID}abandoned": "abandoned",
    f"{_W3ID}waived": "waived",
    f"{_W3ID}satisfied": "satisfied",
}
VERBS = {**AU_VERBS, **LMS_VERBS}

# 9.6.2: Activities in the category list.
DEFINED = f"{_CMI5}context/categories/cmi5"
MOVE_ON_CATEGORY = f"{_CMI5}context/categories/moveon"

# 9.6.3: extensions of the context.
SESSION_ID = f"{_CMI5}context/extensions/sessionid"
MASTERY_SCORE = f"{_CMI5}context/extensions/masteryscore"
LAUNCH_MODE = f"{_CMI5}context/extensions/launchmode"
LAUNCH_URL = f"{_CMI5}context/extensions/launchurl"
MOVE_ON = f"{_CMI5}context/extensions/moveon"
LAUNCH_PARAMETERS = f"{_CMI5}context/extensions/launchparameters"

# 9.5.5: extensions of the result.
PROGRESS = f"{_CMI5}result/extensions/progress"
REASON = f"{_CMI5}result/extensions/reason"

# 9.4: what satisfied speaks of.
BLOCK = f"{_CMI5}activitytype/block"
COURSE = f"{_CMI5}activitytype/course"

LAUNCH_MODES = frozenset({"Normal", "Browse", "Review"})  # 10.2.2
MOVE_ON_CRITERIA = frozenset(  # 13.1.4
    {"Passed", "Completed", "CompletedAndPassed", "CompletedOrPassed", "NotApplicable"}
)
