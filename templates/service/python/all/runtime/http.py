"""Requests, responses, and the table of routes. Knows no socket: tests call `Router.handle` directly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from . import problem
from .problem import Problem

UNMATCHED = "unmatched"  # the route of a request that fits no template


@dataclass
class Request:
    method: str
    target: str  # path and query as sent
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)  # of the path: {"id": "7"}
    route: str = UNMATCHED

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(self.target.partition("?")[2], keep_blank_values=True)

    def json(self) -> Any:
        """The body as JSON, or a Problem that says what is wrong with it."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise Problem(415, "send the body as application/json", headers={"accept": "application/json"})
        try:
            return json.loads(self.body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise Problem(400, f"the body is not JSON: {error}") from None


@dataclass
class Response:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        return cls(status, json.dumps(value).encode() + b"\n", {"content-type": "application/json", **(headers or {})})

    @classmethod
    def of_problem(cls, refused: Problem) -> Response:
        response = cls.of_json(refused.value(), refused.status, refused.headers)
        response.headers["content-type"] = problem.CONTENT_TYPE
        return response


Handler = Callable[[Request], Response]


class Router:
    """Templates such as `/items/{id}`; a segment in braces matches one segment of the path, decoded."""

    def __init__(self) -> None:
        self._routes: dict[str, dict[str, Handler]] = {}

    def add(self, method: str, template: str, handler: Handler) -> None:
        self._routes.setdefault(template, {})[method] = handler

    def routes(self) -> set[tuple[str, str]]:
        return {(method, template) for template, methods in self._routes.items() for method in methods}

    def handle(self, request: Request) -> Response:
        for template, methods in self._routes.items():
            parameters = _match(template, request.path)
            if parameters is None:
                continue
            request.route, request.parameters = template, parameters
            handler = methods.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                return Response.of_problem(_not_allowed(request, methods))
            try:
                return handler(request)
            except Problem as refused:
                return Response.of_problem(refused)
        return Response.of_problem(Problem(404, f"there is no {request.path}"))


def _match(template: str, path: str) -> dict[str, str] | None:
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    parameters: dict[str, str] = {}
    for name, segment in zip(wanted, given, strict=True):
        if name.startswith("{") and segment:
            parameters[name[1:-1]] = unquote(segment)
        elif name != segment:
            return None
    return parameters


def _not_allowed(request: Request, methods: Mapping[str, Handler]) -> Problem:
    allowed = sorted({*methods, "HEAD"} if "GET" in methods else methods)
    return Problem(405, f"{request.path} takes {', '.join(allowed)}", headers={"allow": ", ".join(allowed)})


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
