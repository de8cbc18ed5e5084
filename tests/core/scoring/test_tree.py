"""指标树与计分：缺数折算、加分上限、任意组合、可入库可复算。"""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.core.errors import InvalidInput, RulesNotMet
from quanze.core.scoring import Reading, indicator_set_from, rescale, score_set, select
from quanze.core.sealing import canonical_json


def leaf(code: str, weight: object, score: dict | None = None, **more: object) -> dict:
    return {
        "code": code,
        "name": f"指标{code}",
        "weight": weight,
        "source": "M",
        "formula": "甲 ÷ 乙",
        "needs": "甲、乙",
        "score": score or {"kind": "proportional"},
        **more,
    }


def pack(**more: object) -> dict:
    return {
        "key": "small",
        "edition": "2026",
        "name": "小指标集",
        "full": 100,
        "places": 2,
        "groups": [
            {"code": "1", "name": "甲组", "weight": 60, "children": [leaf("1.1", 40), leaf("1.2", 20)]},
            {"code": "2", "name": "乙组", "weight": 40, "children": [leaf("2.1", 40)]},
            {
                "code": "3",
                "name": "加分项",
                "role": "bonus",
                "weight": 5,
                "cap": 3,
                "children": [leaf("3.1", 5, {"kind": "bonus_per_case", "per": 1})],
            },
        ],
        **more,
    }


@pytest.mark.req("W-12")
def test_a_hundred_base_points_and_five_bonus_points_with_cap_three_give_103() -> None:
    readings = {code: Reading.ratio(1, 1) for code in ("1.1", "1.2", "2.1")} | {"3.1": Reading.of(5)}
    result = score_set(indicator_set_from(pack()), readings)
    assert result.scaled_base == Decimal("100.00")
    assert result.bonus == Decimal("3.00")
    assert result.total == Decimal("103.00")
    assert "“加分项”合计 5.00 分，按上限计 3 分" in result.notes


def test_missing_data_is_left_out_and_the_rest_is_scaled_up_and_said() -> None:
    readings = {"1.1": Reading.ratio(1, 2), "2.1": Reading.ratio(3, 4), "1.2": Reading.absent("本期没有办件")}
    result = score_set(indicator_set_from(pack()), readings)
    assert (result.base, result.available) == (Decimal("50.00"), Decimal(80))
    assert result.total == Decimal("62.50")
    assert result.notes == (
        "1 项指标没有数据（1.2），不计分也不按零分处理；其余指标满分合计 80 分、得 50.00 分，按 100 分折算为 62.50 分",
    )
    missing = next(x for x in result.leaves() if x.code == "1.2")
    assert missing.points is None
    assert missing.explanation == "没有数据：本期没有办件"


def test_no_data_is_not_zero() -> None:
    indicators = indicator_set_from(pack())
    others = {"1.1": Reading.ratio(1, 1), "2.1": Reading.ratio(1, 1)}
    assert score_set(indicators, others).total == Decimal("100.00")
    assert score_set(indicators, others | {"1.2": Reading.of(0)}).total == Decimal("80.00")


def test_without_any_data_there_is_no_total() -> None:
    result = score_set(indicator_set_from(pack()), {"3.1": Reading.of(2)})
    assert result.total is None
    assert "不能给出总分" in result.notes[0]


def test_a_veto_bounds_the_total_and_says_so() -> None:
    data = pack()
    data["groups"][0]["children"][1] = leaf("1.2", 20, {"kind": "veto", "total_ceiling": 59})
    readings = {"1.1": Reading.ratio(1, 1), "2.1": Reading.ratio(1, 1), "1.2": Reading.of(1)}
    result = score_set(indicator_set_from(data), readings)
    assert result.total == Decimal("59.00")
    assert "触发一票否决，总分以 59 分为限" in result.notes[-1]


def test_three_levels_with_percentages_multiply_down() -> None:
    # given a set in the style of the establishment workbook: each weight is a share of the level above
    data = {
        "key": "three",
        "edition": "2026",
        "name": "三级指标",
        "full": 100,
        "places": 2,
        "weighting": "percent",
        "groups": [
            {
                "code": "1",
                "name": "履职",
                "weight": 25,
                "children": [
                    {"code": "1.1", "name": "原则", "weight": 40, "children": [leaf("1.1.1", 100)]},
                    {"code": "1.2", "name": "主业", "weight": 60, "children": [leaf("1.2.1", 60), leaf("1.2.2", 40)]},
                ],
            },
            {"code": "2", "name": "执行", "weight": 75, "children": [leaf("2.1", 100)]},
        ],
    }
    indicators = indicator_set_from(data)
    assert {i.code: i.weight for i in indicators.indicators()} == {
        "1.1.1": Decimal(10),
        "1.2.1": Decimal(9),
        "1.2.2": Decimal(6),
        "2.1": Decimal(75),
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["groups"][0].update(weight=59), "“甲组”权重 59，下级合计 60"),
        (lambda d: d["groups"].pop(1), "基础指标权重合计 60，应为 100"),
        (lambda d: d["groups"][1]["children"][0].update(code="1.1"), "编码“1.1”重复"),
        (lambda d: d["groups"][2].pop("cap"), "加分组“加分项”没有写明上限"),
    ],
)
def test_a_set_that_does_not_add_up_is_refused(change, message: str) -> None:
    data = pack()
    change(data)
    with pytest.raises(RulesNotMet, match=message):
        indicator_set_from(data)


