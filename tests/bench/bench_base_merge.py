"""范本换版：230 项的清单，各项都变、一成有冲突，算出合并、写成草稿各要多久。"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

ITEMS = int(os.environ.get("ITEMS", "230"))
os.environ["QUANZE_DATA_DIR"] = tempfile.mkdtemp(prefix="quanze-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "quanze.conf.local")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402

from county import county_build  # noqa: E402
from quanze.apps.catalog import public as catalog  # noqa: E402
from quanze.apps.catalog.domain.base_merging import Choice  # noqa: E402
from quanze.apps.catalog.domain.publishing import Issue  # noqa: E402
from quanze.apps.catalog.models import BaseMerge, ItemVersion, PowerItem, PowerList, SubmissionItem  # noqa: E402
from quanze.apps.catalog.selectors import base_merges as selectors  # noqa: E402
from quanze.apps.catalog.services import base_merging  # noqa: E402
from quanze.apps.catalog.services.publishing import edition_publish  # noqa: E402
from quanze.apps.catalog.services.storing import NewVersion, write_versions  # noqa: E402
from quanze.core.actor import SYSTEM  # noqa: E402

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)


def publish(list_id: int, contents, items, number: int) -> None:
    """公布一版，不经审查：这里量的是合并。"""
    versions = write_versions(
        [NewVersion(item, content) for item, content in zip(items, contents, strict=True)], actor=SYSTEM, now=NOW
    )
    ItemVersion.objects.filter(pk__in=[row.pk for row in versions]).update(state="frozen")
    edition_publish(
        actor=SYSTEM,
        power_list=PowerList.objects.get(pk=list_id),
        entries=[
            SubmissionItem(item=item, version=version, action="add" if number == 1 else "change")
            for item, version in zip(items, versions, strict=True)
        ],
        issue=Issue(f"青编发〔2026〕{number}号", TODAY, TODAY),
        submission=None,
        now=NOW,
    )


def main() -> None:
    call_command("migrate", verbosity=0)
    county = county_build(is_with_passwords=False)
    names = [f"对第 {n} 种行为的处罚" for n in range(ITEMS)]
    lists, items = {}, {}
    for body, kind, template, procedure in (
        ("QH-BB", "TPL", "base-2024", "base-list"),
        ("QH-HX", "QZ", "town-2024", "three-step"),
    ):
        lists[body] = catalog.list_create(
            actor=SYSTEM,
            body_id=county.bodies[body],
            list_type=kind,
            template=template,
            procedure=procedure,
            now=NOW,
        )
        items[body] = [
            PowerItem.objects.create(power_list_id=lists[body], code=f"{body}-{n}", created_at=NOW, ordinal=n)
            for n in range(ITEMS)
        ]
    publish(lists["QH-BB"], [county.content(name) for name in names], items["QH-BB"], 1)
    own = [
        county.content(name, template_key=f"QH-BB-{n}", target="本镇居民" if n % 10 == 0 else "公民、法人及其他组织")
        for n, name in enumerate(names)
    ]
    publish(lists["QH-HX"], own, items["QH-HX"], 1)
    catalog.base_bind(actor=county.actor("establishment"), list_id=lists["QH-HX"], base_list_id=lists["QH-BB"], now=NOW)
    renewed = [county.content(name, target="单位和个人", remedy="申请行政复议") for name in names]
    publish(lists["QH-BB"], renewed, items["QH-BB"], 2)
    row = BaseMerge.objects.get()
    began = time.perf_counter()
    view = selectors.merge_view(merge_id=row.pk, scope=SYSTEM.scope, on=TODAY)
    computed = time.perf_counter() - began
    keys = [(item.base_code, one.unit) for item in view.items for one in item.conflicts]
    actor = county.actor("town_drafter")
    base_merging.merge_choose(
        actor=actor, merge_id=row.pk, seen_version=1, choices=dict.fromkeys(keys, Choice("base")), now=NOW
    )
    began = time.perf_counter()
    written = base_merging.merge_apply(actor=actor, merge_id=row.pk, seen_version=2, now=NOW)
    applied = time.perf_counter() - began
    sys.stdout.write(
        f"{ITEMS} 项的清单，{len(keys)} 处冲突：算出合并 {computed:.2f} 秒，写成 {written} 份草稿 {applied:.2f} 秒"
        f"（每项 {1000 * applied / written:.1f} 毫秒）\n"
    )


if __name__ == "__main__":
    main()
