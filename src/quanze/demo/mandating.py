"""示范城市的三定规定：一个局两版，事项采用建议对应到条款与内设机构职责；换版之后有的条文改了，有的没有了，还没有办。"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.timezone import localdate

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.demo.directory import Directory
from quanze.demo.packs import pack
from quanze.demo.publishing import Seeded, moment

SURE = 60  # percent from which the demonstration's drafter takes a suggestion


def adopt(directory: Directory, seeded: dict[str, Seeded], *, now: datetime) -> int:
    """录入、启用两版，期间对应事项；返回对应数。"""
    data = pack("mandates")
    code, (first, second) = data["body"], data["versions"]
    if code not in seeded:
        return 0
    edition = catalog.editions(seeded[code].list_id)[0]
    text = first["text"]
    _adopt(directory, code, first, text, edition.valid_from - timedelta(days=first["days_before_first_edition"]))
    linked = _link(directory, code, seeded[code], edition.valid_from + timedelta(days=12))
    for old, new in second["replaced"]:
        text = text.replace(old, new)
    _adopt(directory, code, second, text, localdate(now) - timedelta(days=second["days_before_today"]))
    return linked


def _adopt(directory: Directory, code: str, version: dict[str, str], text: str, day: date) -> None:
    office = directory.actor("YZ-BB", "establishment", on=day)
    version_id = org.mandate_draft(
        actor=office,
        body_id=directory.bodies[code],
        head=org.MandateHead(version["document_number"], day, day),
        source=org.MandateSource(text),
        now=moment(day, 9),
    )
    org.mandate_adopt(actor=office, version_id=version_id, seen_version=1, now=moment(day, 10))


def _link(directory: Directory, code: str, seeded: Seeded, day: date) -> int:
    """业务口逐项采用最像的建议。"""
    drafter = directory.actor(code, "drafter", on=day)
    covered = catalog.list_coverage(list_id=seeded.list_id, scope=drafter.scope, on=day)
    wanted: dict[str, list[int]] = {}
    for one in covered.result.items:
        for kind in ("clause", "duty"):
            offered = [piece for piece in covered.pieces if piece.kind == kind]
            for best in catalog.suggest(one.item.name, offered, most=1):
                if best.percent >= SURE:
                    wanted.setdefault(best.piece.key, []).append(one.item.item_id)
    return sum(
        catalog.items_link(actor=drafter, list_id=seeded.list_id, item_ids=items, keys=[key], now=moment(day, 15))
        for key, items in wanted.items()
    )
