"""公开站点的页面：首页、搜索、单位、清单、事项、变化。"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.web import pacing
from quanze.base.web.errors import error_response
from quanze.core.errors import NotFound
from quanze.portal.public_site.addresses import public_address
from quanze.portal.public_site.lineage import lineage_of
from quanze.portal.public_site.naming import list_on, named_on
from quanze.portal.public_site.showing import (
    LONGEST_QUERY,
    ShownChange,
    all_facts,
    asked_date,
    asked_knowledge,
    plain_facts,
    shown_changes,
    type_label,
)
from quanze.portal.public_site.themes import themes

PAGE = 50
# RELIABILITY R1: sixty a minute. The first ten of a minute cost no write.
SEARCHES = pacing.Pace("search", per_minute=60, burst=60, free=10)
FEW = 5  # so many changes of one edition are shown in place


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """首页：先搜索，再按单位、按类型，最近变化。"""
    today = timezone.localdate()
    lists = catalog.public_lists(on=today)
    context = {
        "section": "home",
        "lists": lists,
        "regions": regions_of(lists),
        "items": sum(each.items for each in lists),
        "types": _type_tags(catalog.type_counts(on=today)),
        "themes": themes(),
        "editions": _shown_editions(catalog.recent_editions(limit=5)),
        "anchor": audit.last_anchor(),
    }
    return render(request, "public/home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """跨清单搜索：字词、类型、主题、单位。"""
    wait = pacing.wait_seconds(SEARCHES, request.META.get("REMOTE_ADDR", ""), now=timezone.now())
    if wait:
        response = error_response(request, 429)
        response["Retry-After"] = str(wait)
        return response
    today = timezone.localdate()
    words = " ".join(request.GET.get("q", "").split())[:LONGEST_QUERY]
    power_type = request.GET.get("type", "")
    if power_type not in catalog.power_types().by_code:
        power_type = ""
    lists = catalog.public_lists(on=today)
    body = next((each for each in lists if each.body_code == request.GET.get("body", "")), None)
    theme = next((each for each in themes() if each.code == request.GET.get("theme", "")), None)
    rows = []
    if words or power_type or body or theme:
        rows = catalog.public_items(
            on=today,
            text=words,
            any_word=theme.words if theme else (),
            power_type=power_type,
            body_id=body.body_id if body else None,
            after=_after(request),
            limit=PAGE + 1,
        )
    context = {
        "words": words,
        "power_type": power_type,
        "power_type_label": type_label(power_type) if power_type else "",
        "body": body,
        "lists": lists,
        "types": _type_tags(catalog.type_counts(on=today)),
        "rows": _with_types(rows[:PAGE]),
        "next_after": _mark(rows),
        "theme": theme,
        "themes": themes(),
        "has_asked": bool(words or power_type or body or theme),
        "theme_words": {each.code: each.words for each in themes()},
    }
    return render(request, "public/search.html", context)


@require_safe
def bodies(request: HttpRequest) -> HttpResponse:
    """全部单位，按区划。"""
    lists = catalog.public_lists(on=timezone.localdate())
    return render(request, "public/bodies.html", {"section": "bodies", "regions": regions_of(lists), "lists": lists})


@require_safe
def body_list(request: HttpRequest, body_code: str) -> HttpResponse:
    """一个单位某日的清单。"""
    on, problem = asked_date(request)
    known_on, known_at = asked_knowledge(request)
    power_list = list_on(body_code, on=on, known_at=known_at)
    power_type = request.GET.get("type", "")
    rows = catalog.public_items(
        on=on,
        known_at=known_at,
        list_id=power_list.list_id,
        power_type=power_type,
        after=_after(request),
        limit=PAGE + 1,
    )
    context = {
        "section": "bodies",
        "list": power_list,
        "on": on,
        "is_today": on == timezone.localdate() and known_on is None,
        "known_on": known_on,
        "dates": _dates(on, known_on),
        "problem": problem,
        "power_type": power_type,
        "types": _type_tags(catalog.type_counts(on=on, known_at=known_at, list_ids=[power_list.list_id])),
        "rows": _with_types(rows[:PAGE]),
        "next_after": _mark(rows),
        "is_first_page": "after" not in request.GET,
        "editions": catalog.editions(power_list.list_id),
        "withheld": _withheld(power_list, on) if known_on is None else [],
    }
    return render(request, "public/body.html", context)


@require_safe
def body_print(request: HttpRequest, body_code: str) -> HttpResponse:
    """印成手册的清单：A4，写明版次与摘要。"""
    on, _ = asked_date(request)
    _, known_at = asked_knowledge(request)
    power_list = list_on(body_code, on=on, known_at=known_at)
    contents = catalog.list_contents(list_id=power_list.list_id, on=on, known_at=known_at)
    rows = [(each, type_label(each.content.power_type)) for each in contents]
    return render(request, "public/print_list.html", {"list": power_list, "on": on, "rows": rows})


@require_safe
def item(request: HttpRequest, item_code: str) -> HttpResponse:
    """一个事项：先十项要点，再全部要素与历次变化。"""
    on, problem = asked_date(request)
    version = named_on(catalog.public_item(code=item_code, on=on), on=on)
    context = _item_context(request, version, on)
    guide = catalog.public_guide(code=item_code, on=on) if context["is_in_force"] else None
    context |= {
        "guide": guide,
        "plain": plain_facts(version, has_guide=guide is not None),
        "problem": problem,
        "changes": shown_changes(catalog.published_changes(item_code=item_code, limit=20)),
        "lineage": lineage_of(version.item_id),
    }
    return render(request, "public/item.html", context)


@require_safe
def item_version(request: HttpRequest, item_code: str, number: int) -> HttpResponse:
    """固定链接：一个事项的第几版，永远是这一版的内容。"""
    found = catalog.public_versions(code=item_code)
    version = next((one for one in found if one.number == number), None)
    if version is None or version.valid_from is None:
        raise NotFound("没有这一版", hint="请从事项页的“各个版本”中打开。")
    version = named_on(version, on=version.valid_from)
    context = _item_context(request, version, version.valid_from or timezone.localdate(), versions=found)
    context |= {"plain": plain_facts(version), "is_permalink": True, "is_current": _is_current(version)}
    return render(request, "public/item.html", context)


def _item_context(
    request: HttpRequest,
    version: catalog.VersionView,
    on: date,
    *,
    versions: list[catalog.VersionView] | None = None,
) -> dict[str, Any]:
    """事项页与固定链接共有的内容。"""
    start, end = version.valid_from, version.valid_to
    return {
        "version": version,
        "type_label": type_label(version.content.power_type),
        "facts": all_facts(version),
        "on": on,
        "is_today": on == timezone.localdate(),
        "is_in_force": start is not None and start <= on and (end is None or on < end),
        "is_ahead": start is not None and start > on,
        "versions": catalog.public_versions(code=version.item_code) if versions is None else versions,
        "body_code": _body_code(version.body_id),
        "canonical": _canonical(request, version),
    }


def _is_current(version: catalog.VersionView) -> bool:
    today = timezone.localdate()
    return (
        version.valid_from is not None
        and version.valid_from <= today
        and (version.valid_to is None or today < version.valid_to)
    )


def _canonical(request: HttpRequest, version: catalog.VersionView) -> str:
    """同样内容的几个网址认哪一个：现行的认事项页，其余认那一版的固定链接。

    An exported page must not name the machine that exported it: there the address has no host and becomes a relative link.
    """
    path = reverse("public:item", args=[version.item_code])
    if not _is_current(version):
        path = reverse("public:item_version", args=[version.item_code, version.number])
    is_exported = bool(request.META.get("quanze.static_export")) and not settings.QUANZE_PUBLIC_URL
    return path if is_exported else public_address(request, path)


@require_safe
def item_guide(request: HttpRequest, item_code: str) -> HttpResponse:
    """简明指南的打印页：A4，写明事项、版本与摘要。"""
    on, _ = asked_date(request)
    version = catalog.public_item(code=item_code, on=on)
    guide = catalog.public_guide(code=item_code, on=on)
    if guide is None:
        raise NotFound("这个事项在这一天没有简明指南", hint="请从事项页打开。")
    address = public_address(request, reverse("public:item", args=[item_code]))
    context = {"version": version, "guide": guide, "on": on, "address": address}
    return render(request, "public/print_guide.html", context)


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """最近的公布，新者在前；可限一个单位。改动少的当场列出，多的另开一页。"""
    lists = catalog.public_lists(on=timezone.localdate())
    chosen = next((each for each in lists if each.body_code == request.GET.get("body", "")), None)
    rows = catalog.recent_editions(
        list_id=chosen.list_id if chosen else None, before_id=_number(request.GET.get("before", "")), limit=21
    )
    context = {
        "section": "changes",
        "editions": _shown_editions(rows[:20]),
        "before": rows[19].edition.id if len(rows) > 20 else None,
        "lists": lists,
        "body": chosen,
    }
    return render(request, "public/changes.html", context)


@require_safe
def edition(request: HttpRequest, edition_id: int) -> HttpResponse:
    """一次公布改了什么，逐项。"""
    recent = catalog.recent_edition(edition_id=edition_id)
    rows = catalog.published_changes(
        edition_ids=[edition_id], before_id=_number(request.GET.get("before", "")), limit=PAGE + 1
    )
    context = {
        "section": "changes",
        "recent": recent,
        "changes": shown_changes(rows[:PAGE]),
        "before": rows[PAGE - 1][0] if len(rows) > PAGE else None,
    }
    return render(request, "public/edition.html", context)


def _withheld(power_list: catalog.PublicList, on: date) -> list[tuple[str, int, str]]:
    """依法不公开的，按情形：名称、项数、法律依据；没有的不查。"""
    if not power_list.withheld:
        return []
    bases = {one.code: one for one in catalog.nondisclosure_grounds().grounds}
    found = catalog.withheld_counts(list_id=power_list.list_id, on=on)
    return [
        (bases[one.ground].label, one.items, bases[one.ground].legal_basis)
        if one.ground in bases
        else ("依法不公开", one.items, "")
        for one in found
    ]


def _dates(on: date, known_on: date | None) -> str:
    """下载与打印的网址带上所看的日期；看今天的不带。"""
    asked = {"on": on.isoformat()} if on != timezone.localdate() else {}
    if known_on is not None:
        asked |= {"on": on.isoformat(), "known": known_on.isoformat()}
    return f"?{urlencode(asked)}" if asked else ""


def regions_of(lists: list[catalog.PublicList]) -> list[tuple[str, list[catalog.PublicList]]]:
    """按区划分组，次序不变。"""
    groups: dict[str, list[catalog.PublicList]] = {}
    for each in lists:
        groups.setdefault(each.region_name, []).append(each)
    return list(groups.items())


def _type_tags(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    """（代码、名称、项数），按类型表的次序，没有的略去。"""
    return [(one.code, one.label, counts[one.code]) for one in catalog.power_types().types if counts.get(one.code)]


def _with_types(rows: list[catalog.PublicItem]) -> list[tuple[catalog.PublicItem, str]]:
    return [(row, type_label(row.power_type)) for row in rows]


def _after(request: HttpRequest) -> tuple[int, int] | None:
    """翻页标记：上一页末行的次序与编号；看不懂的当作第一页。"""
    parts = request.GET.get("after", "").split("-")
    if len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _shown_editions(rows: list[catalog.RecentEdition]) -> list[tuple[catalog.RecentEdition, list[ShownChange]]]:
    """公布与其改动；改动超过 FEW 项的只给数目。The few of all of them are read at once."""
    few = [row.edition.id for row in rows if row.total <= FEW]
    found: dict[int, list[tuple[int, catalog.PublishedChange]]] = {edition_id: [] for edition_id in few}
    for number, change in catalog.published_changes(edition_ids=few, limit=FEW * len(few)):
        found[change.edition.id].append((number, change))
    return [(row, shown_changes(found.get(row.edition.id, []))) for row in rows]


def _mark(rows: list[catalog.PublicItem]) -> str:
    return f"{rows[PAGE - 1].ordinal}-{rows[PAGE - 1].item_id}" if len(rows) > PAGE else ""


def _body_code(body_id: int) -> str:
    found: Any = org.bodies_by_ids([body_id]).get(body_id)
    return found.code if found else ""
