"""一项在三级的样子：市、县部门的清单，县级范本，各镇街的清单，并排看。What is in force is public."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from quanze.apps.catalog.domain.base_lists import BASE_LIST, POWER_LIST
from quanze.apps.catalog.domain.drafts import FieldChange, changes
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import BaseBinding, ItemVersion
from quanze.apps.catalog.selectors.bases import TOWN_KINDS
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import in_force
from quanze.apps.org import public as org
from quanze.core.errors import NotFound

# What belongs to the body itself and differs by right.
_OWN = frozenset(
    [
        "seq",
        "power_code",
        "exercising_body",
        "responsible_body",
        "authority_source",
        "lead_division",
        "assists",
        "hotline",
        "guide_url",
        "is_local_addition",
        "addition_reason",
        "template_key",
        "remark",
        "promised_limit_days",
        "limit_note",
        "is_city_set",
        "plain_summary",
    ]
)
# The rows of a structured field say again what the text says, so a change is shown once.
_SAID_IN_TEXT = {
    "bases": "basis_text",
    "duties": "duty_text",
    "accountability_cases": "accountability_text",
}
LEVELS = {org.RegionLevel.CITY: "市级部门", org.RegionLevel.COUNTY: "县级部门"}


@dataclass(frozen=True, slots=True)
class LevelItem:
    """某一级的一项：机构、清单、事项、内容、与范本不同的要素；``how`` 说明凭什么认作同一事项。"""

    body_id: int
    body_name: str
    level: str
    list_id: int
    item_id: int
    content: ItemContent
    how: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class Levels:
    """一项的三级：范本的内容与制定机构，部门的，镇街的，以及绑定了范本而没有这一项的镇街。"""

    base_list_id: int
    code: str
    body_name: str
    content: ItemContent
    departments: tuple[LevelItem, ...]
    towns: tuple[LevelItem, ...]
    lacking: tuple[str, ...]


def levels_of(*, code: str, on: date) -> Levels:
    """范本事项 ``code`` 的三级对照。Raises NotFound. Departments are matched by key, national code, power code or name."""
    rows = with_content(ItemVersion.objects.filter(in_force(on)).select_related("item__power_list__body__region"))
    base = rows.filter(item__code=code, item__power_list__list_type=BASE_LIST).first()
    if base is None:
        raise NotFound("没有这个范本事项", hint="请从“乡镇比较”中打开。")
    content = content_of(base)
    national = content.extra.get("base_code", "")
    same = Q(template_key=code) | Q(name=content.name)
    if national:
        same |= Q(extra__base_code=national)
    if content.power_code:
        same |= Q(power_code=content.power_code)
    bound = dict(
        BaseBinding.objects.filter(base_list_id=base.item.power_list_id, valid_from__lte=on)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on))
        .values_list("power_list_id", "power_list__body__name")
    )
    departments: list[LevelItem] = []
    towns: list[LevelItem] = []
    held: set[int] = set()
    found = rows.filter(same, item__power_list__list_type=POWER_LIST, item__parent__isnull=True)
    for row in found.order_by("item__power_list__body__region__code", "item__power_list__body__ordinal", "item_id"):
        body, own = row.item.power_list.body, content_of(row)
        is_town = body.kind in TOWN_KINDS
        if own.template_key and own.template_key != code:
            continue
        if is_town and own.template_key != code and (row.item.power_list_id not in bound or own.is_local_addition):
            continue
        found_changes = [one for one in changes(content, own) if one.field not in _OWN]
        texts = {one.field for one in found_changes}
        differing = tuple(one for one in found_changes if _SAID_IN_TEXT.get(one.field) not in texts)
        level = "镇街" if is_town else LEVELS.get(org.RegionLevel(body.region.level), "部门")
        how = _how(own, content, code, national)
        one = LevelItem(body.pk, body.name, level, row.item.power_list_id, row.item_id, own, how, differing)
        (towns if is_town else departments).append(one)
        held.add(row.item.power_list_id)
    return Levels(
        base_list_id=base.item.power_list_id,
        code=code,
        body_name=base.item.power_list.body.name,
        content=content,
        departments=tuple(departments),
        towns=tuple(towns),
        lacking=tuple(name for list_id, name in bound.items() if list_id not in held),
    )


def _how(own: ItemContent, base: ItemContent, code: str, national: str) -> str:
    if own.template_key == code:
        return "认领范本事项"
    if national and own.extra.get("base_code") == national:
        return "国家基本编码相同"
    if base.power_code and own.power_code == base.power_code:
        return "职权编码相同"
    return "名称相同"
