"""示范城市的关联清单：政务服务与监管从市级清单归集，两个部门的实施清单，一个镇的配合与履职清单。

Published before the second edition of the agriculture bureau, so that the six licences it shortens are out of step with the lists
above them: somebody has something to renew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from quanze.apps.catalog import public as catalog
from quanze.apps.workflow import public as workflow
from quanze.core.actor import SYSTEM, Actor
from quanze.demo.directory import Directory
from quanze.demo.publishing import moment
from quanze.demo.timeline import Timeline, workday
from quanze.demo.world import World

SUBJECT = "catalog.derived_submission"
TOWN = "SQ-YL"
# (list type, keeper, mark and first number of its documents), upper tiers first.
AUTOMATIC: Sequence[tuple[str, str, str]] = (
    ("ZWFW", "YZ-ZW", "云政务发"),
    ("HLWJG", "YZ-SC", "云市监发"),
    ("ZWSS", "YZ-NY", "云农发"),
    ("JGSS", "YZ-CG", "云城管发"),
    ("YWBL", "YZ-NY", "云农发"),
)
CONTENTS: Mapping[str, Mapping[str, object]] = {
    "ZWFW": {"handling_forms": ["窗口", "网上"], "case_kind": "promised", "visits": 1},
    "JGSS": {"check_points": ["台账记录", "人员资质", "场所设施"], "check_form": "现场检查记录表"},
}
SUPPORT = (
    (
        "秸秆露天禁烧巡查",
        "lead_assist",
        "查处露天焚烧秸秆行为，组织农机作业与秸秆还田。",
        "开展日常巡查、宣传劝阻，发现火点即报。",
    ),
    (
        "农村自建房安全排查",
        "lead_guide",
        "制定排查标准，组织鉴定，指导整改。",
        "逐户登记，督促房主整改，及时报告险情。",
    ),
    ("占道经营整治", "divide_join", "依法查处占道经营，划定便民疏导点。", "劝导摊主进点经营，维护疏导点秩序。"),
    ("食品摊贩登记核查", "overall_part", "核发登记卡，开展抽检，查处违法行为。", "核实经营地点，汇总名册，报告异常。"),
)
BASIC = (
    ("党员教育管理", "non_power", "party", "落实三会一课，做好党员发展、教育和管理。"),
    ("矛盾纠纷排查化解", "non_power", "safety", "每月排查，分级调处，重大矛盾及时报告。"),
    ("高标准农田管护", "non_power", "rural", "明确管护人员，巡查设施，组织维修。"),
    ("防汛抗旱巡查值守", "non_power", "safety", "汛期二十四小时值守，巡查水库、河道、山塘。"),
)


def derive(world: World, directory: Directory, timeline: Timeline) -> int:
    """建立并公布各份关联清单，返回份数。"""
    day = workday(date(timeline.year, 1, 12))
    done = 0
    for number, (code, keeper, mark) in enumerate(AUTOMATIC):
        issued = workday(day + timedelta(days=number * 3))
        actor = directory.actor(keeper, "drafter", on=issued)
        list_id = _list(directory, code, keeper, moment(issued, 9))
        seen = catalog.derived_propose(actor=actor, list_id=list_id, on=issued).token
        catalog.derived_apply(actor=actor, list_id=list_id, seen_token=seen, what=["new"], now=moment(issued, 9, 30))
        if code in CONTENTS:
            _fill(actor, list_id, CONTENTS[code], moment(issued, 9, 45))
        document = f"{mark}〔{timeline.year}〕{number + 1}号"
        done += _publish(directory, list_id, keeper, document, issued)
    return done + _town(world, directory, timeline, day + timedelta(days=20))


def _fill(actor: Actor, list_id: int, content: Mapping[str, object], now: datetime) -> None:
    for row in catalog.entry_rows(list_id=list_id, scope=actor.scope, on=now.date(), view="draft"):
        catalog.entry_save(
            actor=actor, version_id=row.version_id, seen_version=row.version_lock, content=content, now=now
        )


def _list(directory: Directory, code: str, keeper: str, now: datetime) -> int:
    return catalog.derived_list_create(
        actor=directory.actor("YZ-BB", "establishment", on=now.date()),
        body_id=directory.bodies[keeper],
        list_type=code,
        now=now,
    )


def _publish(directory: Directory, list_id: int, keeper: str, document: str, issued: date) -> int:
    actor = directory.actor(keeper, "drafter", on=issued)
    submission_id = catalog.derived_submission_submit(actor=actor, list_id=list_id, now=moment(issued, 10))
    for hour in (14, 16):
        case = workflow.case_by_subject(subject_kind=SUBJECT, subject_id=submission_id, actor=SYSTEM)
        if case is None or case.current is None:
            break
        step = case.current
        given: Mapping[str, str] = {}
        if step.kind == "issue":
            given = {"document_number": document, "issued_on": issued.isoformat(), "valid_from": issued.isoformat()}
        catalog.derived_submission_decide(
            actor=directory.actor(keeper, step.role, on=issued),
            submission_id=submission_id,
            seen_version=case.lock_version,
            verb="pass",
            opinion="同意。",
            details=given,
            now=moment(issued, hour),
        )
    return 1


def _town(world: World, directory: Directory, timeline: Timeline, day: date) -> int:
    if TOWN not in directory.bodies or TOWN not in {holder.code for holder in world.holders}:
        return 0
    issued = workday(day)
    actor = directory.actor(TOWN, "drafter", on=issued)
    now = moment(issued, 9)
    leads = _lead_items(directory, issued)
    support = _list(directory, "PH", TOWN, now)
    made = catalog.entries_create(
        actor=actor,
        list_id=support,
        entries=[
            catalog.NewEntry(
                (catalog.Reference("item", lead, "lead"),),
                {
                    "relation": relation,
                    "lead_duty": lead_duty,
                    "support_duty": support_duty,
                    "town_opinion": "agree",
                    "opinion_on": issued.isoformat(),
                    "response_limit_days": 2,
                },
                name,
            )
            for (name, relation, lead_duty, support_duty), lead in zip(SUPPORT, leads, strict=False)
        ],
        now=now,
    )
    _publish(directory, support, TOWN, f"云岭政发〔{timeline.year}〕2号", issued)
    basic = _list(directory, "JBLZ", TOWN, now)
    catalog.entries_create(actor=actor, list_id=basic, entries=[_basic(*row) for row in BASIC], now=now)
    _publish(directory, basic, TOWN, f"云岭政发〔{timeline.year}〕3号", issued)
    taken = _take_back(directory, timeline, made[-1][0], leads[len(made) - 1], issued)
    return 2 + taken


def _basic(name: str, nature: str, category: str, duty: str) -> catalog.NewEntry:
    return catalog.NewEntry((), {"nature": nature, "category": category, "duty": duty}, name)


def _lead_items(directory: Directory, on: date) -> list[int]:
    """牵头的事项：各部门的第一项检查或处罚。"""
    found = []
    for code in ("YZ-NY", "YZ-CG", "YZ-CG", "YZ-SC"):
        power_list = catalog.public_list(body_code=code, on=on)
        items = catalog.public_items(on=on, list_id=power_list.list_id, limit=60)
        wanted = [one for one in items if one.power_type == "penalty"]
        taken = [one for one in wanted if one.item_id not in found]
        found.append(taken[0].item_id)
    return found


def _take_back(directory: Directory, timeline: Timeline, entry_id: int, item_id: int, issued: date) -> int:
    """一项配合事项由部门收回。"""
    day = workday(issued + timedelta(days=60))
    actor: Actor = directory.actor("YZ-BB", "establishment", on=day)
    list_id = _list(directory, "SHSX", TOWN, moment(day, 9))
    catalog.item_take_back(
        actor=actor,
        list_id=list_id,
        origin=catalog.Origin("entry", entry_id),
        receiving=catalog.Receiving(item_id=item_id),
        hand_over_on=day,
        document_number=f"云编发〔{timeline.year}〕5号",
        issued_on=day,
        content={"receiving_way": "direct", "open_cases": "交接日前已经核查的由镇报送，之后由市场监管部门直接办理。"},
        now=moment(day, 11),
    )
    return 1
