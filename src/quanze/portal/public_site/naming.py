"""公开页面上机构的名称：问过去某一天，显示机构那一天的名称。"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org


def _name(body_id: int, present: str, on: date, known_at: datetime | None) -> str:
    # Today's name is at hand: the page of today, by far the most asked for, pays no query for the past.
    if on == timezone.localdate() and known_at is None:
        return present
    return org.body_name_on(body_id, on=on, known=known_at)


def list_on(body_code: str, *, on: date, known_at: datetime | None = None) -> catalog.PublicList:
    """某机构某日的清单，机构用那一天的名称；没有施行的答为没有。"""
    found = catalog.public_list(body_code=body_code, on=on, known_at=known_at)
    return replace(found, body_name=_name(found.body_id, found.body_name, on, known_at))


def named_on(version: catalog.VersionView, *, on: date) -> catalog.VersionView:
    """事项版本，机构用那一天的名称。"""
    return replace(version, body_name=_name(version.body_id, version.body_name, on, None))
