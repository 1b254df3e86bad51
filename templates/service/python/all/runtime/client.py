"""Calls to another service: a time-out on every step, and the ids of the call that is being answered go along."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from . import context
from .problem import Problem

MOST_BYTES = 8 << 20  # of an answer


class Reply:
    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Safe for many threads. What fails is a Problem, 502 or 504, so a handler may let it pass to its own client."""

    def __init__(self, base_url: str, timeout: float = 2.0) -> None:
        parts = urlsplit(base_url)
        self._connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._base = parts.hostname or "", parts.port, parts.path.rstrip("/")
        self._timeout = timeout

    def get(self, path: str) -> Reply:
        return self.request("GET", path)

    def request(self, method: str, path: str, value: Any = None) -> Reply:
        call = context.current.get() or context.Context.new()
        headers = {**call.headers(), "accept": "application/json", "connection": "close"}
        body = None
        if value is not None:
            body, headers["content-type"] = json.dumps(value).encode(), "application/json"
        connection = self._connect(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._base + path, body, headers)
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
        except TimeoutError:
            raise Problem(504, f"{self._host} did not answer in time") from None
        except (OSError, http.client.HTTPException) as error:
            raise Problem(502, f"{self._host} could not be called: {error}") from error
        finally:
            connection.close()
        if len(content) > MOST_BYTES:
            raise Problem(502, f"{self._host} answered with more than {MOST_BYTES} bytes")
        return Reply(answer.status, {name.lower(): text for name, text in answer.getheaders()}, content)
