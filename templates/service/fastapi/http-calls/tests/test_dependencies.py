"""Calls to other services: the ids go along, and one that is away is told."""

import asyncio

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from main import build
from runtime.client import Client
from runtime.config import Config
from runtime.problem import Problem
from tests.conftest import Running, make

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_ids_go_along() -> None:
    other = make()
    seen: list[dict[str, str]] = []

    @other.api.middleware("http")
    async def look(request: Request, go_on):  # type: ignore[no-untyped-def]
        seen.append(dict(request.headers))
        return await go_on(request)

    with Running(other) as called, TestClient(build(Config(), {"other": Client(called.url)})) as client:
        answer = client.get("/dependencies", headers={"x-request-id": "abc-1", "traceparent": TRACE})
    assert answer.json() == {"other": "up"}
    assert seen[0]["x-request-id"] == "abc-1"
    trace, span = seen[0]["traceparent"].split("-")[1:3]
    assert trace == TRACE.split("-")[1]
    assert span != TRACE.split("-")[2]


def test_one_that_is_away_is_down() -> None:
    with TestClient(build(Config(), {"other": Client("http://127.0.0.1:1")})) as client:
        assert client.get("/dependencies").json() == {"other": "down"}
    with pytest.raises(Problem) as caught:
        asyncio.run(Client("http://127.0.0.1:1").get("/"))
    assert caught.value.status == 502
