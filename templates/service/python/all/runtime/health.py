"""Whether the process lives (/healthz), takes traffic (/readyz), and what it counted (/metrics)."""

from __future__ import annotations

from . import metrics
from .http import Request, Response, Router

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})  # logged at debug: they come every few seconds


class Health:
    def __init__(self) -> None:
        self.draining = False  # set by SIGTERM, before anything is closed


def add_probes(router: Router, health: Health, registry: metrics.Metrics) -> None:
    def alive(_: Request) -> Response:
        return Response.of_json({"status": "ok"})

    def ready(_: Request) -> Response:
        if health.draining:
            return Response.of_json({"status": "draining"}, 503)
        return Response.of_json({"status": "ok"})

    def counted(_: Request) -> Response:
        return Response(body=registry.render().encode(), headers={"content-type": metrics.CONTENT_TYPE})

    router.add("GET", "/healthz", alive)
    router.add("GET", "/readyz", ready)
    router.add("GET", "/metrics", counted)
