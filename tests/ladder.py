"""动态调整的小县：农业农村局公布了三项处罚；县编办的范本认领其中一项，两个镇再认领范本。"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

PENALTY = "对使用电鱼方法捕捞的处罚"
SECOND = "对使用毒鱼方法捕捞的处罚"
THIRD = "对使用炸鱼方法捕捞的处罚"


@dataclass
class Ladder:
    """部门的三项，范本一项，两个镇各一项：事项编号。"""

    county: object
    items: dict[str, int]
    base_item: int
    town_items: dict[str, int]

    def now(self, **span):
        return self.county.now + timedelta(**span)


@pytest.fixture
def ladder(county) -> Ladder:
    """部门 → 范本 → 镇，一级认领一级。"""
    from quanze.apps.adjustment import public as adjustment  # noqa: F401
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import ItemVersion, PowerItem
    from quanze.core.actor import SYSTEM

    county.publish(county.content(PENALTY), county.content(SECOND), county.content(THIRD))
    items = {row.name: row.item_id for row in catalog.public_items(on=county.today, list_id=county.power_list())}
    code = PowerItem.objects.get(pk=items[PENALTY]).code

    def claimed(body: str, list_type: str, template: str, procedure: str, key: str) -> int:
        """直接写成已公布的版本：认领关系是这里要看的，审查过程别处看过。"""
        list_id = catalog.list_create(
            actor=SYSTEM,
            body_id=county.bodies[body],
            list_type=list_type,
            template=template,
            procedure=procedure,
            now=county.now,
        )
        item = PowerItem.objects.create(
            power_list_id=list_id, code=f"{body}-{list_type}-1", created_at=county.now, ordinal=1
        )
        content = county.content(PENALTY, template_key=key)
        ItemVersion.objects.create(
            item=item,
            state="published",
            number=1,
            valid_from=date(2026, 11, 2),
            published_at=county.now,
            name=content.name,
            power_type=content.power_type,
            template_key=key,
            content_hash=content.content_hash(),
            created_at=county.now,
            updated_at=county.now,
        )
        return item.pk

    base_item = claimed("QH-BB", "TPL", "base-2024", "base-list", code)
    base_code = PowerItem.objects.get(pk=base_item).code
    towns = {body: claimed(body, "QZ", "town-2024", "three-step", base_code) for body in ("QH-HX", "QH-XH")}
    return Ladder(county, items, base_item, towns)


@pytest.fixture
def opened(ladder):
    """登记一个事由，返回（阶梯，调整编号）。"""

    def open_one(*names: str, legal_on: date = date(2026, 11, 2), kind: str = "law_change", now=None) -> int:
        from quanze.apps.adjustment import public as adjustment

        adjustment.trigger_open(
            actor=ladder.county.actor("establishment"),
            kind=kind,
            title="渔业管理办法修订",
            evidence="《青禾县渔业管理办法》第三十八条",
            legal_on=legal_on,
            item_reasons={ladder.items[name]: "所引条款有变" for name in (names or (PENALTY,))},
            now=now or ladder.county.now,
        )
        rows = adjustment.adjustments(scope=ladder.county.actor("establishment").scope, today=ladder.county.today)
        return rows[0].id

    return open_one
