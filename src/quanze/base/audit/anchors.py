"""锚：把最新封条写到数据库之外的文件，只追加，并在公示页公布。

Whoever rewrites the database from some row on can recompute every later seal, but not the lines that were already
printed, copied or published. Each line also carries the digest of the line before.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Sum

from quanze.base.audit.logs import LOGS
from quanze.base.audit.models import Seal
from quanze.core.sealing import GENESIS, canonical_json, digest

_FILE_NAME = "anchors.jsonl"


@dataclass(frozen=True, slots=True)
class AnchorHead:
    """一本日志在下锚时的最新封条。"""

    log: str
    number: int
    to_id: int
    records: int
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class AnchorView:
    """一次下锚。"""

    at: datetime
    heads: tuple[AnchorHead, ...]
    previous: str


class AnchorFileError(Exception):
    """锚文件读不懂或前后不连。"""


def anchor_path() -> Path:
    """锚文件的位置。"""
    return Path(settings.QUANZE_ANCHOR_DIR) / _FILE_NAME


def anchor_files() -> Iterator[str]:
    """锚目录里的文件，相对路径；供备份。What a restore set aside is not taken along again."""
    root = anchor_path().parent
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_file() and ".before-restore-" not in path.name:
            yield path.relative_to(root).as_posix()


def anchor(now: datetime) -> AnchorView | None:
    """下锚；还没有封条时不写，返回 None。"""
    heads = tuple(_heads())
    if not heads:
        return None
    path = anchor_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as target:
        fcntl.flock(target, fcntl.LOCK_EX)
        lines = _lines(path)
        # A power cut may have left half a line, which nobody was told of.
        target.truncate(sum(len(line) + 1 for line in lines))
        view = AnchorView(now, heads, digest(lines[-1]) if lines else GENESIS)
        target.write(_line(view))
        target.flush()
        os.fsync(target.fileno())
    return view


def anchors(path: Path | None = None) -> list[AnchorView]:
    """全部锚，旧的在前；文件读不懂或前后不连时报 AnchorFileError。"""
    previous, found = GENESIS, []
    for ordinal, line in enumerate(_lines(path or anchor_path()), start=1):
        try:
            view = _view(json.loads(line))
        except (ValueError, KeyError, TypeError) as problem:
            raise AnchorFileError(f"锚文件第 {ordinal} 行读不懂") from problem
        if view.previous != previous:
            raise AnchorFileError(f"锚文件第 {ordinal} 行与前一行不连")
        previous = digest(line)
        found.append(view)
    return found


def last_anchor() -> AnchorView | None:
    """最近一次下锚，供公示页显示。"""
    lines = _lines(anchor_path())
    return _view(json.loads(lines[-1])) if lines else None


def _heads() -> Iterator[AnchorHead]:
    for log in LOGS:
        seals = Seal.objects.filter(log=log.name)
        last = seals.order_by("-number").first()
        if last is not None:
            records = seals.filter(number__lte=last.number).aggregate(total=Sum("count"))["total"]
            yield AnchorHead(log.name, last.number, last.to_id, records, last.algorithm, last.value)


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def _line(view: AnchorView) -> bytes:
    heads = [{name: getattr(head, name) for name in AnchorHead.__slots__} for head in view.heads]
    return canonical_json({"at": view.at, "previous": view.previous, "heads": heads}) + b"\n"


def _view(content: dict[str, Any]) -> AnchorView:
    heads = tuple(AnchorHead(**head) for head in content["heads"])
    return AnchorView(datetime.fromisoformat(content["at"]), heads, content["previous"])
