"""How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.

The request id and the trace of the call that is being answered go along by themselves.
"""

from __future__ import annotations

from runtime.client import Client
from runtime.http import Request, Response, Router
from runtime.problem import Problem


def add_dependencies(router: Router, clients: dict[str, Client]) -> None:
    def states(_: Request) -> Response:
        return Response.of_json({name: _state(client) for name, client in clients.items()})

    router.add("GET", "/dependencies", states)


def _state(client: Client) -> str:
    try:
        return "up" if client.get("/healthz").status == 200 else "down"
    except Problem:
        return "down"
