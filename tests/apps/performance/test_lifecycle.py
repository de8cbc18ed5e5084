"""专项说明的转换表：每一格（状态 × 动作 × 角色）都走一遍。"""

from __future__ import annotations

import pytest

from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW, JUDGES, WRITERS
from quanze.core.errors import NotPermitted, RulesNotMet, WrongState

VERBS = ("submit", "withdraw", "accept", "return", "reopen")
ALLOWED = {
    ("open", "submit"): ("submitted", WRITERS, True),
    ("returned", "submit"): ("submitted", WRITERS, True),
    ("submitted", "withdraw"): ("open", WRITERS, False),
    ("submitted", "accept"): ("accepted", JUDGES, False),
    ("submitted", "return"): ("returned", JUDGES, True),
    ("accepted", "reopen"): ("returned", JUDGES, True),
}


@pytest.mark.parametrize("role", ["drafter", "division_head", "establishment", "assessor", "legal_section"])
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", list(EXPLANATION_FLOW.states))
def test_every_cell(state: str, verb: str, role: str) -> None:
    cell = ALLOWED.get((state, verb))
    if cell is None:
        with pytest.raises(WrongState):
            EXPLANATION_FLOW.decide(state, verb, roles={role}, reason="理由")
        return
    target, roles, needs_reason = cell
    if role not in roles:
        with pytest.raises(NotPermitted):
            EXPLANATION_FLOW.decide(state, verb, roles={role}, reason="理由")
        return
    assert EXPLANATION_FLOW.decide(state, verb, roles={role}, reason="理由").target == target
    if needs_reason:
        with pytest.raises(RulesNotMet):
            EXPLANATION_FLOW.decide(state, verb, roles={role})
