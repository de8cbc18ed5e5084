"""月度件数：没有办件系统的事项，按月填报办件数。表单与表格是同一个服务，一次填报一个机构一个月。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.performance.domain.special_cases import month_of
from quanze.apps.performance.models import MonthlyCount
from quanze.apps.performance.selectors.runs import visible_body
from quanze.apps.performance.services.ingest import SENDERS
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Defect, ErrorPlace, InvalidInput, NotPermitted, RulesNotMet

audit.register_action("performance.counts.saved", "填报月度件数")

MOST_CASES = 10_000_000


@transaction.atomic
def month_counts_save(
    *, actor: Actor, body_id: int, month: date, counts: Mapping[str, int], now: datetime
) -> tuple[int, int]:
    """填报某机构某月各事项的办件数，返回（新填、更正）的项数；与已填相同的不动。

    All or nothing: one item that is not in force in that month, and nothing is saved.
    """
    if not actor.has(*SENDERS):
        raise NotPermitted("填报月度件数须由业务口、科室负责人或编办办理", hint="请由有此职责的同事填报。")
    body = visible_body(body_id=body_id, scope=actor.scope)
    month = month_of(month)
    if month > month_of(localdate(now)):
        raise InvalidInput("不能填报以后的月份", hint="请核对年份与月份。", place=ErrorPlace(field="month"))
    _require_listed(body_id, month, counts)
    rows = {
        r.item_code: r
        for r in MonthlyCount.objects.select_for_update().filter(
            body_id=body_id, month=month, item_code__in=list(counts)
        )
    }
    before = {code: row.cases for code, row in rows.items() if row.cases != counts[code]}
    fresh = [
        MonthlyCount(
            item_code=code,
            body_id=body_id,
            month=month,
            cases=cases,
            entered_by_name=actor.name,
            entered_at=now,
            changed_at=now,
        )
        for code, cases in counts.items()
        if code not in rows
    ]
    MonthlyCount.objects.bulk_create(fresh, batch_size=500)
    for code in before:
        row = rows[code]
        row.cases, row.changed_at, row.lock_version = counts[code], now, row.lock_version + 1
    MonthlyCount.objects.bulk_update([rows[c] for c in before], ["cases", "changed_at", "lock_version"])
    if fresh or before:
        audit.record(
            actor=actor,
            action="performance.counts.saved",
            subject=audit.SubjectRef(
                "performance.counts", f"{body.code} {month:%Y-%m}", f"{body.name} {month:%Y-%m}", body_id
            ),
            before=before or None,
            after={**{r.item_code: r.cases for r in fresh}, **{c: counts[c] for c in before}},
            now=now,
        )
    return len(fresh), len(before)


def _require_listed(body_id: int, month: date, counts: Mapping[str, int]) -> None:
    facts = catalog.item_facts_by_codes(counts)
    defects = []
    for number, (code, cases) in enumerate(counts.items(), start=1):
        place = ErrorPlace(row=number, field=code)
        own = [f for f in facts.get(code, []) if f.body_id == body_id]
        if not own:
            defects.append(Defect("unknown_item", f"清单中没有事项 {code}", place))
        elif not any(f.valid_to is None or f.valid_to > month for f in own):
            defects.append(Defect("item_not_in_force", f"事项 {code} 在该月之前已失效", place))
        if not 0 <= cases <= MOST_CASES:
            defects.append(Defect("bad_number", f"事项 {code} 的件数 {cases} 超出范围", place))
    if defects:
        raise RulesNotMet("月度件数未保存，请先改正", defects=defects, hint="请对照现行清单核对事项标识与件数。")
