"""目录范本的第二版：几项改了救济渠道；有的镇把名称另写过，范本也改了名称，这些就是要由人处理的冲突。"""

from __future__ import annotations

from datetime import timedelta

from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded, publish_again
from quanze.demo.timeline import Timeline
from quanze.demo.world import DemoItem, Holder, World

FOLLOWED = 6
CONFLICTS = 2
REMEDY = "自知道该行政行为之日起六十日内申请行政复议，或六个月内提起行政诉讼。"


def renew(base: Holder, world: World, directory: Directory, seeded: Seeded, timeline: Timeline) -> None:
    """公布范本第二版。Only after the lists were bound: each of them gets its merge by the publication itself."""
    issued = timeline.second_edition + timedelta(days=40)
    renamed = _renamed(base, world)
    plain = [item for item in base.items if not item.is_sub and item.ref not in {one.ref for one in renamed}]
    changes: dict[str, dict[str, object]] = {item.ref: {"remedy": REMEDY} for item in plain[:FOLLOWED]}
    changes |= {item.ref: {"name": f"{item.fields['name']}（含委托实施）"} for item in renamed}
    publish_again(
        base,
        directory,
        seeded,
        changes,
        title=f"{base.county}目录范本（{issued.year}年修订）",
        note="修订救济渠道与两项名称",
        number=5,
        issued=issued,
        valid_from=issued + timedelta(days=10),
        meeting=f"{base.county}编委〔{issued.year}〕第2次会议",
    )


def _renamed(base: Holder, world: World) -> list[DemoItem]:
    """有镇另写了名称的范本事项，取前两项。"""
    nodes = {item.ref: item for item in base.main_items}
    found: dict[str, DemoItem] = {}
    for holder in world.holders:
        for item in holder.items:
            mine = nodes.get(str(item.fields.get("template_key", "")))
            if mine is not None and item.fields["name"] != mine.fields["name"]:
                found.setdefault(mine.ref, mine)
    return list(found.values())[:CONFLICTS]
