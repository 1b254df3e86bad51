"""The service over HTTP: resource, problems, probes, ids, and the graceful end."""

import threading
import time
import unittest

from main import build
from runtime.http import Response
from tests.support import Running

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def service(**settings: object) -> Running:
{{#if calls}}
    return Running(build({}), **settings)
{{else}}
    return Running(build(), **settings)
{{/if}}


class Resource(unittest.TestCase):
    def test_life_of_an_item(self) -> None:
        with service() as running:
            created = running.call("POST", "/items", {"name": "cup", "quantity": 2})
            self.assertEqual((created.status, created.headers["location"]), (201, "/items/1"))
            self.assertEqual(created.json(), {"id": 1, "name": "cup", "quantity": 2})
            self.assertEqual(running.call("GET", "/items").json(), [created.json()])
            self.assertEqual(running.call("GET", "/items/1").json(), created.json())
            self.assertEqual(running.call("HEAD", "/items/1").body, b"")
            self.assertEqual(running.call("DELETE", "/items/1").status, 204)
            self.assertEqual(running.call("GET", "/items/1").status, 404)

    def test_problems(self) -> None:
        with service(max_body_bytes=1000) as running:
            json_type = {"content-type": "application/json"}
            rows = [
                (400, running.send("POST", "/items", "{", json_type)),
                (400, running.send("POST", "/items", '{"name": NaN}', json_type)),
                (404, running.call("GET", "/nothing")),
                (404, running.call("GET", "/items/x")),
                (405, running.call("PUT", "/items", {})),
                (413, running.send("POST", "/items", "x" * 1001, json_type)),
                (415, running.send("POST", "/items", "{}", {"content-type": "text/plain"})),
                (422, running.call("POST", "/items", {"name": ""})),
            ]
            for status, answer in rows:
                with self.subTest(status=status):
                    self.assertEqual(answer.status, status)
                    self.assertEqual(answer.headers["content-type"], "application/problem+json")
                    self.assertEqual(answer.json()["status"], status)
            self.assertEqual(rows[4][1].headers["allow"], "GET, HEAD, POST")
            self.assertEqual(rows[7][1].json()["errors"][0]["pointer"], "/name")

    def test_a_failing_handler_is_a_problem(self) -> None:
{{#if calls}}
        app = build({})
{{else}}
        app = build()
{{/if}}

        def fail(_: object) -> Response:
            raise RuntimeError("planted")

        app.router.add("GET", "/fail", fail)
        with self.assertLogs("service", "ERROR"), Running(app) as running:
            answer = running.call("GET", "/fail")
        self.assertEqual(answer.status, 500)
        self.assertNotIn("planted", answer.json()["detail"])

    def test_chunked_bodies(self) -> None:
        with service() as running:
            connection = running.connect()
            chunks = iter([b'{"name":', b'"cup"}'])
            headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
            connection.request("POST", "/items", chunks, headers, encode_chunked=True)
            self.assertEqual(connection.getresponse().status, 201)
            connection.close()


class Operations(unittest.TestCase):
    def test_health_readiness_metrics(self) -> None:
        with service() as running:
            self.assertEqual(running.call("GET", "/healthz").status, 200)
            self.assertEqual(running.call("GET", "/readyz").status, 200)
            running.call("GET", "/items")
            metrics = running.call("GET", "/metrics").body.decode()
            self.assertIn('http_requests_total{method="GET",route="/items",status="200"} 1', metrics)
            self.assertIn("# HELP http_request_duration_seconds ", metrics)

    def test_the_request_id_is_kept_or_made(self) -> None:
        with service() as running:
            kept = running.call("GET", "/items", headers={"x-request-id": "abc-1", "traceparent": TRACE})
            self.assertEqual(kept.headers["x-request-id"], "abc-1")
            made = running.call("GET", "/items", headers={"x-request-id": "not one"})
            self.assertRegex(made.headers["x-request-id"], "^[0-9a-f]{32}$")

    def test_one_connection_serves_many_requests(self) -> None:
        with service() as running:
            connection = running.connect()
            for _ in range(3):
                connection.request("GET", "/items")
                answer = connection.getresponse()
                self.assertEqual(answer.read(), b"[]\n")
                self.assertIsNone(answer.getheader("connection"))
            connection.close()

    def test_the_graceful_end(self) -> None:
{{#if calls}}
        app = build({})
{{else}}
        app = build()
{{/if}}
        begun, go_on = threading.Event(), threading.Event()

        def slow(_: object) -> Response:
            begun.set()
            go_on.wait(10)
            return Response.of_json("done")

        app.router.add("GET", "/slow", slow)
        with Running(app, drain_delay=0.5) as running:
            busy = running.connect()
            busy.request("GET", "/slow")
            begun.wait(10)
            running.drain()
            self.assertEqual(running.call("GET", "/healthz").status, 200)
            ready = running.call("GET", "/readyz")
            self.assertEqual((ready.status, ready.headers["connection"]), (503, "close"))
            time.sleep(0.7)
            with self.assertRaises(ConnectionRefusedError):
                running.call("GET", "/readyz")
            go_on.set()
            self.assertEqual(busy.getresponse().read(), b'"done"\n')
            busy.close()
        self.assertEqual(running.status, 0)
