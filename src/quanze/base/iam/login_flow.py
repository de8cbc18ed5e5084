"""登录的次序：口令（或单点登录）→ 第二因素 → 工作台。

allauth runs a login as stages kept in the session until the last is passed; nobody is signed in before. Its adapters are
the only hooks used here: no page, address, mail or signal of allauth is in use (ADR 0008).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows import login as login_records
from allauth.account.models import Login
from allauth.account.stages import LoginStage
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from quanze.base.iam import field_key, second_factor
from quanze.base.iam.models import User

PASSWORD, SINGLE_SIGN_ON = "password", "single_sign_on"
SECOND_FACTORS = frozenset(second_factor.KIND_LABELS)
METHOD_LABELS = {PASSWORD: "口令", SINGLE_SIGN_ON: "单点登录"} | {
    kind: f"口令和{label}" for kind, label in second_factor.KIND_LABELS.items()
}
SignedIn = Callable[[HttpRequest, User, str], None]
_signed_in_handlers: list[SignedIn] = []


def register_signed_in(handler: SignedIn) -> None:
    """登记一个登录完成后的处理：``handler(request, user, method)``。The portal knows bodies and writes the record."""
    _signed_in_handlers.append(handler)


def begin(request: HttpRequest, user: User, *, next_url: str = "") -> HttpResponse:
    """口令已核对：进入下一步；没有第二因素的即登录完成。"""
    # An attempt left half-way says nothing about this one.
    login_records.clear_authentication_records(request)
    login_records.record_authentication(request, user, PASSWORD)
    response: HttpResponse = login_records.perform_login(request, Login(user=user, redirect_url=next_url or None))
    return response


def password_proved(request: HttpRequest, user: User) -> None:
    """在本次会话里记下：本人刚又输对了口令。"""
    login_records.record_authentication(request, user, PASSWORD, reauthenticated=True)


def method_of(request: HttpRequest) -> str:
    """本次会话以什么证明过自己：第二因素的种类、单点登录，或只有口令。"""
    user = request.user
    if not user.is_authenticated:
        return ""
    records = login_records.get_authentication_records(request, user)
    for record in reversed(records):
        if record.get("method") == "mfa":
            return str(record.get("type"))
    return SINGLE_SIGN_ON if came_by_single_sign_on(request) else PASSWORD


def came_by_single_sign_on(request: HttpRequest) -> bool:
    """本次会话是否由单点登录开始。"""
    records = login_records.get_authentication_records(request, request.user)
    return any(each.get("method") == "socialaccount" for each in records)


def proved_at(request: HttpRequest) -> float:
    """本人最近一次输入口令、第二因素或完成登录的时刻（Unix 秒）；没有为 0。"""
    records = login_records.get_authentication_records(request, request.user)
    return max((float(each["at"]) for each in records), default=0.0)


def forget_second_factor(request: HttpRequest) -> None:
    """最后一个第二因素已移除：本次会话不再算经过第二因素。"""
    records = login_records.get_authentication_records(request, request.user)
    request.session[login_records.AUTHENTICATION_METHODS_SESSION_KEY] = [
        each for each in records if each.get("method") != "mfa"
    ]


class SecondFactorStage(LoginStage):
    """登录的第二步：有第二因素的账号都要过，单点登录也不例外。"""

    key = "second_factor"
    urlname = "login_second_factor"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        if not second_factor.has_factor(self.login.user.pk):
            return None, True
        # It would be kept in the session with everything the provider said about the person.
        self.login.signal_kwargs = None
        return HttpResponseRedirect(reverse(self.urlname)), True


class AccountAdapter(DefaultAccountAdapter):
    """allauth 的账号接口：只用它的登录步骤，不开放注册。"""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        return ["quanze.base.iam.login_flow.SecondFactorStage"]

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """What a page says is said by our own pages."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail leaves by itself."""

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, "这个账号已停用，请联系本单位管理员。")
        return HttpResponseRedirect(reverse(settings.LOGIN_URL))

    def post_login(
        self,
        request: HttpRequest,
        user: Any,
        *,
        email_verification: str,
        signal_kwargs: dict[str, Any] | None,
        email: str | None,
        signup: bool,
        redirect_url: str | None,
    ) -> HttpResponse:
        for handler in _signed_in_handlers:
            handler(request, user, method_of(request))
        return HttpResponseRedirect(safe_target(request, redirect_url or ""))


class MfaAdapter(DefaultMFAAdapter):
    """allauth 的第二因素接口：密钥封存，二维码写明城市与账号。"""

    def encrypt(self, text: str) -> str:
        return field_key.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return field_key.unseal(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def get_totp_issuer(self) -> str:
        return self._get_site_name()

    def _get_site_name(self) -> str:
        return f"{settings.QUANZE_CITY_NAME}权责清单"

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """No mail leaves by itself."""


def safe_target(request: HttpRequest, url: str) -> str:
    """登录后的去处：只去本站的地址。"""
    is_safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if is_safe else reverse(settings.LOGIN_REDIRECT_URL)
