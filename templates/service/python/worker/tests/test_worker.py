"""The loop around the job, and what is told about it."""

import threading
import unittest

from main import build
from runtime.http import Request
from runtime.metrics import Metrics
from runtime.worker import Worker


class TheWorker(unittest.TestCase):
    def test_it_repeats_counts_and_ends_behind_the_job_that_runs(self) -> None:
        begun, go_on = threading.Event(), threading.Event()
        runs: list[int] = []

        def job() -> None:
            runs.append(1)
            if len(runs) == 1:
                raise RuntimeError("planted")
            begun.set()
            go_on.wait(10)

        metrics = Metrics()
        worker = Worker(job, 0.0, metrics)
        with self.assertLogs("service", "ERROR"):
            worker.start()
            self.assertTrue(begun.wait(10))
        worker.stop()
        self.assertFalse(worker.wait(0.05))
        go_on.set()
        self.assertTrue(worker.wait(10))
        text = metrics.render()
        self.assertIn('worker_jobs_total{outcome="failure"} 1', text)
        self.assertIn('worker_jobs_total{outcome="success"} 1', text)
        self.assertEqual(len(runs), 2)

    def test_probes(self) -> None:
        app = build(Metrics())
        for path, status in [("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/", 404)]:
            self.assertEqual(app.answer(Request("GET", path)).status, status, path)
        app.health.draining = True
        self.assertEqual(app.answer(Request("GET", "/readyz")).status, 503)
        self.assertEqual(app.answer(Request("GET", "/healthz")).status, 200)
