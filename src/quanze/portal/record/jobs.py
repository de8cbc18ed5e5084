"""后台任务：核验记录、导出记录。"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.base.jobs.public import JobContext, job_handler
from quanze.base.sheets.writing import Column, TableSheet, neutralised, write_table
from quanze.base.web.dates import zh_time
from quanze.core.actor import SYSTEM
from quanze.core.errors import InvalidInput
from quanze.portal.record import presenting
from quanze.portal.record.reading import reading_of

VERIFY, EXPORT = "record.verify", "record.export"
PURPOSE = "record.export"
FORMATS = {"xlsx": "Excel 工作簿", "csv": "CSV", "jsonl": "JSON 行"}
_LARGEST_SHEET = 500_000
_PAGE = 1000
_COLUMNS: tuple[tuple[str, float], ...] = (
    ("编号", 10),
    ("发生时间", 20),
    ("行为人", 12),
    ("机构", 24),
    ("岗位", 18),
    ("代谁办理", 14),
    ("动作", 18),
    ("客体种类", 14),
    ("客体编号", 12),
    ("客体", 36),
    ("变更前", 40),
    ("变更后", 40),
    ("变更前摘要", 20),
    ("变更后摘要", 20),
    ("理由", 30),
    ("所据版本", 24),
    ("来源", 10),
    ("来访地址", 16),
    ("请求编号", 18),
)


@job_handler(VERIFY, max_attempts=2)
def verify_record(context: JobContext) -> dict[str, Any]:
    """重算全部封条，结果留存。"""
    total = sum(head.records for head in audit.last_seals())
    began = time.monotonic()
    report = audit.verify(progress=lambda done: context.progress(min(done, total), total, "正在重算封条"))
    milliseconds = round((time.monotonic() - began) * 1000)
    audit.verification_keep(actor=context.actor, report=report, milliseconds=milliseconds, now=context.now())
    return {"is_sound": report.is_sound, "records": report.records}


@job_handler(EXPORT, max_attempts=2)
def export_facts(context: JobContext, *, conditions: dict[str, Any], format: str) -> dict[str, Any]:
    """按条件导出记录。Who may not read the contents gets the digests here as on the page."""
    reading = reading_of(context.actor)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"record.{format}"
        count = [0]

        def rows() -> Iterator[audit.FactView]:
            before = None
            while True:
                page = audit.facts(
                    scope=reading.scope, contents=reading.contents, before=before, limit=_PAGE, **_wanted(conditions)
                )
                yield from page.rows
                count[0] += len(page.rows)
                context.progress(count[0], 0, f"已写 {count[0]:,} 条")
                before = page.next_before
                if before is None:
                    return

        _WRITERS[format](path, rows(), context)
        name = f"记录 {context.now():%Y%m%d-%H%M%S}.{format}"
        stored = files.store_made(
            path=path, kind=format, name=name, body_id=None, actor=SYSTEM, purpose=PURPOSE, now=context.now()
        )
    return {"file_id": stored.id, "rows": count[0], "sha256": stored.sha256}


def _wanted(conditions: dict[str, Any]) -> dict[str, Any]:
    """任务参数里的时刻是文字。"""
    moments = {name: datetime.fromisoformat(conditions[name]) for name in ("since", "until") if conditions.get(name)}
    return {**{name: value for name, value in conditions.items() if name not in ("since", "until")}, **moments}


def _cells(fact: audit.FactView) -> list[str]:
    content = [_json(fact.before), _json(fact.after)]
    return [
        str(fact.id),
        fact.at.isoformat(),
        fact.actor_name,
        fact.actor_body_name,
        fact.actor_post,
        fact.on_behalf_of,
        fact.action_label,
        presenting.kind_label(fact.subject_kind),
        fact.subject_id,
        fact.subject_label,
        *content,
        fact.before_digest,
        fact.after_digest,
        fact.reason,
        _json(fact.versions or None),
        presenting.SOURCES.get(fact.source, fact.source),
        fact.client_address,
        fact.request_id,
    ]


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _write_xlsx(path: Path, rows: Iterator[audit.FactView], context: JobContext) -> None:
    def cells() -> Iterator[list[str]]:
        for ordinal, fact in enumerate(rows):
            if ordinal >= _LARGEST_SHEET:
                raise InvalidInput(
                    f"超过 {_LARGEST_SHEET:,} 条，一个工作簿装不下",
                    hint="请缩小时间范围，或改用 CSV、JSON 行。",
                    code="export_too_large",
                )
            yield _cells(fact)

    sheet = TableSheet(
        name="记录",
        title="记录摘录",
        subtitle=f"导出：{zh_time(context.now())}　{context.actor.name}",
        columns=[Column(header, width) for header, width in _COLUMNS],
        rows=cells(),
    )
    write_table(sheet, path)


def _write_csv(path: Path, rows: Iterator[audit.FactView], context: JobContext) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow([header for header, _ in _COLUMNS])
        for fact in rows:
            writer.writerow([neutralised(cell) for cell in _cells(fact)])


def _write_jsonl(path: Path, rows: Iterator[audit.FactView], context: JobContext) -> None:
    with path.open("w", encoding="utf-8") as target:
        for fact in rows:
            target.write(json.dumps(fact_data(fact), ensure_ascii=False, sort_keys=True) + "\n")


def fact_data(fact: audit.FactView) -> dict[str, Any]:
    """一条记录的 JSON 内容。"""
    data: dict[str, Any] = {name: getattr(fact, name) for name in fact.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in data.items()}


_WRITERS = {"xlsx": _write_xlsx, "csv": _write_csv, "jsonl": _write_jsonl}
