"""收集一件事的归档内容：公布了的送审件、已出结论的评估轮次。"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.evaluation import public as evaluation
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.documents.public import Document, render_docx, render_pdf
from quanze.base.files import public as files
from quanze.base.sheets.writing import Column, TableSheet, write_table
from quanze.base.web.dates import iso_date, iso_time, zh_date
from quanze.core.actor import EVERYTHING, Actor
from quanze.core.errors import NotFound, WrongState
from quanze.portal.archive.package import Entry, Matter, opinion_paper, record_paper
from quanze.portal.record import presenting
from quanze.portal.record.jobs import fact_data

MADE = "record.archive.made"
audit.register_action(MADE, "归档")
KIND_LABELS = {"submission": "送审件", "evaluation": "评估轮次"}
_SUBJECTS = {"submission": "catalog.submission", "evaluation": "evaluation.round"}


def matter(kind: str, id: int, *, actor: Actor) -> Matter:
    """某件事的归档内容；看不见的答为没有，没有办结的不能归档。"""
    return _collector(kind)(id, actor)


def require_visible(kind: str, id: int, *, actor: Actor) -> tuple[str, bool]:
    """题名与是否已办结；看不见的答为没有。"""
    if kind == "submission":
        view = catalog.submission_view(submission_id=id, actor=actor)
        return view.row.title, view.edition_id is not None
    _collector(kind)
    shown = evaluation.round_view(id, scope=actor.scope)
    return shown.name, shown.concluded_at is not None


def subject_of(kind: str, id: int, title: str, body_id: int | None) -> audit.SubjectRef:
    """记录里的客体。"""
    return audit.SubjectRef(_SUBJECTS[kind], id, title, body_id)


def subject_kind(kind: str) -> str:
    """记录里的客体种类。"""
    return _SUBJECTS[kind]


def _collector(kind: str) -> Callable[[int, Actor], Matter]:
    collectors = {"submission": _submission, "evaluation": _round}
    if kind not in collectors:
        raise NotFound("没有这种归档", hint="请从送审件或评估轮次进入。")
    return collectors[kind]


def _submission(id: int, actor: Actor) -> Matter:
    view = catalog.submission_view(submission_id=id, actor=actor)
    if view.edition_id is None or view.case is None:
        raise WrongState("送审件还没有印发公布，不能归档", hint="印发公布后再归档。")
    edition = catalog.edition(view.edition_id)
    title = f"{view.row.body_name}权责清单第 {edition.number} 版"
    entries = [
        Entry(f"01 清单/{title}.xlsx", "公布的清单", _list_workbook(view, edition)),
        *_papers("02 审签单/审签单", "审签单", _opinions(view, edition)),
        *_scans(view.case),
        *_record(
            [("catalog.submission", id)],
            title=view.row.title,
            until=view.row.closed_at or edition.published_at,
        ),
    ]
    return Matter(
        kind="submission",
        id=id,
        title=view.row.title,
        body_id=view.row.body_id,
        body_name=view.row.body_name,
        closed_on=timezone.localdate(edition.published_at),
        facts=(
            (
                "公布",
                f"{edition.document_number}，{zh_date(edition.issued_on)}印发，{zh_date(edition.valid_from)}起施行",
            ),
            ("审查程序", view.row.procedure),
            ("版次摘要", f"{edition.digest_algorithm} {edition.digest}"),
        ),
        entries=tuple(entries),
    )


def _list_workbook(view: catalog.SubmissionView, edition: catalog.EditionView) -> bytes:
    contents = catalog.list_contents(
        list_id=edition.list_id, on=edition.valid_from, known_at=edition.published_at, with_withheld=True
    )
    sheet = catalog.list_sheet(
        contents,
        title=f"{view.row.body_name}权责清单",
        subtitle=f"{edition.document_number}　{zh_date(edition.issued_on)}公布　{zh_date(edition.valid_from)}起施行",
        notes=(f"第 {edition.number} 版", f"摘要（{edition.digest_algorithm}）：{edition.digest}"),
        type_labels={one.code: one.label for one in catalog.power_types().types},
    )
    return write_table(sheet, created=edition.published_at)


def _opinions(view: catalog.SubmissionView, edition: catalog.EditionView) -> Document:
    assert view.case is not None
    steps = []
    for step in view.case.steps:
        signed = f"{step.paper_signed_by} 纸质签批，{step.decided_by_name} 登记" if step.is_from_paper else ""
        people = signed or " ".join(part for part in (step.decided_by_name, step.decided_by_post) if part)
        details = "；".join(f"{key}：{value}" for key, value in _named(view.case, step))
        opinion = "；".join(part for part in (step.state_label, details, step.opinion) if part)
        steps.append(
            [
                step.label,
                f"{people}（{step.assignee_body_name}）",
                iso_date(timezone.localdate(step.decided_at)) if step.decided_at else "",
                opinion,
            ]
        )
    items = []
    for number, entry in enumerate(view.entries, start=1):
        said = [
            f"{label}：{'退回' if opinion.verdict == 'return' else '同意'} {opinion.opinion}".strip()
            for label, _, opinion, _ in entry.opinions
        ]
        items.append([str(number), entry.name, entry.action_label, "\n".join(said)])
    return opinion_paper(view.row.title, view.row.body_name, timezone.localdate(edition.published_at), steps, items)


def _named(case: workflow.CaseView, step: workflow.StepView) -> list[tuple[str, str]]:
    labels = case.procedure.steps[step.ordinal].requires
    return [(labels.get(key, key), value) for key, value in step.details.items() if value]


def _scans(case: workflow.CaseView) -> list[Entry]:
    """纸质签批的扫描件，原样收入。"""
    found = []
    for number, step in enumerate(case.steps, start=1):
        if step.paper_file_id is not None:
            opened = files.open_file(step.paper_file_id, scope=EVERYTHING)
            with opened.stream as stream:
                content = stream.read()
            name = f"03 签批扫描件/{number:02} {step.label} {opened.view.name}"
            found.append(Entry(name, f"{step.label}签批扫描件", content))
    return found


def _round(id: int, actor: Actor) -> Matter:
    view = evaluation.round_view(id, scope=actor.scope)
    if view.concluded_at is None:
        raise WrongState("评估轮次还没有出结论，不能归档", hint="确认结论并印发后再归档。")
    if not actor.scope.is_all:
        raise NotFound("没有这个评估轮次", hint="整轮评估的归档由组织评估的机构办理。")
    bodies = evaluation.body_rows(view.id, scope=EVERYTHING)
    entries = [Entry("01 结果/得分汇总.xlsx", "得分汇总", _scores(view, bodies))]
    subjects: list[tuple[str, int]] = [("evaluation.round", id)]
    for row in bodies:
        conclusion = evaluation.conclusion(id, row.body_id, scope=EVERYTHING)
        if conclusion is None:
            continue
        subjects.append(("evaluation.conclusion", conclusion.id))
        for suffix, file_id in (("docx", conclusion.docx_file_id), ("pdf", conclusion.pdf_file_id)):
            if file_id is not None:
                opened = files.open_file(file_id, scope=EVERYTHING)
                with opened.stream as stream:
                    content = stream.read()
                label = f"{row.body_name}评估结论"
                entries.append(Entry(f"02 结论/{label}.{suffix}", label, content))
    entries += _record(subjects, title=view.name, until=None)
    return Matter(
        kind="evaluation",
        id=id,
        title=view.name,
        body_id=actor.body_id,
        body_name=view.organisation,
        closed_on=timezone.localdate(view.concluded_at),
        facts=(
            ("评估期间", f"{iso_date(view.period_start)} 至 {iso_date(view.period_end)}"),
            ("结果摘要", view.digest),
        ),
        entries=tuple(entries),
    )


def _scores(view: evaluation.RoundView, bodies: Sequence[evaluation.BodyRow]) -> bytes:
    rows = [[row.rank or "", row.body_name, row.level, row.total, row.with_data] for row in bodies]
    sheet = TableSheet(
        name="得分汇总",
        title=f"{view.name}得分汇总",
        subtitle=f"结果摘要：{view.digest}",
        columns=[
            Column("名次", 8, "number"),
            Column("机构", 32),
            Column("等次", 12),
            Column("总分", 10, "number"),
            Column("有数据指标", 12, "number"),
        ],
        rows=rows,
    )
    return write_table(sheet, created=view.concluded_at)


def _record(subjects: Iterable[tuple[str, int]], *, title: str, until: datetime | None) -> list[Entry]:
    """记录摘录：JSON 行与读本。The packing itself is left out, or the second package would differ from the first."""
    facts = [
        fact
        for kind, id in subjects
        for fact in audit.history_of(kind, id, scope=EVERYTHING, limit=100_000)
        if fact.action != MADE and (until is None or fact.at <= until)
    ]
    facts.sort(key=lambda fact: fact.id)
    lines = "".join(json.dumps(fact_data(fact), ensure_ascii=False, sort_keys=True) + "\n" for fact in facts)
    rows = [
        [str(fact.id), iso_time(fact.at), fact.action_label, presenting.who(fact), fact.subject_label, fact.reason]
        for fact in facts
    ]
    dated = timezone.localdate(max((fact.at for fact in facts), default=timezone.now()))
    return [
        Entry("04 记录/记录摘录.jsonl", "记录摘录（数据）", lines.encode()),
        *_papers("04 记录/记录摘录", "记录摘录（读本）", record_paper(title, dated, rows)),
    ]


def _papers(path: str, title: str, document: Document) -> list[Entry]:
    return [Entry(f"{path}.docx", title, render_docx(document)), Entry(f"{path}.pdf", title, render_pdf(document))]
