"""One JSON object a line on stdout, with the ids of the call that is being answered.

With more fields: log.info("stored", extra={"fields": {"item": 7}})
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from . import context

log = logging.getLogger("service")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        call = context.current.get()
        if call is not None:
            line.update(request_id=call.request_id, trace_id=call.trace_id, span_id=call.span_id)
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(level: str) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
