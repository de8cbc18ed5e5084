"""交接：看未办结的工作，交给接手人，留下清单。管理员只看件数，不看业务名称。"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from quanze.apps.org import public as org
from quanze.apps.org.domain import ADMINISTRATORS
from quanze.apps.org.domain.handover import work_sources
from quanze.apps.org.models import Appointment
from quanze.apps.org.selectors import people as selectors
from quanze.apps.org.services.handing_over import may_hand_over
from quanze.apps.org.web.forms import HandOverForm, listed
from quanze.base.iam import public as iam
from quanze.base.web.access import signed_in
from quanze.base.web.actions import Done, action
from quanze.base.web.paging import page_of
from quanze.core.errors import NotFound


@signed_in
def hand_over_list(request: HttpRequest) -> HttpResponse:
    """办过的交接，与自己名下未办结的工作。"""
    actor = request.actor  # type: ignore[attr-defined]
    page = page_of(selectors.hand_overs(actor=actor), request, order=("-id",))
    is_administrator = bool(actor.roles & ADMINISTRATORS)
    work = [] if is_administrator else _work(actor.user_id)
    return render(request, "org/hand_overs.html", {"page": page, "work": work, "is_administrator": is_administrator})


def _work(user_id: int) -> list[dict[str, Any]]:
    today = timezone.localdate()
    return [{"label": source.label, "items": list(source.find(user_id, today))} for source in work_sources()]


def _form(request: HttpRequest, user_id: int, *args: Any, **kwargs: Any) -> HandOverForm:
    actor = request.actor  # type: ignore[attr-defined]
    bodies = Appointment.objects.filter(user_id=user_id).values_list("body_id", flat=True)
    people = selectors.colleagues(actor=actor, body_ids=set(bodies), on=timezone.localdate(), without=[user_id])
    return HandOverForm(*args, people=people, **kwargs)


def _leaver(request: HttpRequest, user_id: int) -> iam.UserView:
    actor = request.actor  # type: ignore[attr-defined]
    found = iam.users_by_ids([user_id]).get(user_id)
    if found is None or not may_hand_over(actor=actor, user_id=user_id):
        raise NotFound("没有这个人", hint="交接由本人、本机构领导或系统管理员办理。")
    return found


@signed_in
def hand_over_new(request: HttpRequest, user_id: int, form: HandOverForm | None = None) -> HttpResponse:
    """交接的表单与清单。"""
    actor = request.actor  # type: ignore[attr-defined]
    leaver = _leaver(request, user_id)
    context = {
        "leaver": leaver,
        "form": form or _form(request, user_id),
        "work": _work(user_id),
        "is_administrator": bool(actor.roles & ADMINISTRATORS),
    }
    return render(request, "org/hand_over_new.html", context)


def hand_over_make(request: HttpRequest, user_id: int) -> HttpResponse:
    """办理交接。The choices of the form are the colleagues of that person, therefore it is bound here."""

    class Bound(HandOverForm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # Before the words of the form: what it offers is nobody else's to learn from its errors.
            _leaver(request, user_id)
            super().__init__(*args, people=listed(_form(request, user_id), "to_user"), **kwargs)

    return action(_make, form=Bound, invalid=hand_over_new, page="staff:hand_over_new")(request, user_id=user_id)


def _make(request: HttpRequest, form: HandOverForm, user_id: int) -> Done:
    made = org.work_hand_over(
        actor=request.actor,  # type: ignore[attr-defined]
        from_user_id=user_id,
        to_user_id=form.cleaned_data["to_user"],
        reason=form.cleaned_data["reason"],
        now=timezone.now(),
    )
    return Done("交接已办理，接手人已收到消息。", to=reverse("staff:hand_over", args=[made]))


@signed_in
def hand_over_page(request: HttpRequest, hand_over_id: int) -> HttpResponse:
    """一次交接的清单；管理员只见各类件数。"""
    actor = request.actor  # type: ignore[attr-defined]
    row = selectors.hand_over(actor=actor, hand_over_id=hand_over_id)
    items = list(row.items.all())
    counts = [
        {"label": source.label, "count": sum(1 for item in items if item.source == source.key)}
        for source in work_sources()
    ]
    labels = {source.key: source.label for source in work_sources()}
    is_administrator = bool(actor.roles & ADMINISTRATORS)
    shown = (
        [] if is_administrator else [{"label": labels.get(item.source, item.source), "item": item} for item in items]
    )
    return render(request, "org/hand_over.html", {"row": row, "counts": counts, "items": shown, "total": len(items)})
