"""评估结论：同样的得分写出同样的话，每句指向数据，改动可见，印发成 Word 与 PDF。"""

from __future__ import annotations

import io
from datetime import date

import docx
import pytest

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.services.papers import paper_title
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(office, forty_items) -> evaluation.RoundView:
    view = office.computed("QH-NY", "QH-LY")
    office.enter(view.id, "4.6", numerator="9", denominator="12")
    return view


def draft(office, view) -> evaluation.ConclusionView:
    return evaluation.conclusion_draft(
        actor=office.actor, round_id=view.id, body_id=office.county.bodies["QH-NY"], now=office.now
    )


def issue(office, view, seen: int, number: str = "青编办评〔2026〕3号") -> evaluation.ConclusionView:
    return evaluation.conclusion_issue(
        actor=office.actor,
        round_id=view.id,
        body_id=office.county.bodies["QH-NY"],
        document_number=number,
        issued_on=date(2026, 11, 20),
        seen_version=seen,
        now=office.now,
    )


@pytest.mark.req("W-49")
def test_the_same_scores_give_the_same_sentences_each_tied_to_its_data(office, scored) -> None:
    first, again = draft(office, scored), draft(office, scored)
    assert [s.text for s in first.sentences] == [s.text for s in again.sentences]
    by_key = {sentence.key: sentence for sentence in first.sentences}
    assert by_key["basis"].text == (
        "依据《青禾县权责清单运行监督评估办法》（2025年版）和“2026年度方案”，"
        "对青禾县农业农村局2026年度权责清单运行情况进行了评估。"
    )
    assert by_key["loss-1.6"].sources == ("1.6",)
    assert "40 项中 38 项已分解到内设机构" in by_key["loss-1.6"].text
    assert by_key["advice-1.6"].text == (
        "针对“是否准确分解到本部门(单位)各内设机构”，请核对并改进"
        "“对第39种禁用渔具捕捞的处罚”、“对第40种禁用渔具捕捞的处罚”共 2 项。"
    )
    assert by_key["missing-2.3"].sources == ("2.3",)
    known = {line.code for line in office.result(scored.id).lines} | {"total", "rank", "coverage"}
    assert all(set(sentence.sources) <= known for sentence in first.sentences)
    assert all(sentence.sources for sentence in first.sentences if sentence.key not in ("basis", "advice"))


@pytest.mark.req("W-49")
def test_an_edited_sentence_keeps_the_words_of_the_system(office, scored) -> None:
    view = draft(office, scored)
    changed = evaluation.conclusion_edit(
        actor=office.actor,
        round_id=scored.id,
        body_id=view.body_id,
        texts={"total": "总分见附表。"},
        seen_version=view.lock_version,
        now=office.now,
    )
    total = next(s for s in changed.sentences if s.key == "total")
    assert (total.text, total.is_edited, changed.edited) == ("总分见附表。", True, 1)
    assert total.original.startswith("总分 ")
    with pytest.raises(Conflict):
        evaluation.conclusion_edit(
            actor=office.actor,
            round_id=scored.id,
            body_id=view.body_id,
            texts={"total": "再改"},
            seen_version=view.lock_version,
            now=office.now,
        )
    with pytest.raises(InvalidInput, match="有一句是空的"):
        evaluation.conclusion_edit(
            actor=office.actor,
            round_id=scored.id,
            body_id=view.body_id,
            texts={"total": "  "},
            seen_version=changed.lock_version,
            now=office.now,
        )


def test_a_conclusion_is_issued_only_after_the_round_is_concluded_and_with_a_number(office, scored) -> None:
    view = draft(office, scored)
    with pytest.raises(WrongState, match="尚未审定"):
        issue(office, scored, view.lock_version)
    office.concluded(scored.id)
    with pytest.raises(RulesNotMet, match="印发必须有文号"):
        issue(office, scored, view.lock_version, number=" ")
    drafter = office.county.actor("drafter")
    with pytest.raises(NotPermitted):
        evaluation.conclusion_draft(actor=drafter, round_id=scored.id, body_id=view.body_id, now=office.now)
    assert evaluation.conclusion(scored.id, view.body_id, scope=EVERYTHING).state == "draft"


@pytest.mark.req("W-49")
def test_issuing_stores_word_and_pdf_with_the_sentences_the_table_and_the_charts(office, scored) -> None:
    view = draft(office, scored)
    office.concluded(scored.id)
    issued = issue(office, scored, view.lock_version)
    assert (issued.state, issued.issuer) == ("issued", "中共青禾县委机构编制委员会办公室")
    # the body itself may now open both files
    own = office.county.actor("drafter").scope
    with files.open_file(issued.docx_file_id, scope=own).stream as stream:
        word = docx.Document(io.BytesIO(stream.read()))
    with files.open_file(issued.pdf_file_id, scope=own).stream as stream:
        assert stream.read(5) == b"%PDF-"
    texts = "\n".join(p.text for p in word.paragraphs)
    assert "关于青禾县农业农村局2026年度\n权责清单运行情况的评估结论" in texts
    assert "青编办评〔2026〕3号" in texts
    assert issued.digest[:16] in texts
    for sentence in issued.sentences:
        assert sentence.text in texts
    codes = [row.cells[0].text for row in word.tables[0].rows]
    assert codes == ["编码", "1.2", "1.6", "2.3", "4.6", "6.1"]
    assert len(word.inline_shapes) == 3  # share per group, by type, by division; no run data, no run charts
    assert "按月办件量：评估期间没有行权数据。" in texts
    assert evaluation.conclusion(scored.id, view.body_id, scope=own).document_number == "青编办评〔2026〕3号"
    told = audit.history_of("evaluation.conclusion", issued.id, scope=EVERYTHING)
    assert [row.action for row in told] == ["evaluation.conclusion.drafted", "evaluation.conclusion.issued"]


def test_a_body_does_not_see_a_conclusion_before_it_is_issued(office, scored) -> None:
    view = draft(office, scored)
    own = office.county.actor("drafter").scope
    assert evaluation.conclusion(scored.id, view.body_id, scope=own) is None


def test_an_issued_conclusion_is_corrected_as_a_new_edition_with_a_reason(office, scored) -> None:
    view = draft(office, scored)
    office.concluded(scored.id)
    issued = issue(office, scored, view.lock_version)
    given = {
        "actor": office.actor,
        "round_id": scored.id,
        "body_id": view.body_id,
        "seen_version": issued.lock_version,
        "now": office.now,
    }
    with pytest.raises(WrongState):
        evaluation.conclusion_edit(texts={"total": "改"}, **given)
    with pytest.raises(RulesNotMet, match="必须写明理由"):
        evaluation.conclusion_correct(reason="", **given)
    again = evaluation.conclusion_correct(reason="名称有误", **given)
    assert (again.state, again.version) == ("draft", 2)
    second = issue(office, scored, again.lock_version, number="青编办评〔2026〕4号")
    assert second.docx_file_id != issued.docx_file_id
    assert files.file_is_intact(issued.docx_file_id, scope=EVERYTHING)


@pytest.mark.parametrize(
    ("body", "period", "lines"),
    [
        ("云泽市农业农村局", "2026年1月至6月", ["关于云泽市农业农村局2026年1月至6月", "权责清单运行情况的评估结论"]),
        (
            "青禾县人民政府北苑街道办事处",
            "2026年1月至6月",
            ["关于青禾县人民政府北苑街道办事处", "2026年1月至6月权责清单", "运行情况的评估结论"],
        ),
    ],
)
def test_the_title_is_divided_by_meaning(body: str, period: str, lines: list[str]) -> None:
    assert paper_title(body, period).split("\n") == lines
