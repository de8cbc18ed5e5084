"""评估的纯规则：状态机每一格、填报栏、读数合成、排名。"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.apps.evaluation.domain.conclusions import Sentence
from quanze.apps.evaluation.domain.entries import entry_fields, merged_reading, reading_of_entry
from quanze.apps.evaluation.domain.lifecycles import CONCLUSION_FLOW, ROUND_FLOW
from quanze.apps.evaluation.domain.ranking import average, standings
from quanze.core.errors import InvalidInput, NotPermitted, RulesNotMet, WrongState
from quanze.core.scoring import Indicator, Reading, SourceKind, function_from

ROLES = ("establishment", "assessor", "third_party_assessor", "drafter", "head")


@pytest.mark.parametrize("flow", [ROUND_FLOW, CONCLUSION_FLOW], ids=lambda flow: flow.name)
def test_every_cell_of_the_lifecycle_allows_or_refuses(flow) -> None:
    table = {(t.source, t.verb): t for t in flow.transitions}
    verbs = {t.verb for t in flow.transitions}
    for state in flow.states:
        for verb in verbs:
            for role in ROLES:
                row = table.get((state, verb))
                if row is None:
                    with pytest.raises(WrongState):
                        flow.decide(state, verb, roles=[role], reason="理由")
                elif role not in row.roles:
                    with pytest.raises(NotPermitted):
                        flow.decide(state, verb, roles=[role], reason="理由")
                else:
                    assert flow.decide(state, verb, roles=[role], reason="理由").target == row.target
                    if row.reason_required:
                        with pytest.raises(RulesNotMet):
                            flow.decide(state, verb, roles=[role])


def indicator(score: dict, sources: str = "M") -> Indicator:
    kinds = tuple(SourceKind(letter) for letter in sources)
    return Indicator(
        "9", "试", Decimal(10), kinds, function_from(score, "试"), "甲", "乙", "m" if "A" in sources else ""
    )


@pytest.mark.parametrize(
    ("score", "names", "values", "reading"),
    [
        (
            {"kind": "proportional"},
            ["numerator", "denominator"],
            {"numerator": "3", "denominator": "4"},
            Reading.ratio(3, 4),
        ),
        ({"kind": "linear", "zero_at": 0, "full_at": 90, "unit": "分"}, ["value"], {"value": "45"}, Reading.of(45)),
        ({"kind": "manual"}, ["value"], {"value": "7.5"}, Reading.of("7.5")),
        ({"kind": "veto"}, ["value"], {"value": "0"}, Reading.of(0)),
        (
            {"kind": "graded_choice", "choices": [{"key": "good", "label": "好", "share": 1}]},
            ["choice"],
            {"choice": "good"},
            Reading.chosen("good"),
        ),
        ({"kind": "deduct_per_case", "per": 1}, ["count_cases"], {"count_cases": "2"}, Reading.tally({"cases": 2})),
    ],
)
def test_the_form_follows_from_the_score_function(score: dict, names: list, values: dict, reading: Reading) -> None:
    one = indicator(score)
    assert [field.name for field in entry_fields(one)] == names
    assert reading_of_entry(one, values) == reading


def test_an_entry_out_of_range_is_refused_before_it_is_stored() -> None:
    with pytest.raises(InvalidInput, match="0 到 10 分之间"):
        reading_of_entry(indicator({"kind": "manual"}), {"value": "11"})
    with pytest.raises(InvalidInput, match="没有“bad”这一档"):
        choices = [{"key": "good", "label": "好", "share": 1}]
        reading_of_entry(indicator({"kind": "graded_choice", "choices": choices}), {"choice": "bad"})


def test_an_automatic_value_is_never_replaced_by_a_person_but_an_admitted_entry_counts() -> None:
    automatic, entry = {"": Reading.ratio(1, 2)}, Reading.ratio(1, 1)
    rate = {"kind": "proportional"}
    assert merged_reading(indicator(rate, "A"), automatic, entry) == Reading.ratio(1, 2)
    mixed = Indicator(
        "9",
        "试",
        Decimal(10),
        (SourceKind.AUTOMATIC, SourceKind.MANUAL),
        function_from(rate, "试"),
        "甲",
        "乙",
        "m",
    )
    assert merged_reading(mixed, automatic, entry) == entry
    assert merged_reading(mixed, automatic, None) == Reading.ratio(1, 2)
    assert merged_reading(indicator(rate), {}, None).missing == "评估组尚未评定"


def test_equal_totals_share_a_rank_and_the_next_rank_is_left_out() -> None:
    totals = {1: Decimal(90), 2: Decimal(95), 3: Decimal(90), 4: None, 5: Decimal(80), 6: Decimal(10)}
    levels = {1: "city", 2: "city", 3: "city", 4: "city", 5: "city", 6: "town"}
    found = {body: (s.rank, s.of) for body, s in standings(totals, levels).items()}
    assert found == {1: (2, 4), 2: (1, 4), 3: (2, 4), 4: (None, 4), 5: (4, 4), 6: (1, 1)}


@given(st.dictionaries(st.integers(1, 50), st.one_of(st.none(), st.decimals(0, 105, places=2)), min_size=1))
def test_a_higher_total_never_ranks_lower(totals: dict[int, Decimal | None]) -> None:
    found = standings(totals, dict.fromkeys(totals, "city"))
    ranked = [(totals[body], standing.rank) for body, standing in found.items() if standing.rank is not None]
    for first, first_rank in ranked:
        for second, second_rank in ranked:
            assert (first > second) == (first_rank < second_rank)


def test_the_average_leaves_out_who_has_no_total() -> None:
    assert average([Decimal(90), None, Decimal(81)]) == Decimal("85.50")
    assert average([None]) is None


def test_a_sentence_survives_storing() -> None:
    sentence = Sentence("k", "总体情况", "新", "旧", ("1.6", "total"))
    assert Sentence.from_data(sentence.as_data()) == sentence
    assert sentence.is_edited
