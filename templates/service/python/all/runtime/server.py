"""HTTP/1.1 over the standard library's parser, with keep-alive, a bounded pool of threads and a graceful end.

One thread waits for all idle connections; a connection with a request is handed to a worker and comes back when it
was answered. So a thousand connections may wait while `threads` requests run, and nothing grows without bound.

SIGTERM or SIGINT: /readyz turns 503 and every answer closes its connection; after `drain_delay`, when load balancers
have noticed, no connection is taken any more; what runs is finished, and the process ends with status 0.
"""

from __future__ import annotations

import queue
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler

from . import body, context
from .config import Config
from .health import PROBES, Health
from .http import Request, Response, Router
from .logs import log
from .metrics import Metrics
from .problem import Problem

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class App:
    """One request in, one response out: routing, measuring, logging, and no exception gets through."""

    def __init__(self, router: Router, metrics: Metrics, health: Health) -> None:
        self.router = router
        self.health = health
        labels = ("method", "route", "status")
        self._requests = metrics.counter("http_requests_total", "Requests answered.", labels)
        self._duration = metrics.histogram(
            "http_request_duration_seconds", "Time from the request read to its answer made.", labels[:2]
        )
        self._running = metrics.gauge("http_requests_in_flight", "Requests that are being answered.")

    def answer(self, request: Request, refused: Problem | None = None) -> Response:
        """`refused`: what was wrong with the request before a handler could see it."""
        call = context.Context.from_headers(request.headers)
        token = context.current.set(call)
        started = time.perf_counter()
        self._running.add()
        try:
            response = Response.of_problem(refused) if refused else self._handle(request)
            self._measure(request, response, time.perf_counter() - started)
        finally:
            self._running.add(amount=-1)
            context.current.reset(token)
        response.headers["x-request-id"] = call.request_id
        return response

    def _handle(self, request: Request) -> Response:
        try:
            return self.router.handle(request)
        except Exception:
            log.exception("a handler failed")
            return Response.of_problem(Problem(500, "the service failed; its log has the request id"))

    def _measure(self, request: Request, response: Response, duration: float) -> None:
        method = request.method if request.method in METHODS else "other"
        self._requests.add(method, request.route, str(response.status))
        self._duration.observe(method, request.route, number=duration)
        fields = {
            "method": request.method,
            "path": request.path,
            "route": request.route,
            "status": response.status,
            "duration_seconds": round(duration, 6),
        }
        (log.debug if request.route in PROBES else log.info)("request", extra={"fields": fields})


class Connection(BaseHTTPRequestHandler):
    """One client's connection. The base class parses; `serve` answers what has come and returns."""

    protocol_version = default_request_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write

    def __init__(self, sock: socket.socket, address: object, app: App, config: Config) -> None:
        self.app, self.config = app, config
        self.idle_since = time.monotonic()
        sock.settimeout(config.read_timeout)
        super().__init__(sock, address, None)  # type: ignore[arg-type]

    def handle(self) -> None:  # called by the base class at once: there is nothing to read yet
        pass

    def finish(self) -> None:
        pass

    def serve(self) -> bool:
        """Answers every request that is here; false when the connection is to be closed."""
        self.close_connection = True
        try:
            self.handle_one_request()
            while not self.close_connection and self._more_is_here():
                self.handle_one_request()
        except OSError as error:  # the client left, or took too long
            log.debug("connection ended: %s", error)
            return False
        return not self.close_connection

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if len(self.raw_requestline) > 65536:
            self.requestline = self.request_version = self.command = ""
            self.send_error(414)
            return
        if not self.parse_request():  # answered already, by send_error
            return
        request = Request(self.command, self.path, {name.lower(): text for name, text in self.headers.items()})
        try:
            request.body = body.read(self.rfile, self.headers, self.config.max_body_bytes)
        except Problem as refused:  # what is left of the body is of no use, so the connection ends
            self.close_connection = True
            self._send(self.app.answer(request, refused))
            self._discard_rest()
        else:
            self._send(self.app.answer(request))

    def handle_expect_100(self) -> bool:
        super().handle_expect_100()
        self.wfile.flush()
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        self.close_connection = True
        self._send(Response.of_problem(Problem(int(code), message or "the request is malformed")))

    def log_message(self, *_: object) -> None:  # App logs
        pass

    def close(self) -> None:
        with suppress(OSError):  # the client was faster
            self.connection.shutdown(socket.SHUT_RDWR)
        self.rfile.close()
        self.connection.close()

    def _send(self, response: Response) -> None:
        closing = self.close_connection or self.app.health.draining
        self.send_response(response.status)
        for name, text in response.headers.items():
            self.send_header(name, text)
        if response.status != 204:
            self.send_header("content-length", str(len(response.body)))
        if closing:
            self.send_header("connection", "close")  # sets close_connection too
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    def version_string(self) -> str:
        return "service"

    def _discard_rest(self) -> None:
        """A client that is still sending would lose the answer if its connection were closed at once."""
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(1.0)
        for _ in range(64):
            if not self.connection.recv(65536):
                return

    def _more_is_here(self) -> bool:
        self.connection.settimeout(0)
        try:
            return bool(self.rfile.peek(1))  # type: ignore[attr-defined]
        finally:
            self.connection.settimeout(self.config.read_timeout)