def test_an_automatic_indicator_must_name_its_metric() -> None:
    data = pack()
    data["groups"][1]["children"][0]["source"] = "A"
    with pytest.raises(InvalidInput, match=r"指标 2.1“指标2.1”是自动取数的指标"):
        indicator_set_from(data)


@pytest.mark.req("W-51")
def test_any_combination_is_accepted_when_it_sums_to_100_and_98_is_refused() -> None:
    source = indicator_set_from(pack())
    chosen = select(source, {"1.2": Decimal(30), "2.1": Decimal(70), "3.1": Decimal(5)}, name="专项")
    assert [(i.code, i.weight) for i in chosen.indicators()] == [("1.2", 30), ("2.1", 70), ("3.1", 5)]
    with pytest.raises(RulesNotMet, match="所选指标权重合计 98 分，应为 100 分，还差 2 分"):
        select(source, {"1.2": Decimal(30), "2.1": Decimal(68)}, name="专项")
    with pytest.raises(RulesNotMet, match="多出 1 分"):
        select(source, {"1.2": Decimal(31), "2.1": Decimal(70)}, name="专项")
    with pytest.raises(InvalidInput, match=r"没有这些编码：9\.9"):
        select(source, {"9.9": Decimal(100)}, name="专项")


@pytest.mark.req("W-51")
@given(st.lists(st.decimals("0.01", 40, places=2), min_size=1, max_size=30))
def test_rescaled_weights_sum_to_exactly_100(weights: list[Decimal]) -> None:
    result = rescale({str(n): w for n, w in enumerate(weights)}, Decimal(100))
    assert sum(result.values()) == 100
    assert all(value >= 0 for value in result.values())


readings = st.one_of(
    st.builds(lambda n, d: Reading.ratio(min(n, d), d), st.integers(0, 50), st.integers(1, 50)),
    st.just(Reading.absent("无")),
)


@given(st.fixed_dictionaries({"1.1": readings, "1.2": readings, "2.1": readings}), st.integers(0, 9))
def test_totals_are_bounded_and_do_not_depend_on_the_order_of_readings(given_readings: dict, bonus: int) -> None:
    indicators = indicator_set_from(pack())
    everything = given_readings | {"3.1": Reading.of(bonus)}
    shuffled = list(everything.items())
    random.Random(7).shuffle(shuffled)
    result = score_set(indicators, everything)
    assert canonical_json(result.as_data()) == canonical_json(score_set(indicators, dict(shuffled)).as_data())
    assert result.total is None or 0 <= result.total <= 103


@given(st.integers(0, 39), readings)
def test_a_better_reading_never_lowers_the_total(n: int, other: Reading) -> None:
    indicators = indicator_set_from(pack())
    worse = score_set(indicators, {"1.1": Reading.ratio(n, 40), "2.1": other})
    better = score_set(indicators, {"1.1": Reading.ratio(n + 1, 40), "2.1": other})
    assert better.total is not None and worse.total is not None
    assert better.total >= worse.total


@pytest.mark.req("W-09", "W-58")
def test_a_stored_reading_scores_the_same_again() -> None:
    indicators = indicator_set_from(pack())
    first = {
        "1.1": Reading.ratio(1, 3),
        "1.2": Reading.of(Decimal("0.123456789")),
        "2.1": Reading.absent("无"),
        "3.1": Reading.tally({"cases": 2}),
    }
    stored = {code: Reading.from_data(reading.as_data()) for code, reading in first.items()}
    assert stored == first
    again = canonical_json(score_set(indicators, stored).as_data())
    assert again == canonical_json(score_set(indicators, first).as_data())
    top = score_set(indicators, first).leaves()[0]
    assert top.formula == "甲 ÷ 乙"
    assert top.formula_version == "small@2026/1.1v1"
    assert top.sentence == "按比例计分：达到 100% 得满分 40 分，其余按比例折算"


@pytest.mark.req("W-13")
def test_the_statement_says_the_numbers_in_words() -> None:
    data = pack()
    data["groups"][1]["children"][0] = leaf("2.1", 40, statement="{denominator} 项中 {numerator} 项已分解到内设机构")
    result = score_set(indicator_set_from(data), {"2.1": Reading.ratio(38, 40)})
    assert result.leaves()[2].explanation == "40 项中 38 项已分解到内设机构，得 38.00/40 分"
