"""机构名录的日常维护：机构、内设机构、岗位，由系统管理员一项一项办理。"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from quanze.apps.org.domain import BODY_KIND_LABELS, ROLE_LABELS
from quanze.apps.org.models import Body, BodyFunction, BodyParent, Division, Post, Region
from quanze.apps.org.selectors.directory import subtree
from quanze.apps.org.services.body_history import bodies_begun, body_stated, ensure_begun, require_day
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, ErrorPlace, InvalidInput, NotFound, NotPermitted

audit.register_actions(
    {
        "org.body.created": "设立机构",
        "org.body.changed": "修改机构",
        "org.body.moved": "调整隶属",
        "org.division.created": "设立内设机构",
        "org.division.closed": "撤销内设机构",
        "org.post.created": "设置岗位",
        "org.function.assigned": "指定职能承担",
    }
)


def _require_keeper(actor: Actor) -> None:
    if not actor.has("system", "system_admin"):
        raise NotPermitted("机构和岗位由系统管理员维护", hint="请联系系统管理员。")


def _ref(row: Body) -> audit.SubjectRef:
    return audit.SubjectRef("org.body", row.pk, row.name, row.pk)


def _locked(body_id: int, seen_version: int | None = None) -> Body:
    row = Body.objects.select_for_update().filter(pk=body_id).first()
    if row is None:
        raise NotFound("没有这个机构", hint="请从机构名录中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("这个机构在您打开之后已被修改", hint="请刷新页面，看清后再改。")
    return row


def _bump(row: Body, *fields: str) -> None:
    row.lock_version += 1
    row.save(update_fields=[*fields, "lock_version"])


@transaction.atomic
def body_create(
    *,
    actor: Actor,
    code: str,
    name: str,
    kind: str,
    region_code: str,
    short_name: str = "",
    document_mark: str = "",
    parent_id: int | None = None,
    valid_from: date,
    now: datetime,
) -> int:
    """设立机构。返回机构编号。"""
    _require_keeper(actor)
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise InvalidInput("机构须有编码和名称", hint="请填写。", code="body_incomplete")
    if kind not in BODY_KIND_LABELS:
        raise InvalidInput("没有这种机构种类", hint="请从所列种类中选择。", code="body_kind_unknown")
    if Body.objects.filter(code=code).exists():
        raise InvalidInput(
            f"机构编码“{code}”已被使用", hint="请换一个编码。", code="body_code_taken", place=ErrorPlace(field="code")
        )
    region = Region.objects.filter(code=region_code).first()
    if region is None:
        raise InvalidInput("没有这个行政区划", hint="请从所列区划中选择。", code="body_region_unknown")
    row = Body.objects.create(
        code=code,
        name=name,
        kind=kind,
        region=region,
        short_name=short_name.strip(),
        document_mark=document_mark.strip(),
        valid_from=valid_from,
    )
    if parent_id is not None:
        BodyParent.objects.create(body=row, parent=_locked(parent_id), valid_from=valid_from)
    bodies_begun([row], parents={row.pk: parent_id} if parent_id is not None else {}, actor=actor, now=now)
    after = {"code": code, "name": name, "kind": kind, "region": region.name, "parent_id": parent_id}
    audit.record(actor=actor, action="org.body.created", subject=_ref(row), after=after, now=now)
    return row.pk


@transaction.atomic
def body_change(
    *,
    actor: Actor,
    body_id: int,
    seen_version: int,
    name: str,
    short_name: str,
    document_mark: str,
    valid_to: date | None = None,
    kind: str = "",
    region_code: str = "",
    on: date | None = None,
    reason: str = "",
    now: datetime,
) -> None:
    """修改机构的名称、简称、种类、区划、代字，或写明撤销日期；自 ``on`` 起（不填为当天），以前的样子留存。

    ``kind`` and ``region_code`` stay as they are when empty. Raises InvalidInput where the day lies before the body,
    before its last change of the same thing, or ahead.
    """
    _require_keeper(actor)
    row = _locked(body_id, seen_version)
    if not name.strip():
        raise InvalidInput("机构须有名称", hint="请填写。", code="body_incomplete", place=ErrorPlace(field="name"))
    if valid_to is not None and valid_to <= row.valid_from:
        raise InvalidInput(
            "撤销日期须在设立日期之后", hint="请改正。", code="body_period", place=ErrorPlace(field="valid_to")
        )
    if kind and kind not in BODY_KIND_LABELS:
        raise InvalidInput(
            "没有这种机构种类", hint="请从所列种类中选择。", code="body_kind_unknown", place=ErrorPlace(field="kind")
        )
    region = Region.objects.filter(code=region_code).first() if region_code else None
    if region_code and region is None:
        raise InvalidInput(
            "没有这个行政区划",
            hint="请从所列区划中选择。",
            code="body_region_unknown",
            place=ErrorPlace(field="region"),
        )
    ensure_begun(row, actor)
    fields = ("name", "short_name", "kind", "region_id", "document_mark", "valid_to")
    before = {field: getattr(row, field) for field in fields}
    row.name, row.short_name, row.document_mark = name.strip(), short_name.strip(), document_mark.strip()
    row.valid_to, row.kind, row.region_id = valid_to, kind or row.kind, region.pk if region else row.region_id
    after = {field: getattr(row, field) for field in fields}
    if after == before:
        raise InvalidInput("没有改动", hint="请改动后再保存。", code="nothing_changed")
    today = timezone.localdate(now)
    changed = {key: value for key, value in after.items() if value != before[key]}
    # What is set up for a later day may be corrected before it begins.
    latest = max(today, row.valid_from)
    day = on or latest
    # The day of the end is a day itself and may lie ahead; everything else holds from the day given.
    stated = {key: value for key, value in changed.items() if key != "valid_to"}
    if stated:
        require_day(row, stated, on=day, latest=latest)
    if "valid_to" in changed:
        stated["valid_to"] = valid_to.isoformat() if valid_to else None
    body_stated(row, stated, on=max(day, row.valid_from), reason=reason, actor=actor, now=now)
    _bump(row, *fields)
    audit.record(
        actor=actor,
        action="org.body.changed",
        subject=_ref(row),
        before=before,
        after=after | {"from": day},
        reason=reason,
        now=now,
    )


@transaction.atomic
def body_move(
    *, actor: Actor, body_id: int, seen_version: int, parent_id: int | None, on: date, reason: str, now: datetime
) -> None:
    """调整隶属：自某日起改属另一上级；以前的隶属留存。"""
    _require_keeper(actor)
    row = _locked(body_id, seen_version)
    if parent_id is not None and parent_id in subtree(body_id, on=on):
        raise InvalidInput("上级不能是本机构或其下级", hint="请改选上级机构。", code="parent_below")
    ensure_begun(row, actor)
    present = BodyParent.objects.select_for_update().filter(body=row, valid_to__isnull=True).first()
    if (present.parent_id if present else None) == parent_id:
        raise InvalidInput("上级没有改变", hint="请改选上级机构。", code="nothing_changed")
    require_day(row, ("parent_id",), on=on, latest=None)
    if present is not None:
        if on <= present.valid_from:
            raise InvalidInput("调整日期须在现在的隶属开始之后", hint="请改正日期。", code="body_period")
        present.valid_to = on
        present.save(update_fields=["valid_to"])
    if parent_id is not None:
        BodyParent.objects.create(body=row, parent=_locked(parent_id), valid_from=on)
    body_stated(row, {"parent_id": parent_id}, on=on, reason=reason, actor=actor, now=now)
    _bump(row)
    audit.record(
        actor=actor,
        action="org.body.moved",
        subject=_ref(row),
        before={"parent_id": present.parent_id if present else None},
        after={"parent_id": parent_id, "from": on},
        reason=reason,
        now=now,
    )


@transaction.atomic
def division_create(*, actor: Actor, body_id: int, code: str, name: str, valid_from: date, now: datetime) -> int:
    """设立内设机构。返回编号。"""
    _require_keeper(actor)
    body = _locked(body_id)
    code, name = code.strip(), name.strip()
    if not code or not name:
        raise InvalidInput("内设机构须有编码和名称", hint="请填写。", code="division_incomplete")
    if Division.objects.filter(body=body, code=code).exists():
        raise InvalidInput(f"本机构已有编码为“{code}”的内设机构", hint="请换一个编码。", code="division_code_taken")
    row = Division.objects.create(
        body=body, code=code, name=name, ordinal=body.divisions.count(), valid_from=valid_from
    )
    subject = audit.SubjectRef("org.division", row.pk, f"{body.name} {name}", body.pk)
    audit.record(actor=actor, action="org.division.created", subject=subject, after={"code": code}, now=now)
    return row.pk


@transaction.atomic
def division_close(*, actor: Actor, division_id: int, valid_to: date, reason: str, now: datetime) -> None:
    """撤销内设机构：写明日期，不删除。"""
    _require_keeper(actor)
    row = Division.objects.select_for_update(of=("self",)).select_related("body").filter(pk=division_id).first()
    if row is None:
        raise NotFound("没有这个内设机构", hint="请从机构页面打开。")
    if row.valid_to is not None or valid_to <= row.valid_from:
        raise InvalidInput("撤销日期须在设立日期之后，且未曾撤销", hint="请改正日期。", code="division_period")
    row.valid_to = valid_to
    row.save(update_fields=["valid_to"])
    subject = audit.SubjectRef("org.division", row.pk, f"{row.body.name} {row.name}", row.body_id)
    audit.record(
        actor=actor, action="org.division.closed", subject=subject, after={"to": valid_to}, reason=reason, now=now
    )


@transaction.atomic
def post_create(*, actor: Actor, body_id: int, name: str, division_id: int | None = None, now: datetime) -> int:
    """设置岗位。返回编号。"""
    _require_keeper(actor)
    body = _locked(body_id)
    division = Division.objects.filter(pk=division_id, body=body).first() if division_id else None
    if division_id and division is None:
        raise NotFound("本机构没有这个内设机构", hint="请从本机构的内设机构中选择。")
    if not name.strip():
        raise InvalidInput("岗位须有名称", hint="请填写。", code="post_incomplete")
    if Post.objects.filter(body=body, division=division, name=name.strip()).exists():
        raise InvalidInput(f"已有岗位“{name.strip()}”", hint="不必重复设置。", code="post_taken")
    row = Post.objects.create(body=body, division=division, name=name.strip())
    subject = audit.SubjectRef("org.post", row.pk, f"{body.name} {row.name}", body.pk)
    audit.record(actor=actor, action="org.post.created", subject=subject, now=now)
    return row.pk


@transaction.atomic
def function_assign(*, actor: Actor, region_code: str, role: str, body_id: int, reason: str, now: datetime) -> None:
    """指定某区划内由哪个机构承担某一审查职能。"""
    _require_keeper(actor)
    region = Region.objects.filter(code=region_code).first()
    if region is None or role not in ROLE_LABELS:
        raise InvalidInput("没有这个区划或职能", hint="请从所列选项中选择。", code="function_unknown")
    body = _locked(body_id)
    present = BodyFunction.objects.select_for_update().filter(region=region, role=role).first()
    before = present.body_id if present else None
    BodyFunction.objects.update_or_create(region=region, role=role, defaults={"body": body})
    audit.record(
        actor=actor,
        action="org.function.assigned",
        subject=_ref(body),
        before={"body_id": before},
        after={"region": region.name, "role": role, "body_id": body_id},
        reason=reason,
        now=now,
    )
