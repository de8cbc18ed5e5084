"""下载与机读：清单的 xlsx 与 JSON、事项的 JSON 与 JSON-LD、变化的 JSON Feed。Every file names its edition and digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from quanze.apps.catalog import public as catalog
from quanze.base.sheets.writing import write_table
from quanze.base.web.dates import zh_date
from quanze.base.web.exporting import XLSX, download
from quanze.portal.public_site.addresses import public_address
from quanze.portal.public_site.naming import list_on
from quanze.portal.public_site.showing import asked_date, asked_knowledge, type_label, withheld_words

SCHEMA = "quanze.public/1"
_FIELDS = tuple(
    field for field in catalog.CONTENT_LABELS if field not in {"template_key", "is_city_set", "is_local_addition"}
)


def _open_data(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """机读数据任何站点都可取用。No cookie is ever read here, so sharing gives nothing away."""

    @wraps(view)
    def shared(*args: Any, **kwargs: Any) -> HttpResponse:
        response = view(*args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return require_safe(shared)


@require_safe
def list_xlsx(request: HttpRequest, body_code: str) -> HttpResponse:
    """清单工作簿：题名、表头、各项，表尾写版次与摘要。The same edition and date give the same bytes."""
    on, _ = asked_date(request)
    known_on, known_at = asked_knowledge(request)
    power_list = list_on(body_code, on=on, known_at=known_at)
    edition = power_list.edition
    tag = f'"{edition.digest}-{on.isoformat()}-{_known(known_on)}x{catalog.withheld_seal()}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    contents = catalog.list_contents(list_id=power_list.list_id, on=on, known_at=known_at)
    sheet = catalog.list_sheet(
        contents,
        title=f"{power_list.body_name}权责清单",
        subtitle=f"{edition.document_number}　{zh_date(edition.issued_on)}公布　{zh_date(edition.valid_from)}起施行",
        notes=(
            f"第 {edition.number} 版；截至 {zh_date(on)}{_known_words(known_on)}，主项（含单项）{power_list.items} 项、子项 {power_list.subitems} 项"
            f"{withheld_words(power_list.withheld)}。",
            f"摘要（{edition.digest_algorithm}）：{edition.digest}",
        ),
        type_labels={one.code: one.label for one in catalog.power_types().types},
    )
    content = write_table(sheet, created=edition.published_at)
    response = download(content, f"{power_list.body_name}权责清单 第{edition.number}版 {on.isoformat()}.xlsx", XLSX)
    response["ETag"] = tag
    response["Cache-Control"] = "no-cache"
    return response


def _known(known_on: date | None) -> str:
    return f"k{known_on.isoformat()}-" if known_on else ""


def _known_words(known_on: date | None) -> str:
    return f"（按 {zh_date(known_on)}以前的公布）" if known_on else ""


@_open_data
def list_json(request: HttpRequest, body_code: str) -> HttpResponse:
    """清单 JSON。"""
    on, _ = asked_date(request)
    known_on, known_at = asked_knowledge(request)
    power_list = list_on(body_code, on=on, known_at=known_at)
    contents = catalog.list_contents(list_id=power_list.list_id, on=on, known_at=known_at)
    body = {
        "schema": SCHEMA,
        "city": settings.QUANZE_CITY_NAME,
        "body": {"code": power_list.body_code, "name": power_list.body_name, "region": power_list.region_name},
        "as_of": on.isoformat(),
        "known_on": known_on.isoformat() if known_on else None,
        "edition": _edition(power_list.edition),
        "counts": {
            "items": power_list.items,
            "subitems": power_list.subitems,
            # Absent where nothing is withheld, so that what was published before reads as it did.
            **({"withheld": power_list.withheld} if power_list.withheld else {}),
        },
        "items": [_item(each) for each in contents],
    }
    return as_json(
        request, body, tag=f"{power_list.edition.digest}-{on.isoformat()}{_known(known_on)}{catalog.withheld_seal()}"
    )


@_open_data
def item_json(request: HttpRequest, item_code: str) -> HttpResponse:
    """事项 JSON。"""
    on, _ = asked_date(request)
    version = catalog.public_item(code=item_code, on=on)
    guide = catalog.public_guide(code=item_code, on=on)
    body = {"schema": SCHEMA, "city": settings.QUANZE_CITY_NAME, "as_of": on.isoformat(), "item": _item(version)}
    body["version_url"] = public_address(request, reverse("public:item_version", args=[item_code, version.number]))
    if guide is not None:
        body["guide"] = _guide(guide)
    tag = f"{version.content_hash}-{on.isoformat()}{_guide_tag(guide)}"
    return as_json(request, body, tag=tag)


@_open_data
def item_jsonld(request: HttpRequest, item_code: str) -> HttpResponse:
    """事项的 JSON-LD，用 schema.org 的政府服务。"""
    on, _ = asked_date(request)
    version = catalog.public_item(code=item_code, on=on)
    content = version.content
    address = public_address(request, reverse("public:item", args=[version.item_code]))
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "@id": address,
        "identifier": version.item_code,
        "name": content.name,
        "serviceType": type_label(content.power_type),
        "description": content.plain_summary or content.name,
        "provider": {"@type": "GovernmentOrganization", "name": content.exercising_body or version.body_name},
        "areaServed": settings.QUANZE_CITY_NAME,
        "inLanguage": "zh-CN",
        "version": version.number,
        "isBasedOn": [
            {"@type": "Legislation", "name": basis.law, "legislationIdentifier": basis.locator}
            for basis in content.bases
        ],
    }
    if content.guide_url:
        body["availableChannel"] = {"@type": "ServiceChannel", "serviceUrl": content.guide_url}
    guide = catalog.public_guide(code=item_code, on=on)
    if guide is not None and not content.guide_url:
        body["availableChannel"] = {
            "@type": "ServiceChannel",
            "serviceLocation": {"@type": "Place", "name": guide.content.place, "openingHours": guide.content.hours},
            "servicePhone": {"@type": "ContactPoint", "telephone": guide.content.phone},
        }
    if content.target:
        body["audience"] = {"@type": "Audience", "audienceType": content.target}
    return as_json(
        request, body, tag=f"{version.content_hash}-ld{_guide_tag(guide)}", content_type="application/ld+json"
    )


@_open_data
def changes_feed(request: HttpRequest) -> HttpResponse:
    """变化的 JSON Feed 1.1，新者在前五十条。"""
    rows = catalog.published_changes(limit=50)
    home = public_address(request, reverse("public:changes"))
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"{settings.QUANZE_CITY_NAME}权责清单变化",
        "home_page_url": home,
        "feed_url": public_address(request, reverse("public:changes_feed")),
        "language": "zh-CN",
        "items": [
            {
                "id": str(id),
                "url": public_address(request, reverse("public:item", args=[change.item_code])),
                "title": f"{change.action_label}：{change.name}",
                "content_text": "\n".join(f"{field.label}：{field.old} → {field.new}" for field in change.changes)
                or change.action_label,
                "date_published": timezone.localtime(change.edition.published_at).isoformat(),
                "_quanze": {
                    "item_code": change.item_code,
                    "action": change.action,
                    "edition": _edition(change.edition),
                    "changes": [asdict(field) for field in change.changes],
                },
            }
            for id, change in rows
        ],
    }
    tag = f"feed-{rows[0][0] if rows else 0}{catalog.withheld_seal()}"
    return as_json(request, body, tag=tag, content_type="application/feed+json")


def _edition(edition: catalog.EditionView) -> dict[str, Any]:
    return {
        "number": edition.number,
        "document_number": edition.document_number,
        "issued_on": edition.issued_on.isoformat(),
        "valid_from": edition.valid_from.isoformat(),
        "is_correction": edition.is_correction,
        "digest": edition.digest,
        "digest_algorithm": edition.digest_algorithm,
    }


def _item(version: catalog.VersionView) -> dict[str, Any]:
    content = {field: value for field, value in asdict(version.content).items() if field in _FIELDS}
    further = catalog.FIELDS.public(version.content.extra)
    return {
        "code": version.item_code,
        "version": version.number,
        "valid_from": _iso(version.valid_from),
        "valid_to": _iso(version.valid_to),
        "content_digest": version.content_hash,
        "power_type_label": type_label(version.content.power_type),
        **content,
        # Absent where there is nothing, so that what was published before reads as it did.
        **({"extra": further} if further else {}),
    }


def _guide(guide: catalog.GuideView) -> dict[str, Any]:
    return {
        "version": guide.number,
        "valid_from": _iso(guide.valid_from),
        "valid_to": _iso(guide.valid_to),
        "content_digest": guide.content_hash,
        **guide.content.stored(),
    }


def _guide_tag(guide: catalog.GuideView | None) -> str:
    return f"-g{guide.content_hash[:16]}" if guide is not None else ""


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def as_json(
    request: HttpRequest, body: dict[str, Any], *, tag: str, content_type: str = "application/json"
) -> HttpResponse:
    """机读应答：带摘要作 ETag，没变的答 304。"""
    etag = f'"{tag}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    text = json.dumps(body, ensure_ascii=False, indent=1, sort_keys=False)
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response
