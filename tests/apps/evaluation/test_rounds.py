"""一轮评估：启动即冻结，取数、评定、计分、排名、审定，可复算，有记录。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.models import EvaluationRound, IndicatorPack, ManualEntry
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db


@pytest.mark.req("W-13")
def test_38_of_40_items_assigned_scores_95_percent_and_lists_the_two_missing(office, county, forty_items) -> None:
    # when the round is computed
    view = office.computed("QH-NY")
    # then the indicator says so in numbers, in words and in rows
    line = office.line(view.id, "1.6")
    assert line.reading.parts["assigned"].numerator == 38
    assert line.reading.parts["assigned"].denominator == 40
    assert line.points == Decimal("28.50")
    assert line.explanation.startswith("40 项中 38 项已分解到内设机构；")
    assert "抽查正确率尚未评定" not in line.explanation
    assert line.evidence["count"] == 2
    assert [row["label"] for row in line.evidence["rows"]] == [
        "对第39种禁用渔具捕捞的处罚",
        "对第40种禁用渔具捕捞的处罚",
    ]
    assert line.formula_version == "wuxi-6x30@2026.r1/1.6v1+catalog.division_assignedv1"


def test_no_data_is_said_with_its_reason_and_left_out(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-LY")
    line = office.line(view.id, "2.3")
    assert line.points is None
    assert line.explanation == "没有数据：尚未接入“双公示”系统的决定与公示记录"
    assert office.line(view.id, "4.6").explanation == "没有数据：评估组尚未评定"
    result = office.result(view.id)
    assert result.score.available == 70
    assert "按 100 分折算为" in result.score.notes[0]
    # a body without items has no total and no rank
    empty = office.result(view.id, "QH-LY")
    assert empty.score.total is None
    assert (empty.rank, empty.ranked) == (None, 1)


@pytest.mark.req("W-09")
def test_a_manual_score_counts_at_once_and_keeps_who_and_why(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    before = office.result(view.id).score
    after = office.enter(view.id, "4.6", numerator="9", denominator="12")
    line = office.line(view.id, "4.6")
    assert line.points == Decimal("15.00")
    assert line.explanation == "抽查 12 项中 9 项合格，得 15.00/20 分"
    assert [(e.actor_name, e.reason) for e in line.entries] == [("评估员", "查阅档案")]
    assert after.digest != view.digest
    assert office.result(view.id).score.available == before.available + 20
    # a second entry replaces the first, which stays readable
    office.enter(view.id, "4.6", numerator="12", denominator="12")
    assert office.line(view.id, "4.6").points == Decimal("20.00")
    assert len(office.line(view.id, "4.6").entries) == 2


def test_a_sampled_part_joins_the_automatic_part(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    office.enter(view.id, "1.6", **{"correct-numerator": "5", "correct-denominator": "10"})
    assert office.line(view.id, "1.6").points == Decimal("24.45")  # 30 × (0.7 × 38/40 + 0.3 × 5/10)


@pytest.mark.req("W-12")
def test_bonus_stands_on_top_and_is_capped(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    base = office.result(view.id).score.total
    office.enter(view.id, "6.1", count_city="1", count_province="1", count_national="2")
    assert office.line(view.id, "6.1").points == Decimal("3.00")
    assert office.result(view.id).score.total == base + 3


@pytest.mark.parametrize(
    ("code", "values", "error", "message"),
    [
        ("1.2", {"numerator": "1", "denominator": "1"}, NotPermitted, "由系统自动取数，不能人工评定"),
        ("4.6", {"numerator": "3", "denominator": "2"}, InvalidInput, "符合数 3 大于总数 2"),
        ("4.6", {"numerator": "", "denominator": "2"}, InvalidInput, "“符合数”没有填写"),
        ("6.1", {"count_city": "-1", "count_province": "0", "count_national": "0"}, InvalidInput, "不能是负数"),
        ("9.9", {}, InvalidInput, "没有编码为“9.9”的指标"),
    ],
)
def test_a_bad_entry_changes_nothing(office, county, forty_items, code, values, error, message) -> None:
    view = office.computed("QH-NY")
    recorded = len(audit.facts(scope=EVERYTHING).rows)
    with pytest.raises(error, match=message):
        office.enter(view.id, code, **values)
    assert not ManualEntry.objects.exists()
    assert evaluation.round_view(view.id, scope=EVERYTHING).digest == view.digest
    assert len(audit.facts(scope=EVERYTHING).rows) == recorded


@pytest.mark.req("W-59")
def test_nobody_scores_the_own_body(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-SF")
    with pytest.raises(NotPermitted, match="不能评定本单位"):
        office.enter(view.id, "4.6", body="QH-SF", numerator="1", denominator="1")
    assert not ManualEntry.objects.exists()


@pytest.mark.req("W-09", "W-58")
def test_computing_again_gives_the_same_bytes(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-LY")
    office.enter(view.id, "4.6", numerator="9", denominator="12")
    first = evaluation.round_verify(view.id, scope=EVERYTHING)
    assert first.is_identical
    again = office.compute(view.id)
    assert evaluation.round_verify(again.id, scope=EVERYTHING).payload == first.payload
    assert again.digest == first.stored


@pytest.mark.req("W-09")
def test_a_concluded_round_does_not_move_when_the_lists_change(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    office.concluded(view.id)
    payload = evaluation.round_verify(view.id, scope=EVERYTHING).payload
    county.publish(county.content("对使用炸鱼方法捕捞的处罚"))
    assert evaluation.round_verify(view.id, scope=EVERYTHING).payload == payload
    with pytest.raises(WrongState, match="当前状态为“已审定”"):
        office.compute(view.id)
    with pytest.raises(WrongState):
        office.enter(view.id, "4.6", numerator="1", denominator="1")


@pytest.mark.req("W-09")
def test_a_changed_stored_result_is_named_by_the_recomputation(office, county, forty_items) -> None:
    view = office.computed("QH-NY", "QH-LY")
    row = EvaluationRound.objects.get(pk=view.id).bodies.get(body_name="青禾县农业农村局")
    row.result["total"] = "99.99"
    row.save(update_fields=["result"])
    found = evaluation.round_verify(view.id, scope=EVERYTHING)
    assert not found.is_identical
    assert found.differing == ("青禾县农业农村局",)


@pytest.mark.req("W-22")
def test_a_new_revision_of_the_pack_leaves_an_open_round_alone(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    pack = IndicatorPack.objects.get()
    changed = {**pack.data, "name": "改过的指标"}
    IndicatorPack.objects.create(
        key=pack.key,
        edition=pack.edition,
        revision=2,
        name="改过的指标",
        data=changed,
        digest="0" * 64,
        installed_at=office.now,
    )
    again = office.compute(view.id)
    assert again.digest == view.digest
    assert again.pack_label.endswith("第 1 次修订）")


@pytest.mark.req("W-10", "W-50")
def test_installing_the_pack_twice_changes_nothing_and_the_automatic_share_is_shown(office) -> None:
    pack = office.pack()
    assert evaluation.packs_install(actor=office.actor, now=office.now) == []
    assert IndicatorPack.objects.count() == 1
    assert (pack.automatic, pack.count) == (23, 30)
    view = office.scheme()
    assert (view.automatic, view.count) == (2, 5)


@pytest.mark.req("W-51")
def test_a_scheme_that_sums_to_98_is_refused_and_nothing_is_stored(office) -> None:
    with pytest.raises(RulesNotMet, match="所选指标权重合计 98 分，应为 100 分，还差 2 分"):
        office.scheme({"1.2": "58", "1.6": "40"})
    assert evaluation.schemes() == []
    seven = {"1.2": "20", "1.3": "20", "1.6": "20", "2.1": "10", "3.5": "10", "4.3": "10", "5.1": "10"}
    assert len(office.scheme(seven).weights) == 7
    office.scheme(seven, name="第二个方案")
    assert [row.name for row in evaluation.schemes()] == ["第二个方案", "2026年度方案"]
    with pytest.raises(Conflict, match="已有名为“2026年度方案”的方案"):
        office.scheme(seven)


def test_a_scheme_in_use_is_not_changed_any_more(office, county) -> None:
    scheme = office.scheme()
    weights = {"1.2": Decimal(50), "1.6": Decimal(50)}
    changed = evaluation.scheme_change(
        actor=office.actor, scheme_id=scheme.id, seen_version=1, name="改名", weights=weights, now=office.now
    )
    assert changed.weights == weights
    with pytest.raises(Conflict, match="已被改动"):
        evaluation.scheme_change(
            actor=office.actor, scheme_id=scheme.id, seen_version=1, name="再改", weights=weights, now=office.now
        )
    office.opened("QH-NY", scheme=changed)
    with pytest.raises(WrongState, match="不能再改"):
        evaluation.scheme_change(
            actor=office.actor, scheme_id=scheme.id, seen_version=2, name="再改", weights=weights, now=office.now
        )


@pytest.mark.req("W-02")
@pytest.mark.parametrize(
    ("part", "label"), [("organisation", "组织实施"), ("result_use", "结果运用"), ("regulation", "所依评估办法")]
)
def test_a_round_without_one_of_its_parts_is_refused_by_name(office, part: str, label: str) -> None:
    with pytest.raises(RulesNotMet, match=f"轮次缺少：{label}"):
        office.round("QH-NY", **{part: " "})
    assert not EvaluationRound.objects.exists()


@pytest.mark.req("W-03")
def test_levels_are_ranked_apart(office, county, forty_items) -> None:
    view = office.computed("QH-HX", "QH-NY", "QH-LY")
    rows = evaluation.body_rows(view.id, scope=EVERYTHING)
    assert [(row.body_name, row.level, row.rank, row.ranked) for row in rows] == [
        ("青禾县农业农村局", "county", 1, 1),
        ("青禾县林业局", "county", None, 1),
        ("禾溪镇人民政府", "town", None, 0),
    ]


def test_a_body_sees_its_own_result_after_computing_and_never_another(office, county, forty_items) -> None:
    own = county.actor("drafter").scope
    view = office.opened("QH-NY", "QH-LY")
    assert evaluation.rounds(scope=own) == []
    office.compute(view.id)
    assert [row.name for row in evaluation.rounds(scope=own)] == ["2026年度评估"]
    assert [row.body_name for row in evaluation.body_rows(view.id, scope=own)] == ["青禾县农业农村局"]
    assert evaluation.body_result(view.id, county.bodies["QH-NY"], scope=own).body_name == "青禾县农业农村局"
    with pytest.raises(NotFound, match="没有该单位"):
        evaluation.body_result(view.id, county.bodies["QH-LY"], scope=own)
    with pytest.raises(NotFound):
        evaluation.round_verify(view.id, scope=own)


def test_only_the_office_opens_computes_and_concludes(office, county) -> None:
    view = office.round("QH-NY")
    drafter = replace(county.actor("drafter"), scope=EVERYTHING)
    with pytest.raises(NotPermitted):
        evaluation.round_open(actor=drafter, round_id=view.id, seen_version=1, now=office.now)
    with pytest.raises(NotPermitted):
        evaluation.round_compute(
            actor=drafter,
            round_id=office.opened("QH-LY", name="另一轮", scheme=evaluation.scheme_view(view.scheme_id)).id,
            now=office.now,
        )
    assert evaluation.round_view(view.id, scope=EVERYTHING).state == "draft"


def test_withdrawing_needs_a_reason_and_is_possible_until_computed(office, county) -> None:
    view = office.opened("QH-NY")
    with pytest.raises(RulesNotMet, match="必须写明理由"):
        evaluation.round_withdraw(
            actor=office.actor, round_id=view.id, seen_version=view.lock_version, reason="", now=office.now
        )
    back = evaluation.round_withdraw(
        actor=office.actor, round_id=view.id, seen_version=view.lock_version, reason="方案有误", now=office.now
    )
    assert back.state == "draft"


def test_the_record_tells_the_round(office, county, forty_items) -> None:
    view = office.computed("QH-NY")
    office.enter(view.id, "4.6", numerator="9", denominator="12")
    office.concluded(view.id)
    told = [row.action for row in reversed(audit.facts(scope=EVERYTHING).rows) if row.action.startswith("evaluation.")]
    assert told == [
        "evaluation.pack.installed",
        "evaluation.scheme.created",
        "evaluation.round.created",
        "evaluation.round.opened",
        "evaluation.round.computed",
        "evaluation.score.entered",
        "evaluation.round.concluded",
    ]


def test_progress_is_reported_per_metric(office, county) -> None:
    view = office.opened("QH-NY")
    seen: list[tuple[int, int, str]] = []
    evaluation.round_compute(
        actor=office.actor, round_id=view.id, now=office.now, progress=lambda *step: seen.append(step)
    )
    assert [step[:2] for step in seen] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert seen[0][2] == "正在取数：分解到内设机构"


def test_a_period_is_said_in_words() -> None:
    from quanze.apps.evaluation.selectors.rounds import period_label

    assert period_label(date(2026, 1, 1), date(2027, 1, 1)) == "2026年度"
    assert period_label(date(2026, 1, 1), date(2026, 7, 1)) == "2026年1月至6月"
    assert period_label(date(2026, 3, 1), date(2026, 4, 1)) == "2026年3月"
    assert period_label(date(2026, 9, 3), date(2026, 11, 3)) == "2026年9月3日至2026年11月2日"


@pytest.mark.req("W-19")
def test_a_round_is_not_approved_while_a_flagged_item_has_no_explanation(
    office, county, forty_items, settings, tmp_path
):
    from datetime import date

    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion
    from quanze.apps.performance import public as performance

    # Every item has been in force for years, and ran often; one only ran once.
    settings.QUANZE_WAREHOUSE_DIR = tmp_path / "warehouse"
    ItemVersion.objects.filter(state="published").update(valid_from=date(2023, 1, 1))
    body_id = county.bodies["QH-NY"]
    codes = [fact.code for fact in catalog.item_facts(on=county.today, body_ids=[body_id])]
    for month in (date(2025, 10, 1), date(2026, 5, 1)):
        performance.month_counts_save(
            actor=county.actor("drafter"),
            body_id=body_id,
            month=month,
            counts={
                code: 1 if code == codes[0] and month.year == 2025 else 0 if code == codes[0] else 4 for code in codes
            },
            now=county.now,
        )
    view = office.computed("QH-NY")
    waiting = evaluation.round_unexplained(view.id, scope=EVERYTHING)
    assert [(body.body_name, body.items) for body in waiting] == [("青禾县农业农村局", 1)]
    before = audit.facts(scope=EVERYTHING).rows[0].id
    with pytest.raises(RulesNotMet, match="1 个参评单位的 1 项特殊情形还没有专项说明"):
        office.concluded(view.id)
    assert evaluation.round_view(view.id, scope=EVERYTHING).state == "computed"
    assert audit.facts(scope=EVERYTHING).rows[0].id == before

    performance.explanations_open(
        actor=county.actor("establishment"), body_ids=[body_id], as_of=view.as_of, now=county.now
    )
    (one,) = performance.explanations(scope=EVERYTHING)
    with pytest.raises(RulesNotMet):
        office.concluded(view.id)
    performance.explanation_decide(
        actor=county.actor("drafter"),
        explanation_id=one.id,
        verb="submit",
        text="本年度没有收到这类线索。",
        seen_version=one.lock_version,
        now=county.now,
    )
    assert office.concluded(view.id).state == "concluded"
