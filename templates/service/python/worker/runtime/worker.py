"""Repeats a job in a thread of its own until the service drains. What a job raises is logged and counted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from . import context
from .logs import log
from .metrics import Metrics

LONGEST_PAUSE = 60.0  # seconds between failing jobs


class Worker:
    def __init__(self, job: Callable[[], None], interval: float, metrics: Metrics) -> None:
        self._job, self._interval = job, interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="job", daemon=True)
        self._jobs = metrics.counter("worker_jobs_total", "Jobs that ended.", ["outcome"])
        self._duration = metrics.histogram("worker_job_duration_seconds", "Time that a job took.")
        self._last = metrics.gauge(
            "worker_last_success_timestamp_seconds", "When a job last succeeded, in seconds since the epoch."
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """No further job begins; from any thread and from a signal's handler."""
        self._stop.set()

    def wait(self, timeout: float) -> bool:
        """Whether the job that ran has ended in time."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        failures = 0
        while not self._stop.is_set():
            failures = 0 if self._run() else failures + 1
            self._stop.wait(min(self._interval * 2 ** min(failures, 10), max(self._interval, LONGEST_PAUSE)))

    def _run(self) -> bool:
        token = context.current.set(context.Context.new())
        started = time.perf_counter()
        try:
            self._job()
        except Exception:
            log.exception("the job failed")
            self._jobs.add("failure")
            return False
        finally:
            self._duration.observe(number=time.perf_counter() - started)
            context.current.reset(token)
        self._jobs.add("success")
        self._last.set(number=time.time())
        return True
