"""首次设置：凭一次性令牌，建立第一个机构与三员；办完之后永远不能再办。

There is no superuser: the three get accounts without a password and a link each, and everything after that goes through
them. The token is printed on the console of the server, so that only who runs the server can begin.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.org.domain import ADMINISTRATORS, ROLE_LABELS, ROLES
from quanze.apps.org.models import AdministratorSeat, FirstStart
from quanze.apps.org.services.appointing import appointment_make
from quanze.apps.org.services.directory import BodyRow, RegionRow, directory_load
from quanze.base.audit import public as audit
from quanze.base.iam import public as iam
from quanze.core.actor import SYSTEM
from quanze.core.errors import ErrorPlace, InvalidInput, NotFound, WrongState

audit.register_actions({"org.setup.token_issued": "发放首次设置令牌", "org.setup.finished": "完成首次设置"})
TOKEN_HOURS = 24
_SUBJECT = audit.SubjectRef("org.setup", 1, "首次设置", None)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """一位管理员：登录名、姓名。"""

    username: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """开通链接：谁、哪一席、链接里的令牌、有效至。令牌只此一次。"""

    kind: str
    label: str
    username: str
    full_name: str
    token: str
    expires_at: datetime


def is_set_up() -> bool:
    """是否已经完成首次设置：办结过，或已有三员。"""
    return FirstStart.objects.filter(finished_at__isnull=False).exists() or AdministratorSeat.objects.exists()


@transaction.atomic
def setup_token_issue(*, now: datetime) -> tuple[str, datetime]:
    """发放首次设置令牌：24 小时有效，先前的作废。返回令牌与失效时间。"""
    if is_set_up():
        raise WrongState("系统已经完成首次设置", hint="更换管理员请在系统内按三员任免办理。", code="already_set_up")
    token, expires_at = secrets.token_urlsafe(24), now + timedelta(hours=TOKEN_HOURS)
    FirstStart.objects.update_or_create(
        pk=1, defaults={"token_digest": _digest(token), "token_expires_at": expires_at, "finished_at": None}
    )
    audit.record(
        actor=SYSTEM, action="org.setup.token_issued", subject=_SUBJECT, after={"expires_at": expires_at}, now=now
    )
    return token, expires_at


def _digest(token: str) -> str:
    # 192 random bits cannot be guessed: a plain digest is enough.
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def setup_finish(
    *,
    token: str,
    region_code: str,
    region_name: str,
    region_level: str,
    body_name: str,
    administrators: Mapping[str, Newcomer],
    now: datetime,
) -> list[Invitation]:
    """完成首次设置：区划、第一个机构、三员及各自的开通链接。同名同登录名的不收，令牌用过即废。"""
    row = FirstStart.objects.select_for_update().filter(pk=1).first()
    if is_set_up():
        raise NotFound("没有这个页面")
    if (
        row is None
        or row.token_expires_at is None
        or now >= row.token_expires_at
        or not compare_digest(row.token_digest, _digest(token.strip()))
    ):
        raise InvalidInput(
            "设置令牌不对或已过期",
            hint="请在服务器上执行 quanze setup token，把显示的令牌抄到这里。",
            code="setup_token_invalid",
            place=ErrorPlace(field="token"),
        )
    _require_three_people(administrators)
    if not region_name.strip() or not body_name.strip() or not region_code.strip():
        raise InvalidInput("须写明区划和单位名称", hint="请填写。", code="setup_incomplete")
    bodies = directory_load(
        actor=SYSTEM,
        regions=[RegionRow(region_code.strip(), region_name.strip(), region_level)],
        bodies=[
            BodyRow(
                code=f"{region_code.strip()}-01",
                name=body_name.strip(),
                kind="party",
                region_code=region_code.strip(),
                valid_from=localdate(now),
            )
        ],
        now=now,
    )
    invitations = []
    for kind in (code for code in ROLES if code in ADMINISTRATORS):
        person = administrators[kind]
        user = iam.user_create(actor=SYSTEM, username=person.username, full_name=person.full_name, now=now)
        appointment_make(
            actor=SYSTEM,
            user_id=user.id,
            body_id=bodies[f"{region_code.strip()}-01"],
            roles=[kind],
            post=ROLE_LABELS[kind],
            valid_from=localdate(now),
            now=now,
        )
        link = iam.token_issue(actor=SYSTEM, user_id=user.id, now=now)
        invitations.append(
            Invitation(kind, ROLE_LABELS[kind], user.username, user.full_name, link.token, link.expires_at)
        )
    row.finished_at, row.token_digest = now, ""
    row.save()
    audit.record(
        actor=SYSTEM,
        action="org.setup.finished",
        subject=_SUBJECT,
        after={"region": region_name.strip(), "body": body_name.strip(), **{i.kind: i.full_name for i in invitations}},
        now=now,
    )
    return invitations


def _require_three_people(administrators: Mapping[str, Newcomer]) -> None:
    for kind in sorted(ADMINISTRATORS):
        person = administrators.get(kind)
        if person is None or not person.username.strip() or not person.full_name.strip():
            raise InvalidInput(
                f"{ROLE_LABELS[kind]}须写明登录名和姓名",
                hint="请填写。",
                code="setup_incomplete",
                place=ErrorPlace(field=f"{kind}_username"),
            )
    people = administrators.values()
    for texts, what in (
        ({person.username.strip().casefold() for person in people}, "登录名"),
        ({person.full_name.strip() for person in people}, "姓名"),
    ):
        if len(texts) < len(ADMINISTRATORS):
            raise InvalidInput(
                f"三员须是三个人，{what}有重复",
                hint="同名的人请在姓名后注明科室。",
                code="administrators_exclusive",
            )
