"""命令行办理目录范本：按名称找到机构、清单与办理的人，再交给同一个服务。"""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import BASE_LIST, POWER_LIST
from quanze.apps.catalog.domain.proposing import Proposal
from quanze.apps.catalog.models import PowerList
from quanze.apps.catalog.selectors import bases as selectors
from quanze.apps.catalog.services import binding
from quanze.apps.catalog.services.acting import actor_named
from quanze.apps.catalog.services.base_proposing import proposed_items_write
from quanze.apps.catalog.services.drafting import list_create
from quanze.apps.org import public as org
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound, WrongState

BASE_TEMPLATE, BASE_PROCEDURE = "base-2024", "base-list"


def _body(name: str) -> org.BodyView:
    found = org.body_named(name)
    if found is None:
        raise NotFound(f"没有机构“{name}”，或不止一个", hint="请写机构全称或编码。")
    return found


def _list_of(name: str) -> PowerList:
    body = _body(name)
    row = PowerList.objects.filter(body_id=body.id, list_type=POWER_LIST).first()
    if row is None:
        raise NotFound(f"“{body.name}”还没有权责清单", hint="请先导入或新增事项。")
    return row


def _moment() -> tuple[datetime, date]:
    now = timezone.now()
    return now, localdate(now)


def base_of_body(*, body: str) -> selectors.BoundBase:
    """某机构清单所绑定的范本与符合情况；没有绑定则报错。"""
    row, (_, on) = _list_of(body), _moment()
    found = selectors.bound_base(list_id=row.pk, scope=EVERYTHING, on=on)
    if found is None:
        raise WrongState("清单没有绑定目录范本", hint="请编办用 quanze lists base bind 绑定。", code="base_not_bound")
    return found


def base_create_for(*, owner: str, username: str) -> tuple[int, str]:
    """建立某机构的目录范本，返回清单编号与名称。"""
    body, (now, on) = _body(owner), _moment()
    actor = actor_named(username, body.id, on)
    list_id = list_create(
        actor=actor,
        body_id=body.id,
        list_type=BASE_LIST,
        template=BASE_TEMPLATE,
        procedure=BASE_PROCEDURE,
        now=now,
    )
    return list_id, selectors.base_name(PowerList.objects.select_related("body__region").get(pk=list_id))


def base_bind_named(*, body: str, owner: str, username: str) -> selectors.BoundBase:
    """绑定：机构、制定范本的机构、编办的登录名。"""
    row, base, (now, on) = _list_of(body), selectors.base_list_named(owner), _moment()
    binding.base_bind(actor=actor_named(username, row.body_id, on), list_id=row.pk, base_list_id=base.pk, now=now)
    return base_of_body(body=body)


def base_unbind_named(*, body: str, username: str, reason: str) -> None:
    """解除绑定。"""
    row, (now, on) = _list_of(body), _moment()
    binding.base_unbind(actor=actor_named(username, row.body_id, on), list_id=row.pk, reason=reason, now=now)


def base_claim_named(*, body: str, username: str) -> int:
    """认领缺少的全部范本事项，返回项数。"""
    row, (now, on) = _list_of(body), _moment()
    return len(binding.base_claim(actor=actor_named(username, row.body_id, on), list_id=row.pk, now=now))


def base_take_named(*, owner: str, username: str, proposal: Proposal) -> int:
    """把提议写成某机构目录范本的草稿，返回项数。"""
    base, (now, on) = selectors.base_list_named(owner), _moment()
    return proposed_items_write(
        actor=actor_named(username, base.body_id, on),
        base_list_id=base.pk,
        items=proposal.items,
        sources=proposal.lists,
        now=now,
    )
