"""第二因素与二次验证的输错次数，与口令同在一本账上。

A wrong code counts like a wrong password (django-axes, in the database): five of them lock the account, in whichever
step and process they were made.
"""

from __future__ import annotations

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_credentials
from django.http import HttpRequest

from quanze.base.iam.models import User


def is_locked(request: HttpRequest, user: User) -> bool:
    """是否已被锁定。"""
    return not AxesProxyHandler.is_allowed(request, get_credentials(user.get_username()))


def failed(request: HttpRequest, user: User) -> None:
    """记一次输错。"""
    AxesProxyHandler.user_login_failed(
        sender="quanze.second_factor", credentials=get_credentials(user.get_username()), request=request
    )
