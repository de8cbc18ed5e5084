"""张贴页、手册、推文稿的下载，与可嵌入部门网站的专栏。"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from quanze.apps.catalog import public as catalog
from quanze.base.documents import public as documents
from quanze.base.web import pacing
from quanze.base.web.errors import error_response
from quanze.base.web.exporting import download
from quanze.portal.public_site import printed
from quanze.portal.public_site.addresses import public_address
from quanze.portal.public_site.naming import list_on
from quanze.portal.public_site.showing import asked_date, shown_changes

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Setting a page costs a second of a processor: more than a visitor needs, less than would hurt the others.
PRINTS = pacing.Pace("print", per_minute=10, burst=20)
EMBED_ROWS = 10


def _paced(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def paced(request: HttpRequest, **given: Any) -> HttpResponse:
        # The export asks for every poster and handbook in one go; no visitor can set a key of the environ.
        if request.META.get("quanze.static_export"):
            return view(request, **given)
        wait = pacing.wait_seconds(PRINTS, request.META.get("REMOTE_ADDR", ""), now=timezone.now())
        if wait:
            response = error_response(request, 429)
            response["Retry-After"] = str(wait)
            return response
        return view(request, **given)

    return require_safe(paced)


def _asked(request: HttpRequest, body_code: str) -> tuple[catalog.PublicList, Any, str]:
    on, _ = asked_date(request)
    power_list = list_on(body_code, on=on)
    return power_list, on, public_address(request, reverse("public:body", args=[body_code]))


def _file(request: HttpRequest, make: Callable[[], bytes], name: str, kind: str, tag: str) -> HttpResponse:
    etag = f'"{tag}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    response = download(make(), name, kind)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    return response


@_paced
def poster_pdf(request: HttpRequest, body_code: str) -> HttpResponse:
    """公开栏、大厅的张贴页，A3。"""
    power_list, on, address = _asked(request, body_code)
    hotline = catalog.hotline_of(list_id=power_list.list_id, on=on)
    page = printed.poster(power_list, on=on, address=address, hotline=hotline)
    name = f"{power_list.body_name}权责清单 张贴页 第{power_list.edition.number}版.pdf"
    tag = f"{power_list.edition.digest}-{on.isoformat()}-poster{catalog.withheld_seal()}"
    return _file(request, lambda: documents.render_poster(page), name, PDF, tag)


@_paced
def handbook(request: HttpRequest, body_code: str, extension: str) -> HttpResponse:
    """清单手册：PDF 或 Word。"""
    power_list, on, address = _asked(request, body_code)
    contents = catalog.list_contents(list_id=power_list.list_id, on=on)
    book = printed.handbook(power_list, contents, address=address)
    render_as, kind = {"pdf": (documents.render_pdf, PDF), "docx": (documents.render_docx, DOCX)}[extension]
    name = f"{power_list.body_name}权责清单手册 第{power_list.edition.number}版.{extension}"
    tag = f"{power_list.edition.digest}-{on.isoformat()}-{extension}{catalog.withheld_seal()}"
    return _file(request, lambda: render_as(book), name, kind, tag)


@require_safe
def article(request: HttpRequest, edition_id: int) -> HttpResponse:
    """公众号推文稿，纯文字。"""
    recent = catalog.recent_edition(edition_id=edition_id)
    changes = shown_changes(catalog.published_changes(edition_ids=[edition_id], limit=printed.FEW_CHANGES))
    text = printed.article(
        recent,
        changes,
        body_name=recent.body_name,
        address=public_address(request, reverse("public:body", args=[recent.body_code])),
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
@xframe_options_exempt
def embed(request: HttpRequest, body_code: str) -> HttpResponse:
    """嵌在部门网站里的专栏：现行版次、各类项数、最近改动，点开到公开站点。Framed only by the hosts of the settings."""
    framed = csp_replace({"frame-ancestors": settings.QUANZE_EMBED_HOSTS or ["'none'"]})
    return framed(partial(_column, body_code=body_code))(request)  # type: ignore[return-value]


def _column(request: HttpRequest, body_code: str) -> HttpResponse:
    on = timezone.localdate()
    power_list = list_on(body_code, on=on)
    counts = catalog.type_counts(on=on, list_ids=[power_list.list_id])
    kinds = [(one.code, one.label, counts[one.code]) for one in catalog.power_types().types if counts.get(one.code)]
    context = {
        "list": power_list,
        "types": kinds,
        "editions": catalog.recent_editions(list_id=power_list.list_id, limit=3),
        "address": public_address(request, reverse("public:body", args=[body_code])),
    }
    return render(request, "public/embed.html", context)
