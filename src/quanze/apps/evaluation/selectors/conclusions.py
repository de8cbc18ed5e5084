"""评估结论的读取。A body reads its own conclusion once it is issued; the office reads all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from quanze.apps.evaluation.domain.conclusions import Sentence
from quanze.apps.evaluation.domain.lifecycles import CONCLUSION_FLOW
from quanze.apps.evaluation.models import EvaluationConclusion
from quanze.apps.evaluation.selectors.rounds import body_of_round
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound


@dataclass(frozen=True)
class ConclusionView:
    """评估结论：状态、版次、句子、文号、印发机关与日期、文件编号。"""

    id: int
    round_id: int
    round_name: str
    body_id: int
    body_name: str
    state: str
    version: int
    sentences: tuple[Sentence, ...]
    document_number: str
    issuer: str
    issued_on: date | None
    digest: str
    docx_file_id: int | None
    pdf_file_id: int | None
    updated_at: datetime
    lock_version: int

    @property
    def state_label(self) -> str:
        return CONCLUSION_FLOW.states[self.state]

    @property
    def edited(self) -> int:
        """改动过的句数。"""
        return sum(sentence.is_edited for sentence in self.sentences)

    def sections(self) -> list[tuple[str, list[Sentence]]]:
        """按部分归拢的句子，次序不变。"""
        found: dict[str, list[Sentence]] = {}
        for sentence in self.sentences:
            found.setdefault(sentence.section, []).append(sentence)
        return list(found.items())


def conclusion_view(row: EvaluationConclusion) -> ConclusionView:
    body = row.round_body
    return ConclusionView(
        id=row.pk,
        round_id=body.round_id,
        round_name=body.round.name,
        body_id=body.body_id,
        body_name=body.body_name,
        state=row.state,
        version=row.version,
        sentences=tuple(Sentence.from_data(data) for data in row.sentences),
        document_number=row.document_number,
        issuer=row.issuer,
        issued_on=row.issued_on,
        digest=row.digest,
        docx_file_id=row.docx_file_id,
        pdf_file_id=row.pdf_file_id,
        updated_at=row.updated_at,
        lock_version=row.lock_version,
    )


def conclusion_row(round_id: int, body_id: int, *, scope: Scope) -> EvaluationConclusion | None:
    """结论的行；尚未起草则为空。单位在印发前看不到自己的结论。"""
    body = body_of_round(round_id, body_id, scope=scope)
    row = EvaluationConclusion.objects.filter(round_body=body).select_related("round_body__round").first()
    return row if row is not None and (scope.is_all or row.state == "issued") else None


def conclusion(round_id: int, body_id: int, *, scope: Scope) -> ConclusionView | None:
    """一个单位的评估结论。"""
    row = conclusion_row(round_id, body_id, scope=scope)
    return None if row is None else conclusion_view(row)


def conclusion_for_update(
    round_id: int, body_id: int, *, scope: Scope, seen_version: int | None = None
) -> EvaluationConclusion:
    """锁定结论。"""
    found = conclusion_row(round_id, body_id, scope=scope)
    if found is None:
        raise NotFound("还没有起草这个单位的评估结论", hint="请先起草。")
    row = EvaluationConclusion.objects.select_for_update().get(pk=found.pk)
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("评估结论在您打开之后已被改动", hint="请刷新页面后再办。")
    return row