class Server:
    def __init__(self, app: App, config: Config) -> None:
        self._app, self._config = app, config
        self._listener = socket.create_server((config.host, config.port), backlog=512)
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ, lambda: self._wake_reader.recv(4096))
        self._ready: queue.SimpleQueue[Connection] = queue.SimpleQueue()  # with a request, for the workers
        self._served: queue.SimpleQueue[tuple[Connection, bool]] = queue.SimpleQueue()  # back from them
        self._idle: set[Connection] = set()
        self._busy = 0
        self._listening = False
        self._drain_began: float | None = None
        for number in range(config.threads):
            threading.Thread(target=self._work, name=f"worker-{number}", daemon=True).start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def drain(self) -> None:
        """Begins the graceful end; from any thread and from a signal's handler."""
        self._app.health.draining = True
        self._wake()

    def run(self) -> int:
        """Serves until drained; the exit status: 1 when something had to be cut."""
        log.info("listening on %s:%d", self._config.host, self.port)
        while True:
            self._watch_listener()
            for key, _ in self._selector.select(1.0 if self._drain_began is None else 0.05):
                key.data()
            self._take_back()
            now = time.monotonic()
            self._close_idle(now)
            if not self._app.health.draining:
                continue
            if self._drain_began is None:
                self._drain_began = now
                log.info("draining", extra={"fields": {"busy": self._busy, "idle": len(self._idle)}})
            drained = now - self._drain_began
            if drained >= self._config.drain_delay and not self._busy and not self._idle:
                return self._end(0)
            if drained >= self._config.drain_timeout + self._config.drain_delay:
                log.error("cut what still ran", extra={"fields": {"busy": self._busy}})
                return self._end(1)

    def _watch_listener(self) -> None:
        closing = self._drain_began is not None and time.monotonic() - self._drain_began >= self._config.drain_delay
        wanted = not closing and len(self._idle) + self._busy < self._config.max_connections
        if wanted and not self._listening:
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        elif self._listening and not wanted:
            if closing:
                self._accept()  # those that the kernel took already
            self._selector.unregister(self._listener)
        self._listening = wanted
        if closing:
            self._listener.close()

    def _begin(self, connection: Connection) -> None:
        self._selector.unregister(connection.connection)
        self._idle.discard(connection)
        self._busy += 1
        self._ready.put(connection)

    def _accept(self) -> None:
        while True:
            try:
                sock, address = self._listener.accept()
            except OSError:  # nobody is left, or the client is gone again
                return
            self._watch(Connection(sock, address, self._app, self._config))

    def _watch(self, connection: Connection) -> None:
        connection.idle_since = time.monotonic()
        self._idle.add(connection)
        self._selector.register(connection.connection, selectors.EVENT_READ, partial(self._begin, connection))

    def _take_back(self) -> None:
        while not self._served.empty():
            connection, stays = self._served.get()
            self._busy -= 1
            if stays:
                self._watch(connection)
            else:
                connection.close()

    def _close_idle(self, now: float) -> None:
        # While draining, a connection whose client may just be sending gets the delay to do so.
        limit = self._config.keep_alive if self._drain_began is None else self._config.drain_delay
        for connection in [one for one in self._idle if now - one.idle_since >= limit]:
            self._selector.unregister(connection.connection)
            self._idle.discard(connection)
            connection.close()

    def _work(self) -> None:
        while True:
            connection = self._ready.get()
            stays = False
            try:
                stays = connection.serve()
            except Exception:
                log.exception("a connection failed")
            self._served.put((connection, stays))
            self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # it is awake already
            self._wake_writer.send(b"\0")

    def _end(self, status: int) -> int:
        self._listener.close()
        self._selector.close()
        log.info("stopped", extra={"fields": {"status": status}})
        return status


def drain_on_signals(drain: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: drain())
