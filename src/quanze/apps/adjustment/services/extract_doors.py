"""命令行办理上级清单核对：按机构与登录名找到清单与办理的人。"""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.extracts import CheckedRow
from quanze.apps.adjustment.selectors import extracts as selectors
from quanze.apps.adjustment.services.extracting import extract_check
from quanze.apps.catalog import public as catalog
from quanze.apps.org import public as org
from quanze.base.iam import public as iam
from quanze.core.errors import NotFound


def extract_named(
    *,
    body: str,
    username: str,
    system: str,
    data: bytes,
    file_name: str,
    extract_on: date | None,
    synced_on: date | None,
) -> tuple[selectors.CheckSummary, list[CheckedRow]]:
    """核对某机构权责清单的一份提取件。"""
    now = timezone.now()
    today = localdate(now)
    found, user = org.body_named(body), iam.user_by_username(username)
    if found is None:
        raise NotFound(f"没有机构“{body}”，或不止一个", hint="请写机构全称或编码。")
    if user is None:
        raise NotFound(f"没有账号“{username}”", hint="请用 --as 写明办理人的登录名。")
    posts = [one.id for one in org.appointments_of(user.id, on=today) if one.body_id == found.id]
    actor = org.actor_for_user(user.id, on=today, appointment_id=posts[0] if posts else None)
    lists = [one for one in catalog.lists(scope=actor.scope, on=today) if one.body_id == found.id and not one.is_base]
    if not lists:
        raise NotFound(f"“{found.name}”还没有权责清单，或不在您的范围之内", hint="请核对机构。")
    check_id = extract_check(
        actor=actor,
        list_id=lists[0].id,
        system=system,
        data=data,
        file_name=file_name,
        extract_on=extract_on or today,
        synced_on=synced_on,
        now=now,
    )
    return selectors.extract_check_view(check_id=check_id, scope=actor.scope)
