"""会议的决定：逐项审定、修改后审定、不予；合起来是送审件的一种办理。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

DECISIONS = {"approve": "审定", "amend": "修改后审定", "reject": "不予"}
OUTCOMES = {"pass": "审定", "send_back": "退回修改后再审", "refuse": "不予通过"}


@dataclass(frozen=True, slots=True)
class Decision:
    """一项的决定与意见；修改后审定的写怎样改，不予的写理由。"""

    decision: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """一件送审件怎样办：pass 通过、send_back 退回所点的各项、refuse 不予通过；退回各项的话。"""

    verb: str
    returned: Mapping[int, str]
    opinion: str


def require_decided(names: Mapping[int, str], decisions: Mapping[int, Decision]) -> None:
    """每一项都有决定；修改后审定、不予的都写了意见。缺的逐项指明。"""
    defects = []
    for number, name in names.items():
        given = decisions.get(number)
        if given is None or given.decision not in DECISIONS:
            defects.append(Defect("decision_missing", f"“{name}”还没有决定", ErrorPlace(field=f"decision-{number}")))
        elif given.decision != "approve" and not given.remark.strip():
            said = "怎样修改" if given.decision == "amend" else "不予的理由"
            defects.append(Defect("remark_missing", f"“{name}”没有写明{said}", ErrorPlace(field=f"remark-{number}")))
    if defects:
        raise RulesNotMet(
            f"有 {len(defects)} 项没有登记完整",
            hint="请逐项选定，写明意见。",
            defects=defects,
            code="decisions_missing",
        )


def outcome_of(decisions: Mapping[int, Decision]) -> TopicOutcome:
    """全部审定为通过；全部不予为不予通过；其余退回：要改的与不予的回到部门，审定的不再看。

    A submission has one outcome and is published as a whole, so that what the committee approved waits until the department
    has amended the rest and taken the refused out (移除), and then comes back with these alone.
    """
    kinds = {one.decision for one in decisions.values()}
    if kinds == {"approve"}:
        return TopicOutcome("pass", {}, "")
    if kinds == {"reject"}:
        said = list(dict.fromkeys(one.remark.strip() for one in decisions.values()))
        return TopicOutcome("refuse", {}, "；".join(said))
    returned = {
        number: one.remark.strip()
        if one.decision == "amend"
        else f"会议不予通过：{one.remark.strip()}。请从送审件中移除这一项。"
        for number, one in decisions.items()
        if one.decision != "approve"
    }
    return TopicOutcome("send_back", returned, "")
