"""Counters, gauges and histograms in the Prometheus text format. Base units; counters end in `_total`.

A label must take few values: a route's template, never a path.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TypeVar

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Labels = tuple[str, ...]


class Metric:
    kind = ""

    def __init__(self, name: str, help_text: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.help_text = help_text
        self.labels = tuple(labels)
        self._lock = threading.Lock()

    def render(self) -> Iterator[str]:
        yield f"# HELP {self.name} {self.help_text}"
        yield f"# TYPE {self.name} {self.kind}"
        yield from self._samples()

    def _samples(self) -> Iterator[str]:
        raise NotImplementedError

    def _sample(self, values: Labels, number: float, suffix: str = "", **more: str) -> str:
        pairs = [*zip(self.labels, values, strict=True), *more.items()]
        text = ",".join(f'{key}="{_escaped(value)}"' for key, value in pairs)
        return f"{self.name}{suffix}{'{' + text + '}' if text else ''} {number:.15g}"


class Gauge(Metric):
    kind = "gauge"

    def __init__(self, name: str, help_text: str, labels: Sequence[str] = ()) -> None:
        super().__init__(name, help_text, labels)
        self._values: dict[Labels, float] = {} if self.labels else {(): 0.0}

    def add(self, *values: str, amount: float = 1.0) -> None:
        with self._lock:
            self._values[values] = self._values.get(values, 0.0) + amount

    def set(self, *values: str, number: float) -> None:
        with self._lock:
            self._values[values] = number

    def _samples(self) -> Iterator[str]:
        with self._lock:
            for values, number in sorted(self._values.items()):
                yield self._sample(values, number)


class Counter(Gauge):
    kind = "counter"


class Histogram(Metric):
    kind = "histogram"

    def __init__(
        self, name: str, help_text: str, labels: Sequence[str] = (), bounds: Sequence[float] = SECONDS
    ) -> None:
        super().__init__(name, help_text, labels)
        self._bounds = tuple(bounds)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, *values: str, number: float) -> None:
        with self._lock:
            counts = self._counts.setdefault(values, [0] * (len(self._bounds) + 1))
            counts[bisect_left(self._bounds, number)] += 1
            self._sums[values] = self._sums.get(values, 0.0) + number

    def _samples(self) -> Iterator[str]:
        with self._lock:
            for values, counts in sorted(self._counts.items()):
                total = 0
                for bound, count in zip((*map(str, self._bounds), "+Inf"), counts, strict=True):
                    total += count
                    yield self._sample(values, total, "_bucket", le=bound)
                yield self._sample(values, self._sums[values], "_sum")
                yield self._sample(values, total, "_count")


_Metric = TypeVar("_Metric", bound=Metric)


class Metrics:
    """All metrics of a process, in the order in which they were made."""

    def __init__(self) -> None:
        self._all: list[Metric] = []
        self.gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.").set(
            number=time.time()
        )

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        return self._add(Counter(name, help_text, labels))

    def gauge(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
        return self._add(Gauge(name, help_text, labels))

    def histogram(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Histogram:
        return self._add(Histogram(name, help_text, labels))

    def render(self) -> str:
        return "".join(f"{line}\n" for metric in self._all for line in metric.render())

    def _add(self, metric: _Metric) -> _Metric:
        self._all.append(metric)
        return metric


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
