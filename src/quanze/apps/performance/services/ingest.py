"""报送行权数据：读、对照清单、入库、记录，一次报送一个事务。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org import public as org
from quanze.apps.performance.domain.mappings import FIELD_LABELS, MappingPack
from quanze.apps.performance.models import QuarantinedEvent, QuarantinedFile, RunImport
from quanze.apps.performance.selectors.mappings import STANDARD_MAPPING, mapping_pack
from quanze.apps.performance.services.judging import Judged, judge
from quanze.apps.performance.services.warning import warnings_raise
from quanze.apps.performance.services.workbooks import as_csv
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import NotPermitted
from quanze.core.sealing import content_digest
from quanze.warehouse import public as warehouse

audit.register_action("performance.events.imported", "报送行权数据")

# 谁可以报送：业务口、科室负责人、信息公开岗为本机构，编办为其范围内各机构。
SENDERS = frozenset({"drafter", "division_head", "publisher", "establishment", "system"})
_LISTED_PROBLEMS = 1000
_SAMPLE_ROWS = 20


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """待核实的一组：理由、事项、机构、月份、行数、办件数、文件中的第一行（0 为没有记下）。"""

    reason: str
    item_code: str
    body_code: str
    month: str
    rows: int
    cases: int
    first_row: int = 0


@dataclass(frozen=True, slots=True)
class ImportReport:
    """报送结果。

    rows_read = rows_accepted + rows_duplicate + rows_conflicting + rows_quarantined + rows_rejected + rows_held_back;
    ``rows_held_back`` are good rows of a case that has a rejected row. ``problems`` lists the first thousand rejected
    rows (row, column, code, message, value), ``conflicts`` the rows that contradict what is stored.
    """

    import_id: int
    batch_id: int
    file_name: str
    mapping_code: str
    rows_read: int
    rows_accepted: int
    rows_duplicate: int
    rows_conflicting: int
    rows_quarantined: int
    rows_rejected: int
    rows_held_back: int
    cases: int
    cases_before_list: int
    months: tuple[str, ...]
    problems: tuple[dict[str, Any], ...]
    problem_counts: Mapping[str, int]
    conflicts: tuple[dict[str, Any], ...]
    quarantine: tuple[HeldGroup, ...]
    is_replay: bool = False


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """预览：照此报送会怎样；什么也没有写。``columns`` is (field, its Chinese name, header or fixed value)."""

    file_name: str
    columns: tuple[tuple[str, str, str], ...]
    unused_headers: tuple[str, ...]
    rows_read: int
    rows_usable: int
    rows_rejected: int
    rows_held_back: int
    rows_quarantined: int
    cases: int
    cases_before_list: int
    problems: tuple[dict[str, Any], ...]
    conflicts: tuple[warehouse.Contradiction, ...]
    quarantine: tuple[HeldGroup, ...]
    sample: tuple[dict[str, Any], ...]
    is_known: bool


@dataclass(frozen=True)
class ReadEvents:
    """读好而尚未入库的一份文件，连同它的幂等键。"""

    frame: warehouse.EventFrame
    content: str
    key: str
    source: str
    mapping_code: str
    constants: dict[str, str]


def events_read(
    *,
    actor: Actor,
    path: Path,
    name: str = "",
    mapping_code: str = STANDARD_MAPPING,
    constants: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
    now: datetime,
) -> ReadEvents:
    """读入并逐行检查一个 CSV 文件（可为 .gz）或工作簿，不写任何东西。

    Apart from ``events_store`` because reading a large file takes seconds, in which no transaction should be open: on
    SQLite it would keep everybody else from writing.
    """
    pack, given = _prepared(actor, mapping_code, constants)
    file_name = name or path.name
    with as_csv(path, name=file_name) as rows:
        frame = warehouse.read_csv(rows, _mapping(pack, rows, file_name, given), now=now, file_name=file_name)
    content = content_digest({"file": frame.digest, "mapping": mapping_code, "constants": given})
    return ReadEvents(frame, content, idempotency_key or f"file:{content}", pack.source, mapping_code, given)


@transaction.atomic
def events_store(*, actor: Actor, read: ReadEvents, now: datetime) -> ImportReport:
    """把读好的文件对照清单并入库，恰好一次。"""
    require_sender(actor)
    known = _known_report(read.key, read.content, actor)
    if known is not None:
        return known
    report = frame_import(read, actor=actor, now=now)
    codes = RunImport.objects.values_list("body_codes", flat=True).get(pk=report.import_id)
    body_ids = [body.id for body in org.bodies_by_codes(codes).values()]
    # After the marts, which frame_import has put in line before this.
    transaction.on_commit(lambda: warnings_raise(body_ids=body_ids, now=now), robust=True)
    return report


def events_import(
    *,
    actor: Actor,
    path: Path,
    name: str = "",
    mapping_code: str = STANDARD_MAPPING,
    constants: Mapping[str, str] | None = None,
    idempotency_key: str | None = None,
    now: datetime,
) -> ImportReport:
    """报送一个 CSV 文件，恰好一次：读入，然后在一个事务里入库。

    Without a key the file's digest, the mapping and the constants are the key, so the same file twice is one import.
    """
    read = events_read(
        actor=actor,
        path=path,
        name=name,
        mapping_code=mapping_code,
        constants=constants,
        idempotency_key=idempotency_key,
        now=now,
    )
    return events_store(actor=actor, read=read, now=now)


@transaction.atomic
def events_record(
    *,
    actor: Actor,
    rows: list[warehouse.EventRow],
    source: str,
    idempotency_key: str,
    name: str = "",
    now: datetime,
) -> ImportReport:
    """程序送入一批事件（接口、演示城市），与文件同样对照清单、同样恰好一次。"""
    require_sender(actor)
    content = content_digest([[getattr(r, f) for f in r.__slots__] for r in rows])
    key = f"{source}:{idempotency_key}"
    known = _known_report(key, content, actor)
    if known is not None:
        return known
    frame = warehouse.frame_from_rows(rows, name=name or idempotency_key, digest=content, now=now)
    return frame_import(ReadEvents(frame, content, key, source, STANDARD_MAPPING, {}), actor=actor, now=now)


def events_preview(
    *,
    actor: Actor,
    path: Path,
    name: str = "",
    mapping_code: str = STANDARD_MAPPING,
    constants: Mapping[str, str] | None = None,
    now: datetime,
) -> ImportPreview:
    """报送前的预览：列如何对应、会入库多少、哪些行有问题。Writes nothing."""
    pack, given = _prepared(actor, mapping_code, constants)
    file_name = name or path.name
    with as_csv(path, name=file_name) as rows:
        mapping = _mapping(pack, rows, file_name, given)
        frame = warehouse.read_csv(rows, mapping, now=now, file_name=file_name)
        headers = warehouse.csv_headers(rows, file_name=file_name)
    judged = judge(frame, source=pack.source, actor=actor, on=localdate(now))
    content = content_digest({"file": frame.digest, "mapping": mapping_code, "constants": given})
    return ImportPreview(
        file_name=file_name,
        columns=tuple(
            (f, FIELD_LABELS[f], f"固定为“{given[f]}”" if f in given else mapping.columns[f])
            for f in FIELD_LABELS
            if f in given or f in mapping.columns
        ),
        unused_headers=tuple(h for h in headers if h not in mapping.headers),
        rows_read=frame.rows_read,
        rows_usable=judged.kept.rows,
        rows_rejected=frame.bad_rows,
        rows_held_back=frame.rows_held_back,
        rows_quarantined=judged.held.rows,
        cases=judged.kept.cases,
        cases_before_list=judged.cases_before_list,
        problems=tuple(asdict(p) for p in frame.problems),
        conflicts=warehouse.conflicts_within(judged.kept)[:_LISTED_PROBLEMS],
        quarantine=_groups(judged),
        sample=tuple(judged.kept.sample(_SAMPLE_ROWS)),
        is_known=RunImport.objects.filter(key=f"file:{content}").exists(),
    )


def _prepared(
    actor: Actor, mapping_code: str, constants: Mapping[str, str] | None
) -> tuple[MappingPack, dict[str, str]]:
    require_sender(actor)
    pack = mapping_pack(mapping_code)
    given = {**pack.constants, **{k: v.strip() for k, v in (constants or {}).items() if v and v.strip()}}
    pack.require_constants(given)
    return pack, given


def require_sender(actor: Actor) -> None:
    """有报送职责的岗位。"""
    if not actor.has(*SENDERS):
        raise NotPermitted("报送行权数据须由业务口、科室负责人或编办办理", hint="请由有此职责的同事报送。")


def _mapping(pack: MappingPack, path: Path, file_name: str, given: dict[str, str]) -> warehouse.ColumnMapping:
    headers = warehouse.csv_headers(path, file_name=file_name)
    columns = {f: h for f, h in pack.columns_for(headers).items() if f not in given}
    for name in warehouse.REQUIRED_FIELDS:
        if name not in columns and name not in given and pack.columns.get(name):
            # The reader names the missing header together with those that are there.
            columns[name] = pack.columns[name][0]
    return warehouse.ColumnMapping(
        columns=columns,
        constants=given,
        outcomes=pack.outcomes,
        time_formats=tuple(pack.time_formats),
        time_zone=pack.time_zone,
        closing_column=pack.closing_column if pack.closing_column in headers else "",
        closing_outcome=pack.closing_outcome,
    )


def _known_report(key: str, content: str, actor: Actor) -> ImportReport | None:
    """此键的首次结果。Same key and other content is a conflict; a foreign body's import tells nothing."""
    warehouse.known_batch(key, content)
    row = RunImport.objects.filter(key=key).first()
    if row is None:
        return None
    if row.created_by != actor.user_id and not actor.scope.covers(row.body_id):
        raise NotPermitted("这份数据已由其他机构报送", hint="请与编办核对。", code="foreign_import")
    return report_of(row, is_replay=True)


