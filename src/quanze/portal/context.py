"""页面框架所需：城市、导航、待办与消息数、岗位切换。A context processor, therefore lazy: unread pages cost nothing."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import cached_property

from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.notices import public as notices
from quanze.base.web import navigation, pending
from quanze.core.actor import PUBLIC, Actor


def shell(request: HttpRequest) -> dict[str, Any]:
    """模板里的 ``shell``。"""
    return {"shell": Shell(request)}


class Shell:
    """一次请求的页面框架。Each part is computed when a template asks for it, once."""

    home_url = "/"

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self.actor: Actor = getattr(request, "actor", PUBLIC)
        self.city: str = settings.QUANZE_CITY_NAME
        self.is_demo: bool = settings.QUANZE_IS_DEMO
        self.demo_banner: str = settings.QUANZE_DEMO_BANNER
        # Pages written to files (public_site.static_export): what needs a server is left out.
        self.is_static: bool = bool(request.META.get("quanze.static_export"))

    @property
    def is_signed_in(self) -> bool:
        return self.actor.user_id is not None

    @cached_property
    def nav(self) -> list[navigation.NavLink]:
        return navigation.links_for(self.actor, self._request.path)

    @cached_property
    def phone_bar(self) -> list[navigation.NavLink]:
        keys = {entry.key for entry in navigation.entries() if entry.is_for_phone}
        links = [link for link in self.nav if link.key in keys][:4]
        return links if len(links) > 1 else []

    @cached_property
    def todo_count(self) -> int:
        if not self.is_signed_in:
            return 0
        return workflow.task_count(self.actor) + pending.pending_count(self.actor, timezone.localdate())

    @cached_property
    def unread_count(self) -> int:
        return notices.unread_count(actor=self.actor) if self.is_signed_in else 0

    @cached_property
    def appointments(self) -> list[org.AppointmentView]:
        if self.actor.user_id is None:
            return []
        return org.appointments_of(self.actor.user_id, on=timezone.localdate())

    @cached_property
    def appointment_key(self) -> str:
        """现在以哪个身份办理；没选过时是第一个。"""
        acting = self.actor.on_behalf_of_id is not None
        mine = (row for row in self.appointments if (row.delegation_id is not None) == acting)
        return next((row.key for row in mine if row.id == self.actor.appointment_id), "")

    @cached_property
    def role_labels(self) -> list[str]:
        return [org.ROLE_LABELS.get(role, role) for role in sorted(self.actor.roles)]

    @property
    def search_words(self) -> str:
        match = self._request.resolver_match
        return self._request.GET.get("q", "") if match and match.url_name == "search" else ""

    search_url = cached_property(lambda self: _url("search") if self.is_signed_in else "")
    messages_url = cached_property(lambda self: _url("messages"))
    help_url = cached_property(lambda self: _url("help"))
    account_url = cached_property(lambda self: _url("account"))
    second_factor_url = cached_property(lambda self: _url("second_factor"))
    jobs_url = cached_property(lambda self: _url("jobs"))
    logout_url = cached_property(lambda self: _url("logout"))
    login_url = cached_property(lambda self: _url("login"))
    switch_url = cached_property(lambda self: _url("appointment_switch"))
    public_url = cached_property(lambda self: _url("public:home"))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
