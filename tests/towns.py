"""三镇两县：县编办的范本 190 项，三个镇与别县两个镇，供乡镇比较与范本换版的测试共用。

Reviewing is seen elsewhere; here drafts go straight to the service that publishes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

LICENCE = "执业医师申请个体行医审批"
TOWNS = {
    "QH-HX": ("禾溪镇人民政府", "禾溪镇", "990101", "town_drafter"),
    "QH-XH": ("新河镇人民政府", "新河镇", "990102", "other_town"),
    "QH-LA": ("柳岸镇人民政府", "柳岸镇", "990103", "willow"),
    "WJ-JK": ("江口镇人民政府", "江口镇", "990201", ""),
    "SQ-YL": ("云岭镇人民政府", "云岭镇", "990301", ""),
}


def names(count: int) -> list[str]:
    """范本的事项名称：一项许可（写成了“其他”），其余为处罚。"""
    return [LICENCE, *(f"对违反乡镇管理规定第{number:03d}种情形的处罚" for number in range(1, count))]


@dataclass
class Towns:
    """三镇两县的小市：编号与捷径。"""

    county: Any
    bodies: Mapping[str, int]
    editions: dict[int, int] = field(default_factory=dict)

    def actor(self, login: str) -> Any:
        return self.county.actor(login)

    def drafter(self, body: str) -> Any:
        return self.actor(TOWNS[body][3])

    def content(self, name: str, **fields: Any) -> Any:
        """一项：许可写成“其他”，其余为处罚。"""
        made = self.county.content(name, **fields)
        return replace(made, power_type=fields.get("power_type", "other")) if name == LICENCE else made

    def list_of(self, body: str, *, is_base: bool = False) -> int:
        from quanze.apps.catalog import public as catalog
        from quanze.core.actor import SYSTEM

        return catalog.list_create(
            actor=SYSTEM,
            body_id=self.bodies[body],
            list_type=catalog.BASE_LIST if is_base else catalog.POWER_LIST,
            template="base-2024" if is_base else "town-2024",
            procedure="base-list" if is_base else "three-step",
            now=self.county.now,
        )

    def base_made(self, count: int = 190, **fields: Any) -> int:
        """县编办的范本，公布第一版；返回清单编号。"""
        list_id = self.list_of("QH-BB", is_base=True)
        own = {"exercising_body": "", "responsible_body": "", "lead_division": "", "power_code": "", "hotline": ""}
        self.add(list_id, [self.content(name, **own, **fields) for name in names(count)])
        self.publish(list_id)
        return list_id

    def add(self, list_id: int, contents: Sequence[Any]) -> list[int]:
        """成批新增草稿，不问是谁。"""
        from quanze.apps.catalog.models import PowerItem, PowerList
        from quanze.apps.catalog.services.storing import NewVersion, write_versions
        from quanze.core.actor import SYSTEM

        power_list = PowerList.objects.select_related("body").get(pk=list_id)
        start = power_list.items.count()
        rows = PowerItem.objects.bulk_create(
            [
                PowerItem(
                    power_list=power_list,
                    code=f"{power_list.body.code}-{power_list.list_type}-{start + n:05d}",
                    created_at=self.county.now,
                    ordinal=start + n,
                )
                for n, _ in enumerate(contents, start=1)
            ]
        )
        write_versions(
            [NewVersion(row, content) for row, content in zip(rows, contents, strict=True)],
            actor=SYSTEM,
            now=self.county.now,
        )
        return [row.pk for row in rows]

    def rewrite(self, list_id: int, changes: Mapping[int, Mapping[str, Any]]) -> None:
        """事项编号 → 改动的字段；写成草稿。"""
        from quanze.apps.catalog.models import ItemVersion
        from quanze.apps.catalog.selectors.contents import content_of, with_content
        from quanze.apps.catalog.services.storing import NewVersion, rewrite, write_versions
        from quanze.core.actor import SYSTEM

        rows = with_content(
            ItemVersion.objects.filter(
                item__power_list_id=list_id, item_id__in=changes, state__in=["draft", "published"]
            )
            .filter(valid_to__isnull=True)
            .select_related("item")
        )
        held = {row.item_id: row for row in rows.order_by("id")}
        for item_id, fields in changes.items():
            content = replace(content_of(held[item_id]), **fields)
            if held[item_id].state == "draft":
                rewrite(held[item_id], content, actor=SYSTEM, now=self.county.now)
            else:
                write_versions([NewVersion(held[item_id].item, content)], actor=SYSTEM, now=self.county.now)

    def publish(self, list_id: int, *, days: int = 0) -> None:
        """草稿与拟取消的公布为一版。"""
        from quanze.apps.catalog.domain.publishing import Issue
        from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerList, SubmissionItem
        from quanze.apps.catalog.services.publishing import edition_publish
        from quanze.core.actor import SYSTEM

        self.editions[list_id] = self.editions.get(list_id, 0) + 1
        power_list = PowerList.objects.get(pk=list_id)
        drafts = ItemVersion.objects.filter(item__power_list=power_list, state="draft").select_related("item")
        ended = [one.item for one in ItemEnding.objects.filter(item__power_list=power_list).select_related("item")]
        fresh = list(drafts.order_by("item__parent_id", "item__ordinal"))
        ItemVersion.objects.filter(pk__in=[row.pk for row in fresh]).update(state="frozen")
        current = {
            row.item_id: row
            for row in ItemVersion.objects.filter(item__power_list=power_list, state="published", valid_to__isnull=True)
        }
        entries = [
            SubmissionItem(
                item=row.item,
                version=row,
                base_version=current.get(row.item_id),
                action="change" if row.item_id in current else "add",
            )
            for row in ItemVersion.objects.filter(pk__in=[row.pk for row in fresh]).select_related("item")
        ]
        entries += [SubmissionItem(item=item, base_version=current[item.pk], action="cancel") for item in ended]
        day = self.county.today + timedelta(days=days)
        edition_publish(
            actor=SYSTEM,
            power_list=power_list,
            entries=entries,
            issue=Issue(f"青编发〔2026〕{list_id}-{self.editions[list_id]}号", day, day),
            submission=None,
            now=self.later(days=days),
        )

    def later(self, **span: int) -> datetime:
        return self.county.now + timedelta(**span)

    def issue(self, base_id: int, *bodies: str) -> int:
        """县编办下发给各镇。"""
        from quanze.apps.catalog.services.base_issuing import base_issue

        return base_issue(
            actor=self.actor("establishment"),
            base_list_id=base_id,
            body_ids=[self.bodies[body] for body in bodies],
            now=self.county.now,
        )

    def claim(self, body: str, **fields: Any) -> list[int]:
        """某镇认领应列的全部。"""
        from quanze.apps.catalog import public as catalog

        return catalog.base_claim(actor=self.drafter(body), list_id=self.list_of(body), now=self.county.now, **fields)

    def items_named(self, list_id: int) -> dict[str, int]:
        """清单里各项：名称 → 事项编号（草稿或现行）。"""
        from quanze.apps.catalog.models import ItemVersion

        rows = ItemVersion.objects.filter(item__power_list_id=list_id, state__in=["draft", "published"])
        return dict(rows.filter(valid_to__isnull=True).values_list("name", "item_id"))


@pytest.fixture
def towns(county) -> Towns:
    """柳岸镇与别县两个镇，加在小县之上。"""
    from quanze.apps.org import public as org
    from quanze.base.iam import public as iam
    from quanze.core.actor import SYSTEM

    regions = (
        org.RegionRow("990103", "柳岸镇", "town", "990100"),
        org.RegionRow("990200", "望江县", "county", "990000"),
        org.RegionRow("990201", "江口镇", "town", "990200"),
        org.RegionRow("990300", "石桥县", "county", "990000"),
        org.RegionRow("990301", "云岭镇", "town", "990300"),
    )
    since = county.today.replace(year=2020)
    rows = [
        org.BodyRow(code, name, "town", region, since, short_name=short, parent_code="QH-ZF")
        for code, (name, short, region, _) in TOWNS.items()
        if code not in county.bodies
    ]
    made = org.directory_load(actor=SYSTEM, regions=regions, bodies=rows, now=county.now)
    for login, name, body, roles, scope in (
        ("willow", "柳岸", "QH-LA", ("drafter",), "own"),
        ("base_keeper", "范本", "QH-BB", ("drafter", "establishment"), "all"),
    ):
        user = iam.user_create(actor=SYSTEM, username=login, full_name=name, phone="0000-1234567", now=county.now)
        org.appointment_make(
            actor=SYSTEM,
            user_id=user.id,
            body_id={**county.bodies, **made}[body],
            roles=roles,
            post="科员",
            scope_kind=scope,
            valid_from=since,
            now=county.now,
        )
        county.users[login] = user.id
    return Towns(county, {**county.bodies, **made})
