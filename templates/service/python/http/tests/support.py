"""The service on a free port in this process, and a client for it."""

from __future__ import annotations

import http.client
import json
import threading
from typing import Any

from runtime import logs
from runtime.config import Config
from runtime.server import App, Server


class Answer:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = {name.lower(): text for name, text in answer.getheaders()}
        self.body = answer.read()

    def json(self) -> Any:
        return json.loads(self.body)


class Running:
    """`with Running(build()) as service:` — drained at the end, and the exit status kept."""

    def __init__(self, app: App, **settings: Any) -> None:
        logs.configure("error")
        self._server = Server(app, Config(port=0, drain_delay=settings.pop("drain_delay", 0.0), **settings))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = self._server.port
        self.status: int | None = None

    def __enter__(self) -> Running:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.drain()
        self._thread.join(10)

    def drain(self) -> None:
        self._server.drain()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def call(self, method: str, path: str, value: Any = None, headers: dict[str, str] | None = None) -> Answer:
        body = None if value is None else json.dumps(value)
        sent = {"content-type": "application/json"} if body else {}
        return self.send(method, path, body, {**sent, **(headers or {})})

    def send(self, method: str, path: str, body: str | bytes | None, headers: dict[str, str]) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def _run(self) -> None:
        self.status = self._server.run()
