"""公开的关联清单：目录、一份清单的网页、表格与数据，可看某一天的。"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from quanze.apps.catalog import public as catalog
from quanze.base.sheets.writing import Column, TableSheet, write_table
from quanze.base.web.dates import zh_date
from quanze.base.web.exporting import XLSX, download
from quanze.portal.public_site.downloads import SCHEMA, as_json
from quanze.portal.public_site.showing import asked_date, type_label, withheld_words


@require_safe
def derived_index(request: HttpRequest) -> HttpResponse:
    """关联清单目录。"""
    lists = catalog.public_derived_lists(on=timezone.localdate())
    groups: dict[str, list[Any]] = {}
    for one in lists:
        groups.setdefault(f"{one.tier_label} · {one.label}", []).append(one)
    return render(request, "public/derived_index.html", {"section": "derived", "groups": list(groups.items())})


@require_safe
def derived_list(request: HttpRequest, list_code: str, body_code: str) -> HttpResponse:
    """一份关联清单某日的样子。"""
    on, problem = asked_date(request)
    found = catalog.public_derived_list(code=list_code, body_code=body_code, on=on)
    context = {
        "section": "derived",
        "list": found,
        "entries": [
            (one, type_label(one.power_type) if one.power_type else "", [fact for fact in one.facts if fact[1]])
            for one in catalog.public_entries(list_id=found.list_id, on=on)
        ],
        "withheld": catalog.withheld_entries(list_id=found.list_id, on=on),
        "on": on,
        "is_today": on == timezone.localdate(),
        "problem": problem,
    }
    return render(request, "public/derived.html", context)


@require_safe
def derived_xlsx(request: HttpRequest, list_code: str, body_code: str) -> HttpResponse:
    """表格：题名、文号、各条，表尾写版次与摘要。"""
    on, _ = asked_date(request)
    found = catalog.public_derived_list(code=list_code, body_code=body_code, on=on)
    edition = found.edition
    tag = f'"{edition.digest}-{on.isoformat()}-dx{catalog.withheld_seal()}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    entries = catalog.public_entries(list_id=found.list_id, on=on)
    hidden = catalog.withheld_entries(list_id=found.list_id, on=on)
    labels = [label for label, _ in entries[0].facts] if entries else []
    sheet = TableSheet(
        name=found.label[:28],
        columns=[
            Column("序号", 6, "number"),
            Column("名称", 40),
            Column("情形", 12),
            Column("职权类型", 12),
            Column("实施机构", 22),
            *(Column(label, 24) for label in labels),
        ],
        rows=[
            (
                number,
                one.name,
                one.variant,
                type_label(one.power_type) if one.power_type else "",
                one.holder_name,
                *(text for _, text in one.facts),
            )
            for number, one in enumerate(entries, start=1)
        ],
        title=f"{found.body_name}{found.label}",
        subtitle=f"{edition.document_number}　{zh_date(edition.issued_on)}公布　{zh_date(edition.valid_from)}起施行",
        footers=(
            f"第 {edition.number} 版；截至 {zh_date(on)}，{len(entries)} 条{withheld_words(hidden, '条')}。",
            f"摘要（{edition.digest_algorithm}）：{edition.digest}",
        ),
    )
    name = f"{found.body_name}{found.label} 第{edition.number}版 {on.isoformat()}.xlsx"
    response = download(write_table(sheet, created=edition.published_at), name, XLSX)
    response["ETag"], response["Cache-Control"] = tag, "no-cache"
    return response


@require_safe
def derived_json(request: HttpRequest, list_code: str, body_code: str) -> HttpResponse:
    """数据。"""
    on, _ = asked_date(request)
    found = catalog.public_derived_list(code=list_code, body_code=body_code, on=on)
    edition = found.edition
    body = {
        "schema": SCHEMA,
        "city": settings.QUANZE_CITY_NAME,
        "list": {"code": found.code, "label": found.label, "tier": found.tier_label},
        "body": {"code": found.body_code, "name": found.body_name, "region": found.region_name},
        "as_of": on.isoformat(),
        "edition": {
            "number": edition.number,
            "document_number": edition.document_number,
            "issued_on": edition.issued_on.isoformat(),
            "valid_from": edition.valid_from.isoformat(),
            "digest": edition.digest,
            "digest_algorithm": edition.digest_algorithm,
        },
        "entries": [
            {
                "code": one.code,
                "name": one.name,
                "variant": one.variant,
                "holder": one.holder_name,
                "item_code": one.item_code,
                "power_type_label": type_label(one.power_type) if one.power_type else "",
                "version": one.version,
                "valid_from": one.valid_from.isoformat() if one.valid_from else None,
                "content_digest": one.content_digest,
                "fields": dict(one.facts),
            }
            for one in catalog.public_entries(list_id=found.list_id, on=on)
        ],
    }
    response = as_json(request, body, tag=f"{edition.digest}-{on.isoformat()}-d{catalog.withheld_seal()}")
    response["Access-Control-Allow-Origin"] = "*"
    return response
