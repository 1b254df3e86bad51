"""How this service calls others: GET /dependencies asks each for its health. Replace it with calls of yours.

The request id and the trace of the call that is being answered go along by themselves.
"""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from runtime.client import Client
from runtime.problem import Problem


def add_dependencies(api: FastAPI, clients: dict[str, Client]) -> None:
    @api.get("/dependencies")
    async def states() -> dict[str, str]:
        found = await asyncio.gather(*(_state(client) for client in clients.values()))
        return dict(zip(clients, found, strict=True))


async def _state(client: Client) -> str:
    try:
        return "up" if (await client.get("/healthz")).status_code == 200 else "down"
    except Problem:
        return "down"
