"""随系统提供的指标包与参考页：数目、原文名称、合计，与文档一致。"""

from __future__ import annotations

import pytest

from quanze.apps.evaluation import public as evaluation
from quanze.apps.evaluation.selectors.packs import shipped_packs
from quanze.core.scoring import GroupRole, Reading, score_set
from quanze.core.scoring.functions import BonusPerCase

# As published by the city; compared character by character.
GROUPS = ("清单编制", "公开公示", "动态调整", "应用执行", "监督保障", "加分项")
LITERAL = {
    "1.6": "是否准确分解到本部门(单位)各内设机构",
    "5.2": "是否将权责清单运行情况纳入廉政风险点排查内容",
    "6.1": "是否有创新典型案例",
}


@pytest.fixture(scope="module")
def wuxi():
    return next(indicators for _, indicators in shipped_packs() if indicators.key == "wuxi-6x30")


@pytest.mark.req("W-10")
def test_there_are_six_groups_and_thirty_indicators_and_the_base_adds_to_100(wuxi) -> None:
    assert [len(list(group.indicators())) for group in wuxi.groups] == [6, 5, 5, 8, 4, 2]
    base = [group for group in wuxi.groups if group.role is GroupRole.BASE]
    assert [group.weight for group in base] == [20, 15, 20, 30, 15]
    assert sum(group.weight for group in base) == 100
    assert len({indicator.code for indicator in wuxi.indicators()}) == 30


@pytest.mark.req("W-11", "W-12")
def test_literal_names_are_those_of_the_source(wuxi) -> None:
    assert tuple(group.name for group in wuxi.groups) == GROUPS
    assert {code: wuxi.indicator(code).name for code in LITERAL} == LITERAL
    seeds = [indicator.code for indicator in wuxi.indicators() if indicator.name_origin == "seed"]
    assert seeds == ["1.6", "2.3", "2.4", "3.2", "3.3", "4.5", "5.2", "6.1"]


@pytest.mark.req("W-12")
def test_bonus_of_the_pack_is_capped_per_indicator_and_in_all(wuxi) -> None:
    bonus = wuxi.groups[-1]
    assert (bonus.role, bonus.cap) == (GroupRole.BONUS, 5)
    assert all(isinstance(indicator.function, BonusPerCase) for indicator in bonus.indicators())
    readings = {
        "1.1": Reading.ratio(1, 1),
        "6.1": Reading.tally({"city": 0, "province": 1, "national": 4}),
        "6.2": Reading.of(9),
    }
    result = score_set(wuxi, readings)
    assert {leaf.code: str(leaf.points) for leaf in result.leaves() if leaf.points is not None} == {
        "1.1": "3.00",
        "6.1": "3.00",
        "6.2": "2.00",
    }
    assert str(result.total) == "105.00"


@pytest.mark.req("W-50", "W-58")
def test_every_automatic_indicator_names_a_registered_metric_and_every_one_says_itself(wuxi) -> None:
    metrics = evaluation.all_metrics()
    for indicator in wuxi.indicators():
        assert indicator.formula and indicator.needs and indicator.sentence()
        for key in indicator.metrics().values():
            assert key in metrics, key
            assert (metrics[key].measure is None) == bool(metrics[key].pending)
    used = {key for indicator in wuxi.indicators() for key in indicator.metrics().values()}
    assert used == set(metrics), "a metric that no indicator uses"
    assert wuxi.automatic_share() == (23, 30)


def test_the_reference_page_tells_every_indicator_and_is_stable(wuxi) -> None:
    text = evaluation.indicator_reference()
    assert text == evaluation.indicator_reference()
    for indicator in wuxi.indicators():
        assert f"**{indicator.code} {indicator.name}**" in text
        assert indicator.sentence() in text
    assert "现状：没有数据（尚未接入“双公示”系统的决定与公示记录）" in text
