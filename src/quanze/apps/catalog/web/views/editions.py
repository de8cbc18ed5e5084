"""版次：清单历次印发公布的版本与其中的变化。"""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from quanze.apps.catalog.selectors import disclosure
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.web.presenting import BUSINESS_ROLES, list_tabs
from quanze.apps.catalog.web.requests import DeskRequest
from quanze.apps.org import public as org
from quanze.base.web.access import signed_in


@signed_in(*BUSINESS_ROLES)
def list_editions(request: DeskRequest, list_id: int) -> HttpResponse:
    """历次版次，新者在前；点开看改了哪些事项。"""
    actor = request.actor
    view = selectors.list_view(list_id=list_id, scope=actor.scope, on=timezone.localdate())
    editions = disclosure.editions(list_id)
    wanted = request.GET.get("edition", "")
    shown = next((one for one in editions if str(one.id) == wanted), editions[0] if editions else None)
    found = disclosure.published_changes(edition_ids=[shown.id], limit=200, with_withheld=True) if shown else []
    changes = [one for _, one in found]
    names = org.body_names_on(view.body_id, [one.valid_from for one in editions])
    context = {
        "list": view,
        "rows": [(one, names[one.valid_from]) for one in editions],
        "tabs": list_tabs(view, "editions"),
        "editions": editions,
        "shown": shown,
        "changes": changes,
        "public_url": _public_url(view.body_id) if editions else "",
        "may_draft": actor.has("drafter") and actor.body_id == view.body_id,
    }
    return render(request, "catalog/editions.html", context)


def _public_url(body_id: int) -> str:
    """公开站点上的清单页；没有装上则为空。"""
    body = org.bodies_by_ids([body_id])[body_id]
    try:
        return reverse("public:body", args=[body.code])
    except NoReverseMatch:
        return ""
