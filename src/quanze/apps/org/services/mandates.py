"""三定规定：录入一版（读成条款，与上一版对照）、改判对照、启用、放弃。

A version is read once, from a file or pasted text, and kept with its whole text. Until it is adopted nothing rests on it.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from quanze.apps.org.domain.mandate_clauses import Clause, ClauseKind, mandate_read
from quanze.apps.org.domain.mandate_versions import MANDATE_FLOW, WRITERS, Carried, Change, Piece, carry
from quanze.apps.org.models import Body, DivisionDuty, MandateClause, MandateVersion
from quanze.apps.org.selectors import mandates as selectors
from quanze.base.audit import public as audit
from quanze.base.documents.public import docx_lines
from quanze.base.files import public as files
from quanze.base.sheets.reading import read_workbook
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

audit.register_actions(
    {
        "org.mandate.drafted": "录入三定规定",
        "org.mandate.adopted": "启用三定规定",
        "org.mandate.discarded": "放弃三定规定",
        "org.mandate.parted": "改判三定条款为新增",
    }
)
PURPOSE = "org.mandate"
LONGEST = 300_000  # characters; a mandate has some ten thousand
_TEXT_KINDS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class MandateHead:
    """三定规定的抬头：题名（空则取正文题名）、文号、印发日期、施行日期。"""

    document_number: str
    issued_on: date
    valid_from: date
    title: str = ""


@dataclass(frozen=True, slots=True)
class MandateSource:
    """来源：粘贴的文字，或一个文件（名称与字节）。"""

    text: str = ""
    name: str = ""
    data: bytes = b""


def mandate_text(source: MandateSource) -> str:
    """来源的全文，一段一行：docx、xlsx、xls、txt，或粘贴的文字。Raises InvalidInput."""
    if not source.data:
        return source.text
    suffix = source.name.rpartition(".")[2].lower()
    place = ErrorPlace(file=source.name)
    if suffix == "docx":
        return "\n".join(docx_lines(source.data, file=source.name))
    if suffix in ("xlsx", "xls", "et"):
        book = read_workbook(source.data, name=source.name)
        rows = [row for sheet in book.sheets for row in sheet.rows]
        return "\n".join(filter(None, ("".join(str(cell).strip() for cell in row if cell) for row in rows)))
    if suffix in ("txt", "md"):
        for encoding in _TEXT_KINDS:
            try:
                return source.data.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise InvalidInput(
            f"文件“{source.name}”不是文本文件",
            hint="请在文字处理软件中另存为纯文本（UTF-8）。",
            code="mandate_not_text",
            place=place,
        )
    raise InvalidInput(
        f"文件“{source.name}”读不出文字",
        hint="请用 .docx、.xlsx、.xls 或纯文本；PDF 与扫描件请另存为 Word 后核对再上传。",
        code="mandate_unreadable",
        place=place,
    )


def _require_writer(actor: Actor, body_id: int) -> None:
    if not actor.scope.covers(body_id):
        raise NotFound("没有这个机构", hint="请从列表中选择。")
    if not actor.has(*WRITERS):
        raise NotPermitted("三定规定由编办录入", hint="请编办办理。", code="mandate_by_establishment")


def _ref(row: MandateVersion) -> audit.SubjectRef:
    return audit.SubjectRef("org.mandate", row.pk, f"{row.body.name}三定规定第 {row.number} 版", row.body_id)


@transaction.atomic
def mandate_draft(*, actor: Actor, body_id: int, head: MandateHead, source: MandateSource, now: datetime) -> int:
    """录入一版，读成条款，与现行的一版对照；返回编号。读不通之处随版保存，核对时逐处列出。"""
    _require_writer(actor, body_id)
    body = Body.objects.select_for_update().filter(pk=body_id).first()
    if body is None:
        raise NotFound("没有这个机构", hint="请从列表中选择。")
    if MandateVersion.objects.filter(body=body, state="draft").exists():
        raise WrongState("这个机构已有一版正在核对", hint="请先启用或放弃那一版。", code="mandate_draft_open")
    if not head.document_number.strip():
        raise InvalidInput("没有填写文号", hint="如 青办发〔2026〕5号。", place=ErrorPlace(field="document_number"))
    held = selectors.in_force_row(body_id)
    if held is not None and head.valid_from <= held.valid_from:
        raise RulesNotMet(
            f"施行日期应晚于现行版的 {held.valid_from:%Y-%m-%d}",
            hint="请核对施行日期。",
            code="mandate_not_later",
        )
    text = mandate_text(source).strip()
    if len(text) > LONGEST:
        raise InvalidInput("正文太长", hint=f"至多 {LONGEST:,} 字，请只保留三定规定的正文。", code="mandate_too_large")
    reading = mandate_read(text, file=source.name)
    if not reading.clauses:
        raise RulesNotMet(reading.defects[0].message, hint="请核对正文后重新录入。", defects=list(reading.defects))
    file_id = None
    if source.data and source.name.lower().endswith((".docx", ".xlsx", ".xls")):
        file_id = files.store(
            data=source.data, name=source.name, body_id=actor.body_id, actor=actor, purpose=PURPOSE, now=now
        ).id
    row = MandateVersion.objects.create(
        body=body,
        number=MandateVersion.objects.filter(body=body).count() + 1,
        title=(head.title or reading.title.replace("\n", "") or f"{body.name}三定规定").strip()[:300],
        document_number=head.document_number.strip()[:100],
        issued_on=head.issued_on,
        valid_from=head.valid_from,
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        source_name=source.name[:255],
        file_id=file_id,
        defects=[{"place": str(one.place), "message": one.message} for one in reading.defects],
        created_at=now,
        created_by_name=actor.name,
    )
    _write(row, reading.clauses, held)
    audit.record(
        actor=actor,
        action="org.mandate.drafted",
        subject=_ref(row),
        after={"document_number": row.document_number, "digest": row.digest, "clauses": len(reading.clauses)},
        now=now,
    )
    return row.pk


def _write(row: MandateVersion, clauses: Sequence[Clause], held: MandateVersion | None) -> None:
    """写下各条与各句，承接上一版的身份。"""
    old_clauses = list(held.clauses.all()) if held else []
    old_duties = list(DivisionDuty.objects.filter(clause__version=held)) if held else []
    carried, gone = carry(
        [Piece(one.key, one.part, one.text) for one in old_clauses],
        [Piece("", str(one.kind), one.text) for one in clauses],
    )
    rows = MandateClause.objects.bulk_create(
        [
            MandateClause(
                version=row,
                ordinal=number,
                path=clause.path[:100],
                depth=clause.depth,
                part=str(clause.kind),
                division=clause.division[:64],
                text=clause.text,
                is_duty=clause.kind is ClauseKind.DUTIES and bool(clause.sentences),
                **_identity(origin),
            )
            for number, (clause, origin) in enumerate(zip(clauses, carried, strict=True), start=1)
        ]
    )
    said = [
        (stored, sentence, _division_of(number, clauses))
        for number, (stored, clause) in enumerate(zip(rows, clauses, strict=True))
        if clause.kind is ClauseKind.DIVISIONS
        for sentence in clause.sentences
    ]
    duties, duties_gone = carry(
        [Piece(one.key, one.division, one.text) for one in old_duties],
        [Piece("", division, sentence.text) for _, sentence, division in said],
    )
    DivisionDuty.objects.bulk_create(
        [
            DivisionDuty(
                clause=stored,
                ordinal=number,
                division=division,
                start=sentence.start,
                end=sentence.end,
                text=sentence.text,
                **_identity(origin),
            )
            for number, ((stored, sentence, division), origin) in enumerate(zip(said, duties, strict=True), start=1)
        ]
    )
    kinds = {one.key: one for one in old_clauses}
    row.dropped = [
        {"kind": "clause", "key": one.key, "label": kinds[one.key].path, "text": one.text} for one in gone
    ] + [{"kind": "duty", "key": one.key, "label": one.group, "text": one.text} for one in duties_gone]
    row.save(update_fields=["dropped"])


def _division_of(number: int, clauses: Sequence[Clause]) -> str:
    """这一条说的是哪个内设机构：自己的名称，没有的取上面最近的。"""
    for clause in reversed(clauses[: number + 1]):
        if clause.division:
            return clause.division[:64]
    return ""


def _identity(origin: Carried) -> dict[str, object]:
    return {
        "key": origin.key or uuid.uuid4().hex,
        "change": str(origin.change),
        "similarity": origin.similarity,
        "before": origin.before if origin.change is Change.REWORDED else "",
    }


@transaction.atomic
def mandate_part(*, actor: Actor, version_id: int, seen_version: int, kind: str, key: str, now: datetime) -> None:
    """改判：核对中的一条与上一版的那条不是同一条，作新增；上一版的那条列入没有了的。"""
    row = _locked(actor, version_id, seen_version)
    _require_state(row, "draft")
    clauses = MandateClause.objects.filter(version=row, key=key, change=str(Change.REWORDED))
    duties = DivisionDuty.objects.filter(clause__version=row, key=key, change=str(Change.REWORDED))
    piece = clauses.first() if kind == "clause" else duties.first()
    if piece is None:
        raise WrongState("这一条不是由上一版改写的", hint="请刷新页面。", code="not_reworded")
    label = piece.path if isinstance(piece, MandateClause) else piece.division
    row.dropped = [*row.dropped, {"kind": kind, "key": key, "label": label, "text": piece.before}]
    piece.key, piece.change, piece.similarity, piece.before = uuid.uuid4().hex, str(Change.NEW), 0, ""
    piece.save(update_fields=["key", "change", "similarity", "before"])
    row.lock_version += 1
    row.save(update_fields=["dropped", "lock_version"])
    audit.record(
        actor=actor, action="org.mandate.parted", subject=_ref(row), after={"kind": kind, "text": piece.text}, now=now
    )


@transaction.atomic
def mandate_adopt(*, actor: Actor, version_id: int, seen_version: int, now: datetime) -> None:
    """启用：自施行日期起为准，上一版同日被取代。读不通之处核对过才点，所以不再拦。"""
    row = _locked(actor, version_id, seen_version)
    MANDATE_FLOW.decide(row.state, "adopt", roles=actor.roles)
    held = selectors.in_force_row(row.body_id, lock=True)
    if held is not None:
        if row.valid_from <= held.valid_from:
            raise RulesNotMet(
                "施行日期应晚于现行版", hint="请放弃后按正确的施行日期重新录入。", code="mandate_not_later"
            )
        held.state, held.valid_to = "superseded", row.valid_from
        held.save(update_fields=["state", "valid_to"])
    row.state, row.adopted_at, row.adopted_by_name = "in_force", now, actor.name
    row.lock_version += 1
    row.save(update_fields=["state", "adopted_at", "adopted_by_name", "lock_version"])
    audit.record(
        actor=actor,
        action="org.mandate.adopted",
        subject=_ref(row),
        after={"valid_from": row.valid_from.isoformat(), "dropped": len(row.dropped)},
        now=now,
    )


@transaction.atomic
def mandate_discard(*, actor: Actor, version_id: int, seen_version: int, now: datetime) -> None:
    """放弃核对中的一版；留作记录，不再出现在现行与历史里。"""
    row = _locked(actor, version_id, seen_version)
    MANDATE_FLOW.decide(row.state, "discard", roles=actor.roles)
    row.state = "discarded"
    row.lock_version += 1
    row.save(update_fields=["state", "lock_version"])
    audit.record(actor=actor, action="org.mandate.discarded", subject=_ref(row), now=now)


def _locked(actor: Actor, version_id: int, seen_version: int) -> MandateVersion:
    row = selectors.version_row(version_id=version_id, scope=actor.scope, lock=True, seen_version=seen_version)
    _require_writer(actor, row.body_id)
    return row


def _require_state(row: MandateVersion, state: str) -> None:
    if row.state != state:
        raise WrongState("这一版已不在核对中", hint="请刷新页面。", code="mandate_not_draft")
