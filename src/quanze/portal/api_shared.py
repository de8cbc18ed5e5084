"""各能力共用的接口：机构名录，任一对象的经过。"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AfterValidator, Field

from quanze.apps.org import public as org
from quanze.base.audit import public as audit
from quanze.base.web.api_access import READ_ERRORS, ApiAccess
from quanze.base.web.api_texts import plain
from quanze.core.errors import NotFound

router = Router(tags=["机构与记录"])
_LONGEST = 500


class BodyOut(Schema):
    """机构。"""

    id: int = Field(description="机构编号")
    code: str = Field(description="机构编码")
    name: str = Field(description="机构名称")
    kind: str = Field(description="种类")
    region_name: str = Field(description="区划")


class Bodies(Schema):
    """机构名录。"""

    bodies: list[BodyOut]


@router.get(
    "/bodies",
    response={200: Bodies, **READ_ERRORS},
    auth=ApiAccess("org.read"),
    operation_id="bodies",
    summary="当日存续的机构名录，名录对全体账号公开",
)
def bodies(request: HttpRequest) -> dict[str, Any]:
    return {"bodies": org.bodies(on=timezone.localdate())}


class FactOut(Schema):
    """一条记录：谁、何时、以何岗位、做了什么、前后如何。"""

    id: int = Field(description="记录编号")
    at: datetime = Field(description="时间")
    action: str = Field(description="动作代码")
    action_label: str = Field(description="动作")
    actor_name: str = Field(description="行为人")
    actor_body_name: str = Field(description="行为人机构")
    actor_post: str = Field(description="岗位")
    subject_label: str = Field(description="客体")
    before: Any = Field(None, description="之前")
    after: Any = Field(None, description="之后")
    reason: str = Field("", description="理由")
    source: str = Field(description="来源：web、api、cli、job")


class Timeline(Schema):
    """某一对象的经过，旧的在前。"""

    facts: list[FactOut]


@router.get(
    "/record/timeline",
    response={200: Timeline, **READ_ERRORS},
    auth=ApiAccess("record.read"),
    operation_id="timeline",
    summary="某一对象的全部经过；范围之外的与没有的回答相同",
)
def timeline(
    request: HttpRequest,
    kind: Annotated[
        str, Query(max_length=64, description="种类，如 catalog.item、catalog.submission"), AfterValidator(plain)
    ],
    id: Annotated[str, Query(max_length=64, description="编号"), AfterValidator(plain)],
    limit: Annotated[int, Query(ge=1, le=_LONGEST)] = 200,
) -> dict[str, Any]:
    facts = audit.history_of(kind, id, scope=request.actor.scope, limit=limit)  # type: ignore[attr-defined]
    if not facts:
        raise NotFound("没有这个对象的记录", hint="请核对种类与编号。")
    return {"facts": facts}
