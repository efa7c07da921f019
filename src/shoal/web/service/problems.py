"""What is said where there is no answer: problem details (RFC 9457), and one table of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from fastapi import Response

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20


class Kind(NamedTuple):
    """A status of HTTP, and what it means here."""

    status: int
    title: str


KINDS = {
    "not-json": Kind(400, "The body is not JSON"),
    "not-http": Kind(400, "The request cannot be read"),
    "parameters": Kind(400, "There are no parameters"),
    "no-token": Kind(401, "A token is needed"),
    "not-found": Kind(404, "There is nothing here"),
    "method": Kind(405, "This is not done here"),
    "too-slow": Kind(408, "The body came too slowly"),
    "too-large": Kind(413, "The body is too large"),
    "media-type": Kind(415, "The body must be application/json"),
    "foreign-host": Kind(421, "This service is not for that host"),
    "customers": Kind(422, "The customers cannot be placed as they are"),
    "fault": Kind(500, "A fault of shoal's own"),
    "busy": Kind(503, "Too much is asked at once"),
    "too-long": Kind(503, "Placing took too long"),
}


class Wrong(NamedTuple):
    """What is wrong at one place of the body."""

    pointer: str  # RFC 6901
    code: str
    detail: str


class ProblemError(Exception):
    """There is no answer, and why."""

    def __init__(
        self,
        code: str,
        detail: str,
        errors: Iterable[Wrong] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail
        self.errors, self.headers = tuple(errors), dict(headers or {})

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return KINDS[self.code].status

    def response(self) -> Response:
        """The problem as an answer."""
        body: dict[str, Any] = {
            "type": f"urn:shoal:problem:{self.code}",
            "title": KINDS[self.code].title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [error._asdict() for error in self.errors]
        content = msgspec.json.encode(body)
        return Response(content, self.status, self.headers, media_type=MEDIA_TYPE)


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """These problems as they stand among the responses of an OpenAPI document."""
    titles: dict[int, list[str]] = {}
    for code in codes:
        titles.setdefault(KINDS[code].status, []).append(KINDS[code].title)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {s: {"description": " · ".join(t), "content": content} for s, t in titles.items()}


SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "description": "Problem details, RFC 9457.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "enum": [f"urn:shoal:problem:{code}" for code in KINDS]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "maxItems": MOST_ERRORS,
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "Where: RFC 6901."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
