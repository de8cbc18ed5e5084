"""计分函数：逐个核对分值与句子，并以性质检验单调、有界、与次序无关。"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.core.errors import InvalidInput
from quanze.core.scoring import Reading, ScoreFunction, function_from, rounded

FULL = Decimal(3)


def points(data: dict, reading: Reading, full: Decimal = FULL) -> Decimal:
    return rounded(function_from(data, "试").score(reading, full).points, 2)


@pytest.mark.parametrize(
    ("data", "reading", "expected"),
    [
        ({"kind": "proportional"}, Reading.ratio(38, 40), "2.85"),
        ({"kind": "proportional", "target": "90%"}, Reading.ratio(9, 10), "3.00"),
        ({"kind": "proportional"}, Reading.ratio(50, 40), "3.00"),
        ({"kind": "linear", "zero_at": "30%", "full_at": 0}, Reading.ratio(15, 100), "1.50"),
        ({"kind": "linear", "zero_at": "30%", "full_at": 0}, Reading.ratio(40, 100), "0.00"),
        ({"kind": "linear", "zero_at": 60, "full_at": 90, "unit": "分"}, Reading.of(75), "1.50"),
        ({"kind": "floor", "floor": "80%"}, Reading.ratio(79, 100), "0.00"),
        ({"kind": "floor", "floor": "80%"}, Reading.ratio(80, 100), "2.40"),
        ({"kind": "deduct_per_case", "per": 0.5, "cap": 1}, Reading.of(3), "2.00"),
        ({"kind": "deduct_per_case", "per": 0.5}, Reading.of(9), "0.00"),
        ({"kind": "bonus_per_case", "per": 0.5, "cap": 2}, Reading.of(9), "2.00"),
        ({"kind": "veto"}, Reading.of(0), "3.00"),
        ({"kind": "veto"}, Reading.of(1), "0.00"),
        ({"kind": "manual"}, Reading.of("2.5"), "2.50"),
    ],
)
def test_each_function_gives_the_points_its_sentence_says(data: dict, reading: Reading, expected: str) -> None:
    assert points(data, reading) == Decimal(expected)


BANDED = {
    "kind": "bands",
    "otherwise": 1,
    "bands": [
        {"above": "90%", "below": "100%", "share": 0.8},
        {"above": "80%", "up_to": "90%", "share": 0.5},
        {"up_to": "80%", "share": 0},
    ],
}


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [((80, 100), "0"), ((801, 1000), "50"), ((90, 100), "50"), ((901, 1000), "80"), ((100, 100), "100")],
)
def test_band_ends_are_open_or_closed_as_written(ratio: tuple[int, int], expected: str) -> None:
    assert points(BANDED, Reading.ratio(*ratio), Decimal(100)) == Decimal(expected)


def test_several_kinds_of_case_each_have_their_own_points() -> None:
    data = {
        "kind": "deduct_per_case",
        "cap": 4,
        "cases": [
            {"key": "no_answer", "label": "不响应", "points": 1},
            {"key": "late", "label": "迟响应", "points": 0.3},
            {"key": "idle", "label": "响应不作为", "points": 0.8},
        ],
    }
    reading = Reading.tally({"no_answer": 1, "late": 2})
    outcome = function_from(data, "试").score(reading, Decimal(10))
    assert rounded(outcome.points, 2) == Decimal("8.40")
    assert outcome.text == "不响应 1 件、迟响应 2 件、响应不作为 0 件，共扣 1.6 分"


def test_a_choice_outside_the_listed_grades_is_refused_and_names_the_grades() -> None:
    data = {"kind": "graded_choice", "choices": [{"key": "good", "label": "好", "share": 1}]}
    assert points(data, Reading.chosen("good")) == Decimal(3)
    with pytest.raises(InvalidInput, match="good（好）"):
        points(data, Reading.chosen("best"))


def test_a_manual_score_above_the_full_mark_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 到 3 分之间"):
        points({"kind": "manual"}, Reading.of(4))


BLEND = {
    "kind": "blend",
    "parts": [
        {"key": "a", "label": "分解", "share": "70%", "score": {"kind": "proportional"}},
        {"key": "b", "label": "抽查", "share": "30%", "score": {"kind": "proportional"}},
    ],
}


def test_a_blend_adds_its_parts_by_share() -> None:
    reading = Reading.of_parts({"a": Reading.ratio(38, 40), "b": Reading.ratio(1, 2)})
    assert points(BLEND, reading) == Decimal("2.45")  # 3 × (0.7 × 0.95 + 0.3 × 0.5) = 2.445


def test_a_blend_with_a_part_missing_shares_its_weight_out_and_says_so() -> None:
    reading = Reading.of_parts({"a": Reading.ratio(38, 40), "b": Reading.absent("未抽查")})
    outcome = function_from(BLEND, "试").score(reading, FULL)
    assert rounded(outcome.points, 2) == Decimal("2.85")
    assert "抽查无数据，份额由其余部分按比例分担" in outcome.text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "proportional"}, "按比例计分：达到 100% 得满分 3 分，其余按比例折算"),
        (
            {"kind": "linear", "zero_at": "30%", "full_at": 0},
            "线性计分：0% 得满分 3 分，30% 得 0 分，其间按直线折算",
        ),
        ({"kind": "deduct_per_case", "per": 0.2, "cap": 2}, "扣分制：满分 3 分，问题每件扣 0.2 分，最多扣 2 分"),
        ({"kind": "deduct_per_case", "per": 1}, "扣分制：满分 3 分，问题每件扣 1 分，扣完为止"),
        ({"kind": "floor", "floor": "80%"}, "底线计分：低于 80% 得 0 分；达到 80% 后按比率计分，满分 3 分"),
        (
            {"kind": "veto", "total_ceiling": 60},
            "一票否决：发生 1 起及以上，本项得 0 分，且总分不超过 60 分；未发生得满分 3 分",
        ),
        (
            BANDED,
            "分档计分：90%＜数值＜100% 得 2.4 分；80%＜数值≦90% 得 1.5 分；数值≦80% 得 0 分；其他情形得 3 分",
        ),
    ],
)
def test_each_function_says_itself_in_chinese(data: dict, sentence: str) -> None:
    assert function_from(data, "试").sentence(FULL) == sentence


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"kind": "formula", "text": "__import__('os')"}, "计分方式“formula”不存在"),
        ({"kind": "proportional", "targt": 1}, "不认识的键：targt"),
        ({"kind": "linear", "zero_at": 1, "full_at": 1}, "不能相同"),
        ({"kind": "linear", "zero_at": "x*2", "full_at": 1}, "应当是数，实际为“x\\*2”"),
        ({"kind": "linear", "zero_at": "nan", "full_at": 1}, "必须是有限的数"),
        (
            {"kind": "bands", "otherwise": 0, "bands": [{"from": 0, "up_to": 5, "share": 1}, {"from": 5, "share": 0}]},
            "重叠",
        ),
        ({"kind": "bands", "otherwise": 0, "bands": [{"from": 5, "below": 5, "share": 1}]}, "这一档是空的"),
        ({"kind": "bands", "otherwise": 0, "bands": [{"from": 5, "above": 5, "share": 1}]}, "只能写一个"),
        ({"kind": "bands", "otherwise": 0, "bands": [{"from": 5, "share": 1.2}]}, "应在 0 到 1"),
        ({"kind": "deduct_per_case", "per": -1}, "必须大于零"),
        ({"kind": "bonus_per_case", "per": 1, "cap": 0}, "“cap”必须大于零"),
        ({"kind": "graded_choice", "choices": []}, "至少一行"),
        ({"kind": "blend", "parts": [BLEND["parts"][0]]}, "合计 100%"),
        ({}, "缺少“kind”"),
        ("按比例", "应当是“键: 值”的一组"),
    ],
)
def test_bad_function_data_is_refused_with_its_place(data: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        function_from(data, "指标 1.1 的计分")
    assert "指标 1.1 的计分" in caught.value.message


shares = st.decimals(min_value=0, max_value=1, places=4)
amounts = st.decimals(min_value=-2, max_value=3, places=4)
marks = st.decimals(min_value="0.01", max_value=200, places=2)


@st.composite
def rising(draw: st.DrawFn) -> ScoreFunction:
    """读数越大得分不减的计分函数。"""
    kind = draw(st.sampled_from(["proportional", "linear", "floor", "bonus_per_case"]))
    data: dict[str, object] = {"kind": kind}
    if kind == "proportional":
        data["target"] = draw(st.decimals(min_value="0.01", max_value=1, places=2))
    elif kind == "linear":
        low, high = sorted(draw(st.lists(shares, min_size=2, max_size=2, unique=True)))
        data |= {"zero_at": low, "full_at": high}
    elif kind == "floor":
        data["floor"] = draw(shares)
    else:
        data |= {"per": draw(st.decimals(min_value="0.01", max_value=5, places=2)), "cap": draw(marks)}
    return function_from(data, "试")


@given(rising(), amounts, amounts, marks)
def test_rising_functions_never_give_less_for_more(
    function: ScoreFunction, a: Decimal, b: Decimal, full: Decimal
) -> None:
    low, high = sorted((max(a, Decimal(0)), max(b, Decimal(0))))
    assert function.score(Reading.of(low), full).points <= function.score(Reading.of(high), full).points


@given(st.integers(0, 500), st.integers(0, 500), st.decimals("0.01", 5, places=2), marks)
def test_more_deductible_cases_never_raise_the_score(a: int, b: int, per: Decimal, full: Decimal) -> None:
    function = function_from({"kind": "deduct_per_case", "per": per}, "试")
    few, many = sorted((a, b))
    assert function.score(Reading.of(few), full).points >= function.score(Reading.of(many), full).points


@given(rising(), amounts, marks)
def test_points_stay_between_zero_and_the_full_mark(function: ScoreFunction, amount: Decimal, full: Decimal) -> None:
    assert 0 <= function.score(Reading.of(max(amount, Decimal(0))), full).points <= full


@given(st.permutations(["a", "b", "c"]), st.tuples(*[st.integers(0, 9)] * 3))
def test_the_order_in_which_cases_are_counted_does_not_matter(order: list[str], counts: tuple[int, int, int]) -> None:
    function = function_from(
        {
            "kind": "deduct_per_case",
            "cases": [{"key": k, "label": k, "points": p} for k, p in (("a", "0.3"), ("b", 1), ("c", "0.7"))],
        },
        "试",
    )
    by_key = dict(zip("abc", counts, strict=True))
    shuffled = Reading.tally({key: by_key[key] for key in order})
    assert function.score(shuffled, Decimal(10)) == function.score(Reading.tally(by_key), Decimal(10))


@given(st.integers(0, 200), st.integers(1, 200))
def test_bands_written_rising_are_monotone(n: int, d: int) -> None:
    function = function_from(BANDED, "试")
    first = function.score(Reading.ratio(min(n, d), d), Decimal(100)).points
    second = function.score(Reading.ratio(min(n + 1, d), d), Decimal(100)).points
    assert first <= second


@given(st.fractions(min_value=-5, max_value=5))
def test_rounding_is_half_up_by_magnitude(value: Fraction) -> None:
    result = rounded(value, 2)
    assert abs(Fraction(result) - value) <= Fraction(1, 200)
    assert rounded(-value, 2) == -result
