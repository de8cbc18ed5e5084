"""状态机：转换表是唯一事实。"""

import pytest

from quanze.apps.catalog.domain.lifecycles import LIFECYCLES as CATALOG
from quanze.apps.workflow.domain import CASE_FLOW, STEP_FLOW
from quanze.core.errors import NotPermitted, RulesNotMet, WrongState
from quanze.core.statemachine import Lifecycle, Transition

DOOR = Lifecycle(
    name="door",
    label="门",
    initial="shut",
    states={"shut": "关", "open": "开"},
    transitions=(
        Transition("shut", "open", "open", frozenset({"keeper"}), "开门"),
        Transition("open", "shut", "shut", frozenset(), "关门", reason_required=True),
    ),
)


def test_a_permitted_verb_leads_to_its_target():
    assert DOOR.decide("shut", "open", roles={"keeper"}).target == "open"


def test_a_verb_of_another_state_is_a_wrong_state_and_says_what_is_possible():
    with pytest.raises(WrongState) as caught:
        DOOR.decide("open", "open", roles={"keeper"})
    assert caught.value.message == "当前状态为“开”，不能开门"
    assert "关门" in caught.value.hint


def test_a_role_that_may_not_is_not_permitted():
    with pytest.raises(NotPermitted):
        DOOR.decide("shut", "open", roles={"visitor"})


def test_a_required_reason_may_not_be_blank():
    with pytest.raises(RulesNotMet) as caught:
        DOOR.decide("open", "shut", roles=set(), reason="  ")
    assert caught.value.code == "reason_required"


@pytest.mark.parametrize("flow", [*CATALOG, CASE_FLOW, STEP_FLOW], ids=lambda flow: flow.name)
def test_every_state_verb_role_cell_has_one_defined_answer(flow):
    verbs = {t.verb for t in flow.transitions}
    roles = {role for t in flow.transitions for role in t.roles} | {"nobody"}
    for state in flow.states:
        for verb in verbs:
            row = next((t for t in flow.transitions if (t.source, t.verb) == (state, verb)), None)
            for role in roles:
                if row is None:
                    with pytest.raises(WrongState):
                        flow.decide(state, verb, roles={role}, reason="有")
                elif row.roles and role not in row.roles:
                    with pytest.raises(NotPermitted):
                        flow.decide(state, verb, roles={role}, reason="有")
                else:
                    assert flow.decide(state, verb, roles={role}, reason="有") is row


@pytest.mark.parametrize("flow", [*CATALOG, CASE_FLOW, STEP_FLOW], ids=lambda flow: flow.name)
def test_every_state_can_be_reached(flow):
    reached, frontier = {flow.initial}, [flow.initial]
    while frontier:
        state = frontier.pop()
        fresh = {t.target for t in flow.transitions if t.source == state} - reached
        reached |= fresh
        frontier.extend(fresh)
    assert reached == set(flow.states)


def test_an_undeclared_state_and_a_repeated_verb_are_refused():
    with pytest.raises(ValueError, match="未声明"):
        Lifecycle("x", "x", "a", {"a": "甲"}, (Transition("a", "go", "b", frozenset(), "去"),))
    twice = Transition("a", "go", "a", frozenset(), "去")
    with pytest.raises(ValueError, match="重复"):
        Lifecycle("x", "x", "a", {"a": "甲"}, (twice, twice))
