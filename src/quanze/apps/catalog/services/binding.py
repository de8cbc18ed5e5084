"""目录范本的绑定与认领：编办定清单以哪份范本为准；业务口认领范本事项，写成本机构的草稿。

Binding says what a list is measured by; it changes no text of the list. Claiming makes drafts that carry the key of the base
item and everything it says, ready to be localised. A new version of the base changes nothing here by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import KINDS, NEED, POWER_LIST, DeviationKind
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import BaseBinding, BaseOmission, ItemVersion, PowerList
from quanze.apps.catalog.selectors import bases as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.services.drafting import NewItem, items_create, require_drafter
from quanze.apps.catalog.services.findings import findings_refresh
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted, RulesNotMet, WrongState

audit.register_action("catalog.base.bound", "绑定目录范本")
audit.register_action("catalog.base.unbound", "解除范本绑定")
audit.register_action("catalog.base.claimed", "认领范本事项")


def require_establishment(actor: Actor) -> None:
    """以哪份范本为准由编办定，不由被衡量的机构定。"""
    if not actor.has("establishment"):
        raise NotPermitted(
            "清单以哪份范本为准由编办确定", hint="请编办办理绑定或解除。", code="binding_by_establishment"
        )


def _subject(power_list: PowerList) -> audit.SubjectRef:
    return audit.SubjectRef("catalog.list", power_list.pk, f"{power_list.body.name}权责清单", power_list.body_id)


def _open_binding(power_list: PowerList) -> BaseBinding | None:
    rows = BaseBinding.objects.select_for_update(of=("self",)).filter(power_list=power_list, valid_to__isnull=True)
    return rows.select_related("base_list__body__region").first()


@transaction.atomic
def base_bind(*, actor: Actor, list_id: int, base_list_id: int, now: datetime) -> int:
    """绑定：清单自当日起以所选目录范本为准，原有的绑定同日止。返回绑定编号；已是这份范本则什么也不写。"""
    require_establishment(actor)
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    if power_list.list_type != POWER_LIST:
        raise InvalidInput("目录范本本身不绑定范本", hint="请选择一份权责清单。", code="list_is_base")
    on = localdate(now)
    choices = {view.list_id: view for view in selectors.base_choices(list_id=list_id, on=on)}
    if base_list_id not in choices:
        offered = "、".join(f"{view.name}（{view.body_name}）" for view in choices.values())
        raise InvalidInput(
            "所选的不是本地区现行的目录范本",
            hint=f"可选：{offered}。" if offered else "请本区划或上级编办先编制、公布目录范本。",
            code="base_not_offered",
        )
    held = _open_binding(power_list)
    if held is not None and held.base_list_id == base_list_id:
        return held.pk
    before = None
    if held is not None:
        before = {"base_list_id": held.base_list_id, "base": selectors.base_name(held.base_list)}
        held.valid_to = on
        held.save(update_fields=["valid_to"])
    row = BaseBinding.objects.create(
        power_list=power_list, base_list_id=base_list_id, valid_from=on, bound_at=now, bound_by_name=actor.name
    )
    view = choices[base_list_id]
    audit.record(
        actor=actor,
        action="catalog.base.bound",
        subject=_subject(power_list),
        before=before,
        after={"base_list_id": base_list_id, "base": view.name, "items": view.items},
        now=now,
    )
    findings_refresh(power_list=power_list, now=now)
    return row.pk


@transaction.atomic
def base_unbind(*, actor: Actor, list_id: int, reason: str, now: datetime) -> None:
    """解除绑定：自当日起不再以范本为准，须写明理由。"""
    require_establishment(actor)
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    held = _open_binding(power_list)
    if held is None:
        raise WrongState("清单没有绑定目录范本", hint="请刷新页面。", code="base_not_bound")
    if not reason.strip():
        raise RulesNotMet("解除绑定必须写明理由", hint="请写明为何不再以该范本为准。", code="reason_required")
    held.valid_to = localdate(now)
    held.save(update_fields=["valid_to"])
    audit.record(
        actor=actor,
        action="catalog.base.unbound",
        subject=_subject(power_list),
        before={"base_list_id": held.base_list_id, "base": selectors.base_name(held.base_list)},
        reason=reason,
        now=now,
    )
    findings_refresh(power_list=power_list, now=now)


@transaction.atomic
def base_claim(*, actor: Actor, list_id: int, keys: Sequence[str] | None = None, now: datetime) -> list[int]:
    """认领：把清单里缺少的范本事项（连同子项）写成草稿，主体改为本机构。返回新建的主项与单项编号。

    ``keys`` are the codes of base items, optional ones and those once left out among them; None claims every mandatory item
    that the list lacks. What is claimed after all is no longer left out. The power code is left empty: it belongs to the
    body that exercises the power.
    """
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    held = _open_binding(power_list)
    if held is None:
        raise WrongState("清单没有绑定目录范本", hint="请编办先绑定范本。", code="base_not_bound")
    on = localdate(now)
    found = selectors.list_conformance(power_list=power_list, base_list_id=held.base_list_id, on=on)
    missing = [one.node_key for one in found.of(DeviationKind.MISSING)]
    offered = {*missing, *(one.node_key for one in found.of(DeviationKind.OMITTED)), *(n.key for n in found.optional)}
    wanted = missing if keys is None else [key for key in dict.fromkeys(keys) if key in offered]
    if keys is not None and len(wanted) != len(set(keys)):
        raise InvalidInput("所选的有些已经认领，或不在范本之内", hint="请刷新页面后重新选择。", code="not_claimable")
    if not wanted:
        raise InvalidInput("没有可认领的范本事项", hint="范本各项清单里都已有。", code="nothing_to_claim")
    body = org.bodies_by_ids([power_list.body_id])[power_list.body_id]
    rows = ItemVersion.objects.filter(list_selectors.in_force(on), item__power_list_id=held.base_list_id)
    claimed, new = set(wanted), list[NewItem]()
    places: dict[int, int] = {}
    for row in with_content(rows.select_related("item__parent")).order_by("item__ordinal", "item_id"):
        top = row.item.parent or row.item
        if top.code not in claimed or (row.item.parent_id is not None and row.item.parent_id not in places):
            continue
        content = localised(content_of(row), row.item.code, body.name)
        if row.item.parent_id is None:
            places[row.item_id] = len(new)
            new.append(NewItem(content))
        else:
            new.append(NewItem(content, parent_index=places[row.item.parent_id]))
    made = items_create(actor=actor, list_id=list_id, items=new, now=now)
    BaseOmission.objects.filter(power_list=power_list, base_code__in=wanted, withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )
    audit.record(
        actor=actor,
        action="catalog.base.claimed",
        subject=_subject(power_list),
        after={"base_list_id": held.base_list_id, "items": len(wanted), "keys": wanted},
        now=now,
    )
    return [item_id for (item_id, _), item in zip(made, new, strict=True) if item.parent_index is None]


def localised(content: ItemContent, key: str, body_name: str) -> ItemContent:
    """范本的一项写成某机构的：主体改为本机构，编码、科室留空，认领关系写明。"""
    return replace(
        content,
        template_key=key,
        exercising_body=body_name,
        responsible_body=body_name,
        power_code="",
        lead_division="",
        assists=(),
        is_local_addition=False,
        addition_reason="",
        extra={key: value for key, value in content.extra.items() if key not in (NEED, KINDS)},
    )
