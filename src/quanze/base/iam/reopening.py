"""重开账号：本人再也进不来时，在服务器上从头来过——旧口令、第二因素、锁定、登录一概作废，另发一条开通链接。

Inside the product a password link comes from the system administrator and a lost device is reset by the security
administrator. Where those themselves are outside, nobody inside can let them in; only the console of the server may
(``has("system")``). Nothing of the old way in survives, so that whoever took it over is outside from then on.
"""

from __future__ import annotations

from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.db import transaction
from django.db.models import Sum

from quanze.base.audit import public as audit
from quanze.base.iam.accounts import NewToken, token_issue
from quanze.base.iam.api_key_models import ApiKey
from quanze.base.iam.models import User
from quanze.base.iam.second_factor import factors_of
from quanze.base.iam.sessions import sessions_end
from quanze.core.actor import Actor
from quanze.core.errors import NotFound, NotPermitted

audit.register_action("iam.user.reopened", "在服务器上重开账号")


@transaction.atomic
def user_reopen(*, actor: Actor, user_id: int, reason: str, now: datetime) -> NewToken:
    """重开账号并发放开通链接（只此一次显示）。记下重开前的样子：是否启用、有无口令、第二因素、输错次数。"""
    if not actor.has("system"):
        raise NotPermitted("重开账号只能在服务器上办理", hint="请联系有服务器权限的人员。")
    user = User.objects.select_for_update().filter(pk=user_id).first()
    if user is None:
        raise NotFound("没有这个账号", hint="请核对登录名。")
    attempts = AccessAttempt.objects.filter(username=user.username)
    before = {
        "is_active": user.is_active,
        "has_password": user.has_usable_password(),
        "factors": [f"{each.kind_label}“{each.name}”" for each in factors_of(user.pk)],
        "failures": int(attempts.aggregate(total=Sum("failures_since_start"))["total"] or 0),
    }
    attempts.delete()
    Authenticator.objects.filter(user=user).delete()
    keys = ApiKey.objects.filter(user=user, revoked_at=None).update(revoked_at=now, revoked_by_name=actor.name[:100])
    user.is_active = True
    user.set_unusable_password()
    user.version += 1
    user.save(update_fields=["is_active", "password", "version"])
    ended = sessions_end(user.pk, "factor", actor=actor, now=now)
    audit.record(
        actor=actor,
        action="iam.user.reopened",
        subject=audit.SubjectRef("iam.user", user.pk, user.full_name, None),
        before=before,
        after={"is_active": True, "sessions_ended": ended, "api_keys_revoked": keys},
        reason=reason.strip(),
        now=now,
    )
    return token_issue(actor=actor, user_id=user.pk, now=now)
