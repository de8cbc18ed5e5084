"""评估结论：起草、修改、印发（Word 与 PDF）、勘误。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from quanze.apps.evaluation.domain.conclusions import ConclusionFacts, Sentence, sentences_of
from quanze.apps.evaluation.domain.lifecycles import CONCLUSION_FLOW
from quanze.apps.evaluation.domain.ranking import average
from quanze.apps.evaluation.models import EvaluationConclusion, RoundBody
from quanze.apps.evaluation.selectors.conclusions import (
    ConclusionView,
    conclusion_for_update,
    conclusion_row,
    conclusion_view,
)
from quanze.apps.evaluation.selectors.results import BodyResult, body_result
from quanze.apps.evaluation.selectors.rounds import body_of_round
from quanze.apps.evaluation.services.papers import conclusion_paper
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.documents import public as documents
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, RulesNotMet, WrongState

FILE_PURPOSE = "evaluation_conclusion"


@transaction.atomic
def conclusion_draft(*, actor: Actor, round_id: int, body_id: int, now: datetime) -> ConclusionView:
    """按得分起草结论；已起草的重新起草，人工改过的句子一并换回系统文字。"""
    body = body_of_round(round_id, body_id, scope=actor.scope)
    row = conclusion_row(round_id, body_id, scope=actor.scope)
    state = row.state if row else CONCLUSION_FLOW.initial
    CONCLUSION_FLOW.decide(state, "redraft", roles=actor.roles)
    sentences = [s.as_data() for s in sentences_of(_facts(body_result(round_id, body_id, scope=actor.scope)))]
    before = None
    if row is None:
        row = EvaluationConclusion.objects.create(round_body=body, sentences=sentences, updated_at=now)
    else:
        before = _texts(row)
        row = conclusion_for_update(round_id, body_id, scope=actor.scope)
        row.sentences = sentences
        _save(row, now, "sentences")
    _record(actor, "evaluation.conclusion.drafted", row, before, _texts(row), "", now)
    return conclusion_view(row)


@transaction.atomic
def conclusion_edit(
    *, actor: Actor, round_id: int, body_id: int, texts: Mapping[str, str], seen_version: int, now: datetime
) -> ConclusionView:
    """印发前修改句子。``texts`` 为句子的键与新文字；系统原文照留，改动处可见。"""
    row = conclusion_for_update(round_id, body_id, scope=actor.scope, seen_version=seen_version)
    CONCLUSION_FLOW.decide(row.state, "edit", roles=actor.roles)
    before = _texts(row)
    unknown = sorted(set(texts) - set(before))
    if unknown:
        raise InvalidInput(f"结论中没有这些句子：{'、'.join(unknown)}", hint="请刷新页面后再改。")
    sentences = [Sentence.from_data(data) for data in row.sentences]
    changed = []
    for sentence in sentences:
        text = " ".join(texts.get(sentence.key, sentence.text).split())
        if not text:
            raise InvalidInput(
                f"“{sentence.section}”中有一句是空的", hint="每句都要有文字；不需要的内容请改写而不是清空。"
            )
        changed.append(replace(sentence, text=text).as_data())
    row.sentences = changed
    _save(row, now, "sentences")
    after = {key: text for key, text in _texts(row).items() if before[key] != text}
    _record(actor, "evaluation.conclusion.edited", row, {key: before[key] for key in after}, after, "", now)
    return conclusion_view(row)


@transaction.atomic
def conclusion_issue(
    *,
    actor: Actor,
    round_id: int,
    body_id: int,
    document_number: str,
    issued_on: date,
    seen_version: int,
    now: datetime,
) -> ConclusionView:
    """印发结论：编文号，生成并收存 Word 与 PDF。轮次须已审定。"""
    row = conclusion_for_update(round_id, body_id, scope=actor.scope, seen_version=seen_version)
    step = CONCLUSION_FLOW.decide(row.state, "issue", roles=actor.roles)
    if row.round_body.round.state != "concluded":
        raise WrongState("本轮评估尚未审定，结论不能印发", hint="请先审定评估轮次。")
    if not document_number.strip():
        raise RulesNotMet("印发必须有文号", hint="例如“×编办评〔2026〕3号”。", code="document_number_required")
    row.state, row.document_number = step.target, document_number.strip()
    row.issuer, row.issued_on = actor.body_name, issued_on
    result = body_result(round_id, body_id, scope=actor.scope)
    paper = conclusion_paper(conclusion_view(row), result)
    row.digest = paper.digest()
    name = f"{row.round_body.body_name}评估结论（第{row.version}版）"
    row.docx_file_id = _store(documents.render_docx(paper), f"{name}.docx", row, actor, now)
    row.pdf_file_id = _store(documents.render_pdf(paper), f"{name}.pdf", row, actor, now)
    _save(row, now, "state", "document_number", "issuer", "issued_on", "digest", "docx_file_id", "pdf_file_id")
    after = {"document_number": row.document_number, "issued_on": issued_on, "digest": row.digest}
    edited = sum(Sentence.from_data(data).is_edited for data in row.sentences)
    _record(actor, "evaluation.conclusion.issued", row, None, {**after, "edited_sentences": edited}, "", now)
    return conclusion_view(row)


@transaction.atomic
def conclusion_correct(
    *, actor: Actor, round_id: int, body_id: int, reason: str, seen_version: int, now: datetime
) -> ConclusionView:
    """勘误：已印发的结论写明理由后开出新的一版，原版文件照留。"""
    row = conclusion_for_update(round_id, body_id, scope=actor.scope, seen_version=seen_version)
    step = CONCLUSION_FLOW.decide(row.state, "correct", roles=actor.roles, reason=reason)
    before = {"version": row.version, "document_number": row.document_number, "digest": row.digest}
    row.state, row.version = step.target, row.version + 1
    _save(row, now, "state", "version")
    _record(actor, "evaluation.conclusion.corrected", row, before, {"version": row.version}, reason, now)
    return conclusion_view(row)


def _facts(result: BodyResult) -> ConclusionFacts:
    if result.score is None:
        raise WrongState("本轮尚未计分，不能起草结论", hint="请先办理系统计分。")
    peers = RoundBody.objects.filter(round_id=result.round.id, level=result.level)
    totals = [row.total for row in peers]
    rows = {line.code: line.evidence.get("rows", ()) for line in result.lines}
    return ConclusionFacts(
        body_name=result.body_name,
        period=result.round.period_label,
        scheme=result.round.scheme_name,
        regulation=result.round.regulation,
        score=result.score,
        level=org.REGION_LEVEL_LABELS[org.RegionLevel(result.level)],
        rank=result.rank,
        ranked=result.ranked,
        peer_average=average(totals),
        automatic=result.round.automatic,
        indicators=result.round.indicator_count,
        shortfalls={code: [row["label"] for row in found] for code, found in rows.items()},
        shortfall_counts={line.code: line.evidence.get("count", 0) for line in result.lines},
    )


def _texts(row: EvaluationConclusion) -> dict[str, str]:
    return {data["key"]: data["text"] for data in row.sentences}


def _save(row: EvaluationConclusion, now: datetime, *fields: str) -> None:
    row.updated_at = now
    row.lock_version += 1
    row.save(update_fields=[*fields, "updated_at", "lock_version"])


def _store(payload: bytes, name: str, row: EvaluationConclusion, actor: Actor, now: datetime) -> int:
    body_id = row.round_body.body_id
    stored = files.store(data=payload, name=name, body_id=body_id, actor=actor, purpose=FILE_PURPOSE, now=now)
    return stored.id


def _record(
    actor: Actor,
    action: str,
    row: EvaluationConclusion,
    before: object,
    after: object,
    reason: str,
    now: datetime,
) -> None:
    body = row.round_body
    subject = audit.SubjectRef("evaluation.conclusion", row.pk, f"{body.body_name}评估结论", body.body_id)
    audit.record(actor=actor, action=action, subject=subject, before=before, after=after, reason=reason, now=now)
