"""日志：一行一个 JSON，不含个人信息。

The text of an exception may quote what somebody typed (a unique constraint names the value), therefore only its class
and the places it passed are written.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path

from quanze.core.door import current_door

# What a caller may add with ``extra``; nothing else of a record is written.
EXTRA = ("route", "method", "status", "ms")


class JsonFormatter(logging.Formatter):
    """日志记录 → 一行 JSON。"""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        request_id = getattr(record, "request_id", "") or current_door().request_id
        if request_id:
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, frames = record.exc_info
            line["error"] = kind.__name__
            line["stack"] = [
                f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(frames)
            ]
        return json.dumps(line, ensure_ascii=False)


class WithoutRequests(logging.Filter):
    """不要 django.request 的逐请求告警：它带着地址，而每个请求已有自己的一行；真正的出错（有异常）照留。"""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is not None
