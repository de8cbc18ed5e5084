"""办理页面的请求：中间件已挂上行为人。For the type checker only; no behaviour."""

from __future__ import annotations

from typing import cast

from django.forms import BaseForm
from django.http import HttpRequest, QueryDict

from quanze.core.actor import Actor


class DeskRequest(HttpRequest):
    """带行为人的请求。"""

    actor: Actor


def posted(form: BaseForm) -> QueryDict:
    """提交的原始字段，供多值字段取用。"""
    return cast(QueryDict, form.data)
