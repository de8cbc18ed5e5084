"""单点登录（OIDC）：统一身份认证说来的是谁，本系统已有并启用的账号才进得来。

Off unless issuer and client id are configured; then, and only when somebody presses the button, this process speaks to the
issuer. allauth does the handshake (discovery, state, PKCE, exchange of the code); what it leaves open is closed here: the
identity token's signature is always verified, its nonce must be ours, the issuer must be the configured one, and a name once
used by one subject is never taken over by another.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from requests import RequestException

from quanze.base.audit import public as audit
from quanze.base.iam.models import User
from quanze.core.actor import PUBLIC, Actor
from quanze.core.errors import NotFound

PROVIDER = "single_sign_on"
_CONFIGURATION_SECONDS = 600
_LEEWAY_SECONDS = 60  # clocks of two machines
# Only what is signed with a private key: with a shared secret, who may check could also sign.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

audit.register_action("iam.single_sign_on.bound", "单点登录身份与账号绑定")


class Refused(Exception):
    """单点登录没有成功：给人看的话、写进访问记录的原因。"""

    def __init__(self, words: str, detail: str) -> None:
        super().__init__(detail)
        self.words = words
        self.detail = detail


def is_on() -> bool:
    """是否配置了单点登录。"""
    return bool(settings.QUANZE_OIDC_ISSUER and settings.QUANZE_OIDC_CLIENT_ID)


def display_name() -> str:
    """登录页按钮上的名称；未启用为空。"""
    return settings.QUANZE_OIDC_NAME if is_on() else ""


def begin(request: HttpRequest, *, next_url: str = "", is_again: bool = False) -> HttpResponse:
    """转到统一身份认证。``is_again`` asks it to question the person anew (step-up)."""
    nonce = secrets.token_urlsafe(24)
    parameters = {"nonce": nonce} | ({"prompt": "login", "max_age": "0"} if is_again else {})
    try:
        response: HttpResponse = _provider(request).redirect(
            request, process="login", next_url=next_url or None, auth_params=parameters, nonce=nonce
        )
    except (OAuth2Error, RequestException, ValueError, KeyError) as problem:
        return _turned_away(request, Refused("统一身份认证暂时连不上，请稍后再试，或用口令登录。", _reason(problem)))
    return response


def complete(request: HttpRequest) -> HttpResponse:
    """统一身份认证送回之后：核对，找到账号，进入登录的下一步。"""
    _require_on()
    view = OAuth2CallbackView.adapter_view(_Handshake(request, PROVIDER))
    try:
        response: HttpResponse = view(request)
    except Refused as refused:
        return _turned_away(request, refused)
    except (ValueError, KeyError, TypeError) as problem:
        # What a provider sends is not ours to trust: anything unreadable is a refusal, not an error of this system.
        return _turned_away(request, Refused(_NOT_VERIFIED, f"读不懂的应答 {_reason(problem)}"))
    return response


def end_session_url(request: HttpRequest) -> str:
    """统一身份认证的退出地址；它没有公布的为空。"""
    _require_on()
    try:
        found = _Handshake(request, PROVIDER).openid_config.get("end_session_endpoint", "")
    except (OAuth2Error, RequestException, ValueError):
        return ""
    if not found:
        return ""
    back = request.build_absolute_uri(reverse(settings.LOGIN_URL))
    return f"{found}?{urlencode({'client_id': settings.QUANZE_OIDC_CLIENT_ID, 'post_logout_redirect_uri': back})}"


def bound_subject(user_id: int) -> str:
    """账号所绑定的统一身份；没有为空。"""
    row = SocialAccount.objects.filter(user_id=user_id, provider=PROVIDER).first()
    return "" if row is None else row.uid


_NOT_VERIFIED = "统一身份认证的应答没有通过核对，没有登录。请从登录页重新开始。"


class _Handshake(OpenIDConnectOAuth2Adapter):
    """与发行方往来：地址取自发行方公布的配置，身份令牌必验签名。"""

    def get_provider(self) -> _Provider:
        return _provider(self.request)

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        return request.build_absolute_uri(reverse("single_sign_on_callback"))

    @property
    def openid_config(self) -> dict[str, Any]:
        key = f"quanze.oidc.{settings.QUANZE_OIDC_ISSUER}"
        found: dict[str, Any] | None = cache.get(key)
        if found is None:
            found = dict(super().openid_config)
            if str(found.get("issuer", "")).rstrip("/") != settings.QUANZE_OIDC_ISSUER.rstrip("/"):
                raise OAuth2Error("发行方公布的 issuer 与设置的不同")
            cache.set(key, found, _CONFIGURATION_SECONDS)
        return found

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        """核对身份令牌：签名、发行方、受众、有效期。

        allauth trusts the connection it came over and looks keys up by ``kid`` alone, which an issuer with one key may
        leave out.
        """
        try:
            header = jwt.get_unverified_header(id_token)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key(header.get("kid")),
                algorithms=_ALGORITHMS,
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
                leeway=_LEEWAY_SECONDS,
            )
        except jwt.PyJWTError as problem:
            raise OAuth2Error(f"身份令牌没有通过核对 {problem}") from problem
        return claims

    def _key(self, key_id: str | None) -> jwt.PyJWK:
        with get_adapter().get_requests_session() as session:
            response = session.get(self.openid_config["jwks_uri"])
            response.raise_for_status()
        keys = [key for key in jwt.PyJWKSet.from_dict(response.json()).keys if key.public_key_use in (None, "sig")]
        found = [key for key in keys if key_id is None or key.key_id == key_id]
        if len(found) != 1:
            raise OAuth2Error("发行方公布的公钥里没有签这个令牌的那一把")
        return found[0]


class _Provider(OpenIDConnectProvider):
    """设置里的那一个发行方；不往数据库里放任何应用配置。"""

    oauth2_adapter_class = _Handshake

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        if "id_token" not in response:
            raise Refused(_NOT_VERIFIED, "应答中没有身份令牌")
        userinfo = response.get("userinfo") or {}
        if userinfo and userinfo.get("sub") != response["id_token"].get("sub"):
            raise Refused(_NOT_VERIFIED, "用户信息与身份令牌说的不是同一人")
        login: SocialLogin = super().sociallogin_from_response(request, response)
        # Kept for the moment of the login only: the row of a bound identity holds no personal data.
        login.claims = {**userinfo, **response["id_token"]}
        login.account.extra_data = {}
        return login


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """allauth 单点登录的接口：从不自行建账号。"""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def get_requests_session(self) -> Any:
        session = super().get_requests_session()
        # An issuer answers where it says it is; following it elsewhere would be a connection nobody configured.
        session.max_redirects = 0
        return session

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        claims: Mapping[str, Any] = sociallogin.claims
        nonce = sociallogin.state.get("nonce")
        if not nonce or not secrets.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise Refused(_NOT_VERIFIED, "nonce 不符")
        sociallogin.user = account_for(claims)

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        if error == "cancelled":
            raise ImmediateHttpResponse(
                _turned_away(request, Refused("已取消统一身份认证登录。", "本人在统一身份认证取消"))
            )
        detail = _reason(exception) if exception else "state 不符或应答不完整"
        raise ImmediateHttpResponse(_turned_away(request, Refused(_NOT_VERIFIED, detail)))


def account_for(claims: Mapping[str, Any]) -> User:
    """来者对应的账号：按设置的声明与登录名相同，启用，且未被另一个身份绑定。

    The first login binds the subject to the account: names are given anew when people leave, subjects are not.
    """
    subject = str(claims.get("sub", ""))
    value = claims.get(settings.QUANZE_OIDC_CLAIM)
    name = value if isinstance(value, str) else ""
    said = f"{settings.QUANZE_OIDC_CLAIM}={name[:64]}"
    user = User.objects.filter(username=name).first() if name and subject else None
    if user is None:
        raise Refused("本系统没有与您的统一身份对应的账号。请联系本单位管理员开通。", f"没有对应的账号 {said}")
    if not user.is_active:
        raise Refused("您在本系统的账号已停用。请联系本单位管理员。", f"账号已停用 {said}")
    bound = SocialAccount.objects.filter(provider=PROVIDER)
    if not bound.filter(user=user, uid=subject).exists():
        try:
            _bind(user, subject)
        except IntegrityError:
            raise Refused(_TAKEN, f"统一身份已绑定另一个账号 {said}") from None
    return user


_TAKEN = "您的统一身份与账号原来绑定的不一致，没有登录。请联系安全管理员核实。"


@transaction.atomic
def _bind(user: User, subject: str) -> None:
    User.objects.select_for_update().get(pk=user.pk)
    if SocialAccount.objects.filter(provider=PROVIDER, user=user).exists():
        raise Refused(_TAKEN, f"账号已绑定另一个统一身份 {user.username}")
    SocialAccount.objects.create(user=user, provider=PROVIDER, uid=subject, extra_data={})
    audit.record(
        actor=Actor(user_id=user.pk, name=user.full_name),
        action="iam.single_sign_on.bound",
        subject=audit.SubjectRef("iam.user", user.pk, user.full_name, None),
        after={"subject": subject},
        now=timezone.now(),
    )


def _provider(request: HttpRequest) -> _Provider:
    _require_on()
    app = SocialApp(
        provider="openid_connect",
        provider_id=PROVIDER,
        name=settings.QUANZE_OIDC_NAME,
        client_id=settings.QUANZE_OIDC_CLIENT_ID,
        secret=settings.QUANZE_OIDC_CLIENT_SECRET,
        settings={"server_url": settings.QUANZE_OIDC_ISSUER, "oauth_pkce_enabled": True},
    )
    return _Provider(request, app=app)


def _require_on() -> None:
    if not is_on():
        raise NotFound("没有启用单点登录")


def _reason(problem: BaseException) -> str:
    return f"{type(problem).__name__} {problem}"[:200]


def _turned_away(request: HttpRequest, refused: Refused) -> HttpResponse:
    """回到登录页，说明为什么；并记入访问记录。"""
    audit.access(
        actor=PUBLIC,
        action="iam.single_sign_on.refused",
        outcome="refused",
        subject_label=settings.QUANZE_OIDC_NAME,
        detail=refused.detail,
        now=timezone.now(),
    )
    messages.error(request, refused.words)
    return HttpResponseRedirect(reverse(settings.LOGIN_URL))