def frame_import(read: ReadEvents, *, actor: Actor, now: datetime) -> ImportReport:
    """读好的事件对照清单并入库，记下结果。Inside the caller's transaction."""
    frame, content, source = read.frame, read.content, read.source
    judged = judge(frame, source=source, actor=actor, on=localdate(now))
    held, held_known = _new_in_quarantine(judged.held, source)
    held_groups = judged.groups_of(held)
    batch = warehouse.append_events(
        judged.kept.with_digest(content),
        source=source,
        key=read.key,
        actor_name=actor.name,
        now=now,
        rows_quarantined=held.rows,
    )
    row = RunImport(
        key=read.key,
        batch_id=batch.batch_id,
        file_name=frame.file_name[:300],
        digest=content,
        mapping_code=read.mapping_code,
        constants=read.constants,
        source=source,
        body_codes=sorted(judged.body_ids),
        created_by=actor.user_id,
        created_by_name=actor.name,
        body_id=actor.body_id,
        created_at=now,
    )
    row.report = {
        "rows_read": frame.rows_read,
        "rows_accepted": batch.rows_accepted,
        "rows_duplicate": batch.rows_duplicate + held_known,
        "rows_conflicting": batch.rows_conflicting,
        "rows_quarantined": held.rows,
        "rows_rejected": frame.bad_rows,
        "rows_held_back": frame.rows_held_back,
        "cases": judged.kept.cases,
        "cases_before_list": judged.cases_before_list,
        "months": list(batch.months),
        "problems": [asdict(p) for p in frame.problems[:_LISTED_PROBLEMS]],
        "problem_counts": dict(frame.problem_counts or {}),
        "conflicts": [{**asdict(c), "fields": list(c.fields)} for c in batch.conflicts],
        "quarantine": [asdict(g) for g in held_groups],
    }
    row.save()
    if held.rows:
        _quarantine(row, held, held_groups, judged.body_ids, now)
    audit.record(
        actor=actor,
        action="performance.events.imported",
        subject=audit.SubjectRef("performance.import", row.pk, frame.file_name, actor.body_id),
        after={
            "batch": batch.batch_id,
            "digest": content,
            "mapping": read.mapping_code,
            **{k: v for k, v in row.report.items() if k.startswith("rows_")},
        },
        now=now,
    )
    transaction.on_commit(lambda: warehouse.refresh_marts(now=now), robust=True)
    return report_of(row)


