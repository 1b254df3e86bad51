"""The service in this process, and on a free port in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from main import build
from runtime.app import Service
from runtime.config import Config
from runtime.server import Server


def make(config: Config | None = None) -> Service:
{{#if calls}}
    return build(config or Config(), {})
{{else}}
    return build(config or Config())
{{/if}}


@pytest.fixture
def service() -> Service:
    return make(Config(max_body_bytes=1000))


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    with TestClient(service) as client:
        yield client


class Running:
    """`with Running(make()) as running:` — drained at the end, and the exit status kept."""

    def __init__(self, service: Service, drain_delay: float = 0.0) -> None:
        self.server = Server(service, Config(port=0, drain_delay=drain_delay))
        self.status: int | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.drain()
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def _run(self) -> None:
        self.status = self.server.serve_until_drained()
