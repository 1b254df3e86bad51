"""Calls to another service: a time-out on every step, and the ids of the call that is being answered go along."""

from __future__ import annotations

from typing import Any

import httpx2

from . import context
from .problem import Problem


class Client:
    """What fails is a Problem, 502 or 504, so a handler may let it pass to its own client."""

    def __init__(self, base_url: str, timeout: float = 2.0) -> None:
        # Proxies of the environment are for the internet, and not for a service beside this one.
        self._http = httpx2.AsyncClient(base_url=base_url, timeout=timeout, trust_env=False)

    async def get(self, path: str) -> httpx2.Response:
        return await self.request("GET", path)

    async def request(self, method: str, path: str, value: Any = None) -> httpx2.Response:
        call = context.current.get() or context.Context.new()
        host = self._http.base_url.host
        try:
            return await self._http.request(
                method, path, json=value, headers={**call.headers(), "accept": "application/json"}
            )
        except httpx2.TimeoutException:
            raise Problem(504, f"{host} did not answer in time") from None
        except httpx2.HTTPError as error:
            raise Problem(502, f"{host} could not be called: {error}") from error

    async def close(self) -> None:
        await self._http.aclose()
