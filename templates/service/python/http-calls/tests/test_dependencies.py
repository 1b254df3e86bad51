"""Calls to other services: the ids go along, and one that is away is told."""

import unittest

from main import build
from runtime.client import Client
from runtime.health import Health
from runtime.http import Request, Response, Router
from runtime.metrics import Metrics
from runtime.problem import Problem
from runtime.server import App
from tests.support import Running

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Dependencies(unittest.TestCase):
    def test_the_ids_go_along(self) -> None:
        seen: list[Request] = []

        def health(request: Request) -> Response:
            seen.append(request)
            return Response.of_json({"status": "ok"})

        other = Router()
        other.add("GET", "/healthz", health)
        with Running(App(other, Metrics(), Health())) as called:
            clients = {"other": Client(f"http://127.0.0.1:{called.port}")}
            with Running(build(clients)) as running:
                answer = running.call("GET", "/dependencies", headers={"x-request-id": "abc-1", "traceparent": TRACE})
        self.assertEqual(answer.json(), {"other": "up"})
        self.assertEqual(seen[0].headers["x-request-id"], "abc-1")
        trace, span = seen[0].headers["traceparent"].split("-")[1:3]
        self.assertEqual(trace, TRACE.split("-")[1])
        self.assertNotEqual(span, TRACE.split("-")[2])

    def test_one_that_is_away_is_down(self) -> None:
        with Running(build({"other": Client("http://127.0.0.1:1")})) as running:
            self.assertEqual(running.call("GET", "/dependencies").json(), {"other": "down"})
        with self.assertRaises(Problem) as caught:
            Client("http://127.0.0.1:1").get("/")
        self.assertEqual(caught.exception.status, 502)
