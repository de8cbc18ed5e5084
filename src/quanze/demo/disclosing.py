"""示范城市的公开渠道：各清单随版公开，留凭据；留下两处没有办完，手册发到村里。"""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

from quanze.apps.catalog import public as catalog
from quanze.base.documents.public import qr_png
from quanze.core.actor import Actor
from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded, moment
from quanze.demo.world import Holder, World

# (holder, channel): still to be done, so that somebody has something to do and something is late.
LEFT_OPEN = frozenset({("YZ-NY", "wechat"), ("QH-LA", "board")})
NO_ACCOUNT = "本单位没有开设公众号，由政府公众号统一发布。"
VILLAGES = ("上湾村 30", "下湾村 26", "石桥村 24", "渡口社区 18")
SITE = "https://demo.invalid"


def disclose(world: World, directory: Directory, seeded: dict[str, Seeded]) -> int:
    """逐清单登记最新一版的公开情况，返回登记的渠道数。"""
    done = 0
    for holder in world.holders:
        list_id = seeded[holder.code].list_id
        edition = catalog.editions(list_id)[0]
        day = edition.valid_from + timedelta(days=3)
        actor = directory.actor(holder.code, "publisher", on=day)
        for task in catalog.disclosure_tasks(edition_id=edition.id, scope=actor.scope):
            if task.state == "pending" and (holder.code, task.channel) not in LEFT_OPEN:
                _report(holder, actor, task, day)
                done += 1
        if holder.is_town:
            catalog.handbook_deliver(
                actor=actor, edition_id=edition.id, text="\n".join(VILLAGES), delivered_on=day, now=moment(day, 16)
            )
    return done


def _report(holder: Holder, actor: Actor, task: catalog.DisclosureTaskView, day: date) -> None:
    now: datetime = moment(day, 15)
    if task.channel == "wechat" and holder.is_town:
        catalog.disclosure_excuse(
            actor=actor, task_id=task.id, seen_version=task.lock_version, reason=NO_ACCOUNT, now=now
        )
        return
    by_picture = task.channel in ("board", "hall", "handbook")
    catalog.disclosure_report(
        actor=actor,
        task_id=task.id,
        seen_version=task.lock_version,
        done_on=day,
        url="" if by_picture else f"{SITE}/{holder.code.lower()}/{task.channel}",
        place={"board": "院内公开栏", "hall": "一楼办事大厅", "handbook": "各村（社区）"}.get(task.channel, ""),
        receipt=(f"{task.label}.png", io.BytesIO(qr_png(f"{SITE}/{holder.code}"))) if by_picture else None,
        now=now,
    )
