"""People of a plain REST interface: what the fake serves, and what it should become."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.server import Reply, Request

TOKEN = "token-7"


@dataclass
class Interface:
    """A REST interface over rows, which pages as it is told to.

    Rows are dicts with ``number``, ``changed`` (a moment, ISO) and what else there is.
    ``kind`` is that of [source.paging]; ``counts``: answers tell a total; ``cap``: the
    most rows that a page has, whatever is asked for. ``accepts`` looks at the log-in.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    kind: str = "offset"
    counts: bool = True
    cap: int = 10
    accepts: Callable[[Request], bool] = lambda request: True
    counted: int | None = None  # what answers say, whatever there is
    base: str = ""  # of links: of another host where a test wants that
    shuffle: Callable[[list[dict[str, Any]], int], list[dict[str, Any]]] = (
        lambda rows, page: rows
    )

    def __call__(self, request: Request) -> Reply:
        if not self.accepts(request):
            return Reply({"error": "who are you?"}, 401)
        if request.path != "/v1/people":
            return Reply({"error": "nothing here"}, 404)
        rows = list(self.rows)
        if since := request.query.get("since"):
            rows = [row for row in rows if row["changed"] >= since]
        query = request.query
        size = min(int(query.get("size", "1000000")), self.cap)
        if self.kind == "none":
            start, size = 0, len(rows)
        elif self.kind == "page":
            start = (int(query["page"]) - 1) * size
        else:
            start = int(query.get("at") or 0)
        rows = self.shuffle(rows, start // max(size, 1))
        page, after = rows[start : start + size], start + size
        answer: dict[str, Any] = {"data": {"items": page}}
        if self.counts:
            answer["data"]["total"] = self.counted or len(rows)
        headers = {}
        if after < len(rows):
            link = f"{self.base}/v1/people?at={after}&size={size}"
            if since:
                link += f"&since={since}"
            if self.kind == "cursor":
                answer["next"] = str(after)
            elif self.kind == "link":
                answer["next"] = link
            elif self.kind == "header":
                headers["Link"] = f'<{link}>; rel="next", </v1>; rel="up"'
        return Reply(answer, headers=headers)


def person(number: int, **changed: Any) -> dict[str, Any]:
    """One row of somebody."""
    return {
        "number": f"E{number:03}",
        "name": {"first": f"First{number}", "last": f"Last{number}"},
        "mail": f"e{number}@example.com",
        "hired": "2024-01-01",
        "unit": {"id": f"U{number % 3}"},
        "boss": None if number == 0 else "E000",
        "changed": "2026-01-01T00:00:00Z",
    } | changed
