"""The job, to be replaced by yours: take one piece of work, do it, return. It runs again after INTERVAL_SECONDS.

Raise when it cannot be done: it is logged, counted, and tried again after a growing pause. A job may be cut when the
process ends, so write it such that doing it twice does no harm.
"""

from __future__ import annotations

{{#if calls}}
from runtime.client import Client
{{/if}}
from runtime.logs import log


class Job:
{{#if calls}}
    def __init__(self, clients: dict[str, Client]) -> None:
        self._clients = clients

{{/if}}
    def run(self) -> None:
{{#if calls}}
        for name, client in self._clients.items():
            log.info("asked", extra={"fields": {"service": name, "status": client.get("/healthz").status}})
{{else}}
        log.info("nothing to do")
{{/if}}
