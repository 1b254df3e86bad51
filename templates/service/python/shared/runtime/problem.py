"""Refusals as application/problem+json (RFC 9457): raise a Problem anywhere in a handler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = list(errors)  # of a 422: {"pointer": "/name", "detail": "is missing"}
        self.headers = dict(headers or {})

    def value(self) -> dict[str, object]:
        value: dict[str, object] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            value["errors"] = self.errors
        return value
