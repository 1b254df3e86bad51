"""The call that is being answered: its ids go into the log and along with calls to other services.

A request id is kept when a client or gateway sent a usable one. The trace is the client's (W3C Trace Context); the
span is this service's own part of it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass

_REQUEST_ID = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


@dataclass(frozen=True)
class Context:
    request_id: str
    trace_id: str
    span_id: str
    flags: str = "00"
    tracestate: str = ""

    @classmethod
    def new(cls) -> Context:
        return cls(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Context:
        fresh = cls.new()
        request_id = headers.get("x-request-id", "")
        trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
        return cls(
            request_id if _REQUEST_ID.fullmatch(request_id) else fresh.request_id,
            trace.group(1) if trace else fresh.trace_id,
            fresh.span_id,
            trace.group(2) if trace else fresh.flags,
            headers.get("tracestate", "") if trace else "",
        )

    def headers(self) -> dict[str, str]:
        """What a call to another service carries."""
        headers = {
            "x-request-id": self.request_id,
            "traceparent": f"00-{self.trace_id}-{self.span_id}-{self.flags}",
        }
        if self.tracestate:
            headers["tracestate"] = self.tracestate
        return headers


current: ContextVar[Context | None] = ContextVar("current", default=None)
