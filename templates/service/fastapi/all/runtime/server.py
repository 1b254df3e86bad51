"""Uvicorn with a graceful end.

SIGTERM or SIGINT: /readyz turns 503 and every answer closes its connection; after `drain_delay`, when load balancers
have noticed, no connection is taken any more; what runs is finished, and the process ends with status 0.
"""

from __future__ import annotations

import logging
import socket
import time
from types import FrameType

import uvicorn

from .app import Service
from .config import Config
from .logs import log


class Server(uvicorn.Server):
    def __init__(self, service: Service, config: Config) -> None:
        self._service, self._settings = service, config
        self._drain_began: float | None = None
        self._listener = socket.create_server((config.host, config.port), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        super().__init__(
            uvicorn.Config(
                service,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_keep_alive=int(config.keep_alive),
                timeout_graceful_shutdown=max(1, int(config.drain_timeout)),
            )
        )

    def drain(self) -> None:
        """Begins the graceful end; from any thread and from a signal's handler."""
        self._service.draining = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.drain()

    def serve_until_drained(self) -> int:
        """The exit status: 1 when something had to be cut."""
        log.info("listening on %s:%d", self._settings.host, self.port)
        self.run(sockets=[self._listener])
        status = 1 if self.server_state.tasks else 0
        log.info("stopped", extra={"fields": {"status": status}})
        return status

    async def on_tick(self, counter: int) -> bool:  # ten times a second
        if self._service.draining and self._drain_began is None:
            self._drain_began = time.monotonic()
            log.info("draining", extra={"fields": {"connections": len(self.server_state.connections)}})
        if self._drain_began is not None and time.monotonic() - self._drain_began >= self._settings.drain_delay:
            self.should_exit = True
        return await super().on_tick(counter)
