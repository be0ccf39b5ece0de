"""The catalogue: every Activity of the sample, as the Object of a Statement.

``cmi5`` is the share of people whose LMS launches a course as a cmi5 AU; the others
report plain xAPI from other tools.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

BASE = "https://courses.example.com/"
COURSE_TYPE = "http://adlnet.gov/expapi/activities/course"
AU_TYPE = "http://adlnet.gov/expapi/activities/lesson"
VIDEO_TYPE = "https://w3id.org/xapi/video/activity-type/video"


@dataclass(frozen=True, slots=True)
class Course:
    """A course: ``minutes`` is how long it takes, ``cmi5`` the share of launches."""

    slug: str
    names: dict[str, str]
    minutes: int
    cmi5: float

    @property
    def iri(self) -> str:
        """Return the activity id."""
        return BASE + self.slug

    @property
    def object(self) -> dict[str, Any]:
        """Return the Activity with its definition."""
        return {
            "objectType": "Activity",
            "id": self.iri,
            "definition": {"type": COURSE_TYPE, "name": self.names},
        }


MANDATORY = (
    Course("fire-safety", {"en": "Fire safety", "de": "Brandschutz"}, 35, 0.45),
    Course("fire-safety-refresher", {"en": "Fire safety: refresher"}, 15, 0.5),
    Course(
        "information-security",
        {"en": "Information security", "pl": "Bezpieczeństwo informacji"},
        40,
        0.5,
    ),
    Course("code-of-conduct", {"en": "Code of conduct", "ja": "行動規範"}, 30, 0.35),
    Course("data-protection", {"en": "Data protection", "de": "Datenschutz"}, 45, 0.5),
    Course("bloodborne-pathogens", {"en-US": "Bloodborne pathogens"}, 50, 0.4),
    Course("forklift-theory", {"en": "Forklift operation: theory"}, 60, 0.6),
    Course("forklift-practical", {"en": "Forklift operation: practice"}, 180, 0.0),
    Course("hazardous-substances", {"en": "Hazardous substances"}, 55, 0.4),
    Course("safe-driving", {"en": "Safe driving", "pt-BR": "Direção segura"}, 40, 0.2),
    Course("leadership-duties", {"en": "Duties of people who lead"}, 90, 0.0),
    Course("respect-at-work", {"en-US": "Respect at work"}, 45, 0.4),
    Course(
        "customer-conversations",
        {"en": "Customer conversations", "es": "Conversaciones con clientes"},
        120,
        0.5,
    ),
)

ELECTIVE = (
    Course("spreadsheets-in-practice", {"en": "Spreadsheets in practice"}, 60, 0.3),
    Course("writing-clearly", {"en": "Writing clearly", "fr": "Écrire clair"}, 45, 0.3),
    Course("presenting", {"en": "Presenting"}, 70, 0.0),
    Course(
        "project-basics", {"en": "Project basics", "tr": "Proje temelleri"}, 90, 0.3
    ),
    Course("data-literacy", {"en": "Data literacy"}, 80, 0.3),
    Course("first-aid", {"en": "First aid", "de": "Erste Hilfe"}, 240, 0.0),
    Course(
        "vietnamese-for-beginners", {"en": "Vietnamese", "vi": "Tiếng Việt"}, 50, 0.0
    ),
    Course("negotiating", {"en": "Negotiating"}, 75, 0.2),
)

VIDEOS = (
    ("tour-of-the-plant", "A tour of the plant", 412),
    ("ladder-and-steps", "Ladders and steps", 187),
    ("new-ticket-screen", "The new ticket screen", 268),
    ("voices-of-customers", "Voices of customers", 540),
    ("ergonomic-desk", "Your desk", 156),
)

ARTICLES = (
    ("how-we-decide", "How we decide"),
    ("travel-rules", "Travel rules"),
    ("glossary", "Glossary of our trade"),
    ("escalation-paths", "Escalation paths"),
    ("onboarding-handbook", "Onboarding handbook"),
)

COURSES = {course.iri: course for course in MANDATORY + ELECTIVE}
