"""下发范本：编办选定乡镇、街道，没有清单的建立清单，都以这份范本为准，通知其业务口认领。

The office says what a list is measured by and that there is to be one; what stands in it is written by the town, item by item,
as drafts that are reviewed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import BASE_LIST, POWER_LIST
from quanze.apps.catalog.models import BaseBinding, PowerList
from quanze.apps.catalog.selectors.bases import base_name
from quanze.apps.catalog.services.binding import base_bind, require_establishment
from quanze.apps.catalog.services.drafting import list_create
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.notices import public as notices
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotFound

TOWN_TEMPLATE, TOWN_PROCEDURE = "town-2024", "three-step"
audit.register_action("catalog.base.issued", "下发目录范本")


@transaction.atomic
def base_issue(*, actor: Actor, base_list_id: int, body_ids: Sequence[int], now: datetime) -> int:
    """下发给所选机构：缺清单的建立（乡镇清单模板、三步程序），未绑定的绑定；已以它为准的不动。返回新绑定的份数。"""
    require_establishment(actor)
    base = PowerList.objects.filter(pk=base_list_id, list_type=BASE_LIST).select_related("body__region").first()
    if base is None or not actor.scope.covers(base.body_id):
        raise NotFound("没有这份目录范本", hint="请从“清单编制”中打开。")
    bodies = org.bodies_by_ids(body_ids)
    wanted = [bodies[one] for one in dict.fromkeys(body_ids) if one in bodies and actor.scope.covers(one)]
    if len(wanted) != len(set(body_ids)) or not wanted:
        raise InvalidInput("所选的机构有的不存在", hint="请刷新页面后重新选择。", code="body_unknown")
    bound = set(
        BaseBinding.objects.filter(base_list=base, valid_to__isnull=True).values_list("power_list__body_id", flat=True)
    )
    issued = []
    for body in wanted:
        if body.id in bound:
            continue
        held = PowerList.objects.filter(body_id=body.id, list_type=POWER_LIST).values_list("pk", flat=True).first()
        list_id = held or list_create(
            actor=actor, body_id=body.id, template=TOWN_TEMPLATE, procedure=TOWN_PROCEDURE, now=now
        )
        base_bind(actor=actor, list_id=list_id, base_list_id=base.pk, now=now)
        issued.append(body)
        notices.notice_send(
            to_user_ids=org.holders_of("drafter", body.id, on=localdate(now)),
            text=f"{base_name(base)}已下发：请认领应列的事项，不列的写明理由",
            link=f"/lists/{list_id}/base/",
            kind="catalog",
            now=now,
        )
    if issued:
        audit.record(
            actor=actor,
            action="catalog.base.issued",
            subject=audit.SubjectRef("catalog.list", base.pk, base_name(base), base.body_id),
            after={"bodies": [body.name for body in issued]},
            now=now,
        )
    return len(issued)
