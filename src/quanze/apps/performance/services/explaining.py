"""专项说明的办理：列出待说明事项、提交、撤回、采纳、退回。"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.apps.performance.domain.explanations import EXPLANATION_FLOW, JUDGES, WRITERS
from quanze.apps.performance.models import Explanation
from quanze.apps.performance.selectors.explanations import ExplanationView, explanation_row, view
from quanze.apps.performance.selectors.runs import special_cases
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotPermitted

_VERBS = {
    "submit": ("performance.explanation.submitted", "提交专项说明"),
    "withdraw": ("performance.explanation.withdrawn", "撤回专项说明"),
    "accept": ("performance.explanation.accepted", "采纳专项说明"),
    "return": ("performance.explanation.returned", "退回专项说明"),
    "reopen": ("performance.explanation.reopened", "更正专项说明认定"),
}
audit.register_action("performance.explanations.opened", "列出待专项说明的事项")
for _code, _label in _VERBS.values():
    audit.register_action(_code, _label)

LONGEST_TEXT = 5000


@transaction.atomic
def explanations_open(*, actor: Actor, body_ids: Collection[int], as_of: date, now: datetime) -> int:
    """把特殊情形事项列为待说明，返回新列出的数目；已列出的不动。"""
    if not actor.has(*JUDGES, *WRITERS):
        raise NotPermitted("列出待说明事项须由编办、评估人员或本机构业务口办理", hint="请由有此职责的同事办理。")
    own = [b for b in body_ids if actor.scope.covers(b)]
    flags = special_cases(body_ids=own, as_of=as_of)
    bodies = {b.code: b for b in org.bodies_by_ids(own).values()}
    names = catalog.item_facts_by_codes([f.item_code for f in flags])
    known = set(
        Explanation.objects.filter(body_id__in=own, year=as_of.year).values_list("item_code", "body_id", "kind")
    )
    fresh = [f for f in flags if (f.item_code, bodies[f.body_code].id, str(f.kind)) not in known]
    if not fresh:
        return 0
    Explanation.objects.bulk_create(
        [
            Explanation(
                item_code=f.item_code,
                item_name=names[f.item_code][-1].name,
                body_id=bodies[f.body_code].id,
                kind=str(f.kind),
                year=as_of.year,
                statement=f.statement[:300],
                opened_at=now,
            )
            for f in fresh
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    audit.record(
        actor=actor,
        action="performance.explanations.opened",
        subject=audit.SubjectRef("performance.explanations", as_of.year, f"{as_of.year} 年专项说明", actor.body_id),
        after={"as_of": as_of, "items": [f"{f.body_code} {f.item_code} {f.kind}" for f in fresh]},
        now=now,
    )
    return len(fresh)


@transaction.atomic
def explanation_decide(
    *, actor: Actor, explanation_id: int, verb: str, seen_version: int, text: str = "", now: datetime
) -> ExplanationView:
    """办理一份专项说明：submit（说明）、withdraw、accept、return（理由）、reopen（理由）。

    The body that wrote an explanation never judges it: whoever accepts or returns must belong to another body.
    """
    row = explanation_row(explanation_id=explanation_id, scope=actor.scope, lock=True)
    if row.lock_version != seen_version:
        raise Conflict("这份专项说明刚被他人办理过", hint="请刷新页面查看最新内容。")
    words = text.strip()
    if len(words) > LONGEST_TEXT:
        raise InvalidInput(f"文字不能超过 {LONGEST_TEXT} 字，现有 {len(words)} 字", hint="请精简，详情可另附材料。")
    step = EXPLANATION_FLOW.decide(row.state, verb, roles=actor.roles, reason=words)
    is_own = actor.body_id == row.body_id
    if verb in ("submit", "withdraw") and not is_own and not actor.has("system"):
        raise NotPermitted("专项说明须由事项所属机构提交", hint="请由该机构业务口办理。")
    if verb in ("accept", "return", "reopen") and is_own:
        raise NotPermitted("不能认定本机构的专项说明", hint="请由编办或评估组的其他机构人员认定。")
    before = {"state": row.state, "text": row.text, "opinion": row.opinion}
    row.state = step.target
    if verb == "submit":
        row.text, row.submitted_at, row.submitted_by_name = words, now, actor.name
    elif verb in ("accept", "return", "reopen"):
        row.opinion, row.decided_at, row.decided_by_name = words, now, actor.name
    row.lock_version += 1
    row.save()
    audit.record(
        actor=actor,
        action=_VERBS[verb][0],
        subject=audit.SubjectRef("performance.explanation", row.pk, str(row), row.body_id),
        before=before,
        after={"state": row.state, "text": row.text, "opinion": row.opinion},
        reason=words if verb in ("return", "reopen") else "",
        now=now,
    )
    return view(row)
