"""A FastAPI application with what every service has: problems, probes, ids, logs, metrics, a bound on bodies.

`Service` is the ASGI application: it stands around FastAPI, so that it sees every answer, also those of a handler that
failed.
"""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Message, Receive, Scope, Send

from . import context, metrics, problem
from .config import Config
from .logs import log
from .problem import Problem

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # logged at debug: they come every few seconds
UNMATCHED = "unmatched"  # the route of a request that fits no template
MOST_DISCARDED = 8 << 20  # bytes of a body that is too large, read so that its client hears the answer


class Service:
    def __init__(self, title: str, config: Config) -> None:
        self.config = config
        self.draining = False  # set by SIGTERM, before anything is closed
        self.metrics = metrics.Metrics()
        # Documents are served by the gateway; the pages of FastAPI load scripts from elsewhere.
        self.api = FastAPI(title=title, openapi_url=None, redirect_slashes=False)
        _add_problems(self.api)
        self._add_probes()
        labels = ("method", "route", "status")
        self._requests = self.metrics.counter("http_requests_total", "Requests answered.", labels)
        self._duration = self.metrics.histogram(
            "http_request_duration_seconds", "Time from the request's head read to its answer made.", labels[:2]
        )
        self._running = self.metrics.gauge("http_requests_in_flight", "Requests that are being answered.")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.api(scope, receive, send)
        call = context.Context.from_headers({name.decode(): text.decode("latin-1") for name, text in scope["headers"]})
        context.current.set(call)
        method, started, status = scope["method"], time.perf_counter(), 500
        if method == "HEAD":
            scope = {**scope, "method": "GET"}

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", call.request_id.encode())]
                if self.draining:
                    message["headers"].append((b"connection", b"close"))
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        self._running.add()
        try:
            await self.api(scope, _bounded(scope, receive, self.config.max_body_bytes), answered)
        except Exception:
            log.exception("a handler failed")  # FastAPI has answered, and raises it again
        finally:
            self._running.add(amount=-1)
            self._measure(method, scope, status, time.perf_counter() - started)

    def _measure(self, method: str, scope: Scope, status: int, duration: float) -> None:
        route = getattr(scope.get("route"), "path", UNMATCHED)
        name = method if method in METHODS else "other"
        self._requests.add(name, route, str(status))
        self._duration.observe(name, route, number=duration)
        fields = {
            "method": method,
            "path": scope["path"],
            "route": route,
            "status": status,
            "duration_seconds": round(duration, 6),
        }
        (log.debug if route in PROBES else log.info)("request", extra={"fields": fields})

    def _add_probes(self) -> None:
        @self.api.get("/healthz")
        async def alive() -> dict[str, str]:
            return {"status": "ok"}

        @self.api.get("/readyz")
        async def ready() -> JSONResponse:
            if self.draining:
                return JSONResponse({"status": "draining"}, 503)
            return JSONResponse({"status": "ok"})

        @self.api.get("/metrics")
        async def counted() -> Response:
            return Response(self.metrics.render(), media_type=metrics.CONTENT_TYPE)


def _bounded(scope: Scope, receive: Receive, limit: int) -> Receive:
    """Gives at most `limit` bytes of a body, and refuses what has more once it is read away."""
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken <= limit:
            return message
        while message.get("more_body") and taken <= limit + MOST_DISCARDED:
            message = await receive()
            taken += len(message.get("body", b""))
        raise HTTPException(413, f"a body has at most {limit} bytes")

    return bounded


def _add_problems(api: FastAPI) -> None:
    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return _answer(error)

    async def failed(_: Request, __: Exception) -> Response:
        return _answer(Problem(500, "the service failed; its log has the request id"))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and "route" not in request.scope:
            return _answer(Problem(404, f"there is no {request.url.path}"))
        if error.status_code == 405:
            allowed = ", ".join(_allowed(api, request.scope))
            return _answer(Problem(405, f"{request.url.path} takes {allowed}", headers={"allow": allowed}))
        return _answer(Problem(error.status_code, str(error.detail), headers=dict(error.headers or {})))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return _answer(_problem_of(request, error))

    api.add_exception_handler(Problem, refused)
    api.add_exception_handler(HTTPException, http)
    api.add_exception_handler(RequestValidationError, invalid)
    api.add_exception_handler(Exception, failed)


def _problem_of(request: Request, error: RequestValidationError) -> Problem:
    """A path that cannot be one is not there; a body is the wrong kind, no JSON, or not valid."""
    faults: list[dict[str, Any]] = list(error.errors())
    if any(fault["loc"][0] == "path" for fault in faults):
        return Problem(404, f"there is no {request.url.path}")
    in_body = [fault for fault in faults if fault["loc"][0] == "body"]
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if in_body and media_type != "application/json":
        return Problem(415, "send the body as application/json", headers={"accept": "application/json"})
    if any(
        fault["type"] == "json_invalid" or (fault["type"], fault["loc"]) == ("missing", ("body",)) for fault in in_body
    ):
        return Problem(400, "the body is not JSON")
    errors = [
        {"pointer": "".join(f"/{part}" for part in fault["loc"][1:]), "detail": fault["msg"]}
        if fault["loc"][0] == "body"
        else {"parameter": str(fault["loc"][-1]), "detail": fault["msg"]}
        for fault in faults
    ]
    return Problem(422, "the request is not valid", errors)


def _allowed(api: FastAPI, scope: Scope) -> list[str]:
    def takes(method: str) -> bool:
        return any(route.matches({**scope, "method": method})[0] == Match.FULL for route in api.routes)

    return sorted(method for method in METHODS if takes("GET" if method == "HEAD" else method))


def _answer(refused: Problem) -> Response:
    return JSONResponse(refused.value(), refused.status, refused.headers, media_type=problem.CONTENT_TYPE)
