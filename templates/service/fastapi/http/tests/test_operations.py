"""Health, metrics, ids, and the graceful end."""

import asyncio
import json
import logging
import re
import threading
import time

import httpx2
import pytest
from fastapi.testclient import TestClient

from runtime import logs
from runtime.app import Service
from tests.conftest import Running, make

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_health_readiness_metrics(client: TestClient, service: Service) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200
    client.get("/items/7")
    text = client.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/items/{id}",status="404"} 1' in text
    assert "# HELP http_request_duration_seconds " in text
    service.draining = True
    ready = client.get("/readyz")
    assert (ready.status_code, ready.headers["connection"]) == (503, "close")


def test_the_request_id_is_kept_or_made(client: TestClient) -> None:
    kept = client.get("/items", headers={"x-request-id": "abc-1", "traceparent": TRACE})
    assert kept.headers["x-request-id"] == "abc-1"
    made = client.get("/items", headers={"x-request-id": "not one"})
    assert re.fullmatch("[0-9a-f]{32}", made.headers["x-request-id"])


def test_a_request_is_one_line_of_json(client: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    client.get("/items", headers={"x-request-id": "abc-1", "traceparent": TRACE})
    logging.getLogger().handlers.clear()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    line = next(line for line in lines if line["message"] == "request")
    assert (line["request_id"], line["trace_id"], line["status"]) == ("abc-1", TRACE.split("-")[1], 200)


def test_a_failing_handler_is_a_problem(service: Service, client: TestClient) -> None:
    @service.api.get("/fail")
    async def fail() -> None:
        raise RuntimeError("planted")

    answer = client.get("/fail")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "planted" not in answer.text


def test_one_connection_serves_many_requests() -> None:
    with Running(make()) as running, httpx2.Client(base_url=running.url) as client:
        assert [client.get("/items").headers.get("connection") for _ in range(3)] == [None] * 3


def test_the_graceful_end() -> None:
    service = make()
    begun, go_on = threading.Event(), threading.Event()

    @service.api.get("/slow")
    async def slow() -> str:
        begun.set()
        await asyncio.to_thread(go_on.wait, 10)
        return "done"

    answers: list[str] = []
    with Running(service, drain_delay=0.5) as running:
        busy = threading.Thread(target=lambda: answers.append(httpx2.get(f"{running.url}/slow").json()))
        busy.start()
        begun.wait(10)
        running.server.drain()
        assert httpx2.get(f"{running.url}/healthz").status_code == 200
        ready = httpx2.get(f"{running.url}/readyz")
        assert (ready.status_code, ready.headers["connection"]) == (503, "close")
        time.sleep(1)
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(f"{running.url}/readyz")
        go_on.set()
        busy.join(10)
    assert (answers, running.status) == (["done"], 0)
