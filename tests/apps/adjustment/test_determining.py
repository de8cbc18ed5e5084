"""逐项的决定合成送审件的一种办理。"""

import pytest

from quanze.apps.adjustment.domain.determining import Decision, outcome_of, require_decided
from quanze.core.errors import RulesNotMet

YES, CHANGE, NO = Decision("approve"), Decision("amend", "名称改短"), Decision("reject", "没有依据")


def test_all_approved_passes_and_all_refused_refuses_with_each_reason_once():
    assert outcome_of({1: YES, 2: Decision("approve", "同意")}).verb == "pass"
    refused = outcome_of({1: NO, 2: NO, 3: Decision("reject", "重复")})
    assert (refused.verb, refused.opinion, refused.returned) == ("refuse", "没有依据；重复", {})


def test_a_mixed_decision_sends_back_what_is_to_be_amended_or_taken_out():
    mixed = outcome_of({1: YES, 2: CHANGE, 3: NO})
    assert mixed.verb == "send_back"
    assert mixed.returned == {2: "名称改短", 3: "会议不予通过：没有依据。请从送审件中移除这一项。"}
    assert outcome_of({1: CHANGE}).verb == "send_back"


def test_every_item_needs_its_decision_and_a_word_where_it_is_not_plain_approval():
    with pytest.raises(RulesNotMet) as refused:
        require_decided(
            {1: "甲", 2: "乙", 3: "丙", 4: "丁"},
            {1: YES, 2: Decision("amend", " "), 3: Decision("reject"), 4: Decision("")},
        )
    assert [one.message for one in refused.value.defects] == [
        "“乙”没有写明怎样修改",
        "“丙”没有写明不予的理由",
        "“丁”还没有决定",
    ]
    assert [one.place.field for one in refused.value.defects] == ["remark-2", "remark-3", "decision-4"]
    require_decided({1: "甲"}, {1: YES})
