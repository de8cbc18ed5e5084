"""行权风险警示：按规则判定并警示一次，标为已阅，说明情况，退回补充。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.warnings import RECEIVERS, WARNING_FLOW, WARNING_KIND_LABELS, Finding, WarningLevel
from quanze.apps.performance.models import RiskWarning
from quanze.apps.performance.selectors.warnings import (
    RiskWarningView,
    existing_keys,
    warning_findings,
    warning_row,
    warning_view,
)
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.base.notices import public as notices
from quanze.core.actor import SYSTEM, Actor
from quanze.core.errors import Conflict, InvalidInput, NotPermitted

audit.register_action("performance.warnings.raised", "提出行权风险警示")
_VERBS = {
    "read": ("performance.warning.read", "标为已阅"),
    "explain": ("performance.warning.explained", "说明风险警示"),
    "withdraw": ("performance.warning.withdrawn", "撤回风险警示说明"),
    "send_back": ("performance.warning.sent_back", "退回风险警示说明"),
}
for _code, _label in _VERBS.values():
    audit.register_action(_code, _label)

NOTICE_KIND = "performance.warning"
LONGEST_TEXT = 2000
_BATCH = 500


@dataclass(frozen=True, slots=True)
class WarningRun:
    """一次判定的结果：判出几件、新警示几件、通知了几人。"""

    found: int
    raised: int
    told: int


def warnings_raise(*, actor: Actor = SYSTEM, body_ids: Collection[int] | None = None, now: datetime) -> WarningRun:
    """判定并提出风险警示；（种类、事项、办件、期间）相同的只提一次，再判不重复。

    Run after every file and every hour, because a case becomes overdue by the mere passing of time. Reads the marts, so
    whoever has just stored events refreshes them first. Judging takes a while and needs no lock; only the storing is
    one transaction, which looks again at what is known.
    """
    today = localdate(now)
    wanted = None if body_ids is None else set(body_ids)
    bodies = {b.code: b for b in org.bodies(on=today) if wanted is None or b.id in wanted}
    found = {f.key: f for f in warning_findings(bodies=bodies, today=today)}
    known = existing_keys([body.id for body in bodies.values()])
    fresh = [f for key, f in found.items() if key not in known]
    raised, told = _store(fresh, bodies, actor=actor, now=now) if fresh else (0, 0)
    return WarningRun(len(found), raised, told)


@transaction.atomic
def _store(
    findings: Sequence[Finding], bodies: Mapping[str, org.BodyView], *, actor: Actor, now: datetime
) -> tuple[int, int]:
    """存下新的警示并告知接收人；返回新警示件数与告知人数。"""
    today = localdate(now)
    known = existing_keys([bodies[code].id for code in {f.body_code for f in findings}])
    fresh = [f for f in findings if f.key not in known]
    if not fresh:
        return 0, 0
    receivers = {code: _receivers(bodies[code].id, today) for code in {f.body_code for f in fresh}}
    names = catalog.item_facts_by_codes(sorted({f.item_code for f in fresh}))
    people = iam.users_by_ids(sorted({person for ids in receivers.values() for person in ids}))
    RiskWarning.objects.bulk_create(
        [
            RiskWarning(
                kind=str(f.kind),
                level=str(f.level),
                body_id=bodies[f.body_code].id,
                item_code=f.item_code,
                item_name=names[f.item_code][-1].name if f.item_code in names else "",
                source=f.source,
                case_ref=f.case_ref,
                period=f.period,
                statement=f.statement[:500],
                facts={k: v.isoformat() if isinstance(v, date) else v for k, v in f.facts.items()},
                receiver_names="、".join(people[person].full_name for person in receivers[f.body_code])[:300],
                raised_at=now,
            )
            for f in fresh
        ],
        batch_size=_BATCH,
    )
    told = _tell(fresh, receivers, now)
    audit.record(
        actor=actor,
        action="performance.warnings.raised",
        subject=audit.SubjectRef("performance.warnings", today.year, f"{today.isoformat()} 行权风险警示", None),
        after={
            "by_kind": dict(sorted(Counter(f"{f.kind}/{f.level}" for f in fresh).items())),
            "bodies": dict(sorted(Counter(f.body_code for f in fresh).items())),
        },
        now=now,
    )
    return len(fresh), told


@transaction.atomic
def warning_decide(
    *, actor: Actor, warning_id: int, verb: str, seen_version: int, text: str = "", now: datetime
) -> RiskWarningView:
    """办理一件警示：read（已阅）、explain（说明）、withdraw（撤回说明）、send_back（退回补充）。"""
    row = warning_row(warning_id=warning_id, scope=actor.scope, lock=True)
    if row.lock_version != seen_version:
        raise Conflict("这件警示刚被他人办理过", hint="请刷新页面查看最新内容。")
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        raise InvalidInput(f"文字不能超过 {LONGEST_TEXT} 字，现有 {len(words)} 字", hint="请精简，详情可另附材料。")
    _apply(row, actor=actor, verb=verb, text=words, now=now)
    return warning_view(row)


@transaction.atomic
def warnings_mark_read(*, actor: Actor, warning_ids: Collection[int], now: datetime) -> int:
    """把选中的未阅警示标为已阅，返回件数；已阅的不动。"""
    rows = RiskWarning.objects.select_for_update().filter(pk__in=list(warning_ids), state="new")
    done = 0
    for row in rows.order_by("id"):
        if actor.scope.covers(row.body_id) and actor.body_id == row.body_id:
            _apply(row, actor=actor, verb="read", text="", now=now)
            done += 1
    return done


def _apply(row: RiskWarning, *, actor: Actor, verb: str, text: str, now: datetime) -> None:
    step = WARNING_FLOW.decide(row.state, verb, roles=actor.roles, reason=text)
    if verb == "send_back":
        if actor.body_id == row.body_id:
            raise NotPermitted("不能退回本机构的说明", hint="请由编办或督查的其他机构人员办理。")
    elif actor.body_id != row.body_id:
        raise NotPermitted("风险警示须由被警示的机构办理", hint="请由该机构业务口或科室负责人办理。")
    before = {"state": row.state, "explanation": row.explanation}
    row.state = step.target
    if row.read_at is None:
        row.read_at, row.read_by_name = now, actor.name
    if verb == "explain":
        row.explanation, row.explained_at, row.explained_by_name = text, now, actor.name
    elif verb == "send_back":
        row.opinion = text
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action=_VERBS[verb][0],
        subject=audit.SubjectRef("performance.warning", row.pk, str(row), row.body_id),
        before=before,
        after={"state": row.state, "explanation": row.explanation},
        reason=text if verb == "send_back" else "",
        now=now,
    )
    if verb == "send_back":
        notices.notice_send(
            to_user_ids=_receivers(row.body_id, localdate(now)),
            kind=NOTICE_KIND,
            text=f"行权风险警示的说明被退回：{row}",
            link=reverse("performance:warning", args=[row.pk]),
            now=now,
        )


def _receivers(body_id: int, on: date) -> list[int]:
    """接收人：该机构的业务口与科室负责人。Overseers see every warning on the page and get no message for each."""
    return sorted({person for role in RECEIVERS for person in org.holders_of(role, body_id, on=on)})


def _tell(fresh: Sequence[Finding], receivers: dict[str, list[int]], now: datetime) -> int:
    """每个接收人一条消息，不论新警示几件。"""
    told: set[int] = set()
    for code, people in sorted(receivers.items()):
        mine = [f for f in fresh if f.body_code == code]
        severe = sum(f.level is WarningLevel.SEVERE for f in mine)
        kinds = Counter(WARNING_KIND_LABELS[f.kind] for f in mine)
        words = "、".join(f"{label} {n} 件" for label, n in kinds.most_common())
        notices.notice_send(
            to_user_ids=people,
            kind=NOTICE_KIND,
            text=f"新的行权风险警示 {len(mine)} 件（{words}），其中严重 {severe} 件",
            link=reverse("performance:warnings") + "?state=new",
            now=now,
        )
        told.update(people)
    return len(told)