def _new_in_quarantine(held: warehouse.EventFrame, source: str) -> tuple[warehouse.EventFrame, int]:
    """已在待核实之列的行不再列一次。"""
    open_files = QuarantinedFile.objects.filter(source=source, is_open=True)
    stored = [warehouse.StoredFrame(f.path, f.digest, f.rows) for f in open_files]
    fresh = warehouse.without_stored(held, stored)
    return fresh, held.rows - fresh.rows


def _quarantine(
    row: RunImport,
    held: warehouse.EventFrame,
    groups: Sequence[warehouse.ExcludedGroup],
    body_ids: Mapping[str, int],
    now: datetime,
) -> None:
    stored = warehouse.store_frame(held, now=now)
    file = QuarantinedFile.objects.create(
        run_import=row, source=row.source, path=stored.path, digest=stored.digest, rows=stored.rows
    )
    QuarantinedEvent.objects.bulk_create(
        QuarantinedEvent(
            file=file,
            reason=g.reason,
            item_code=g.item_code,
            body_code=g.body_code,
            body_id=body_ids.get(g.body_code),
            month=g.month,
            rows=g.rows,
            cases=g.cases,
        )
        for g in groups
    )


def _groups(judged: Judged) -> tuple[HeldGroup, ...]:
    return tuple(
        HeldGroup(g.reason, g.item_code, g.body_code, g.month, g.rows, g.cases, g.first_row) for g in judged.groups
    )


def report_of(row: RunImport, *, is_replay: bool = False) -> ImportReport:
    """由存下的报告还原结果。"""
    report = dict(row.report)
    report["months"] = tuple(report["months"])
    report["problems"] = tuple(report["problems"])
    report["conflicts"] = tuple(report["conflicts"])
    report["quarantine"] = tuple(HeldGroup(**g) for g in report["quarantine"])
    return ImportReport(
        import_id=row.pk,
        batch_id=row.batch_id,
        file_name=row.file_name,
        mapping_code=row.mapping_code,
        is_replay=is_replay,
        **report,
    )
