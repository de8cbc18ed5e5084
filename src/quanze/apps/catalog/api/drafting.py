"""编制的接口：本范围的清单、事项、草稿、检查发现。Thin doors over the services that the pages use."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import AfterValidator, Field

from quanze.apps.catalog.api import schemas
from quanze.apps.catalog.api.content import ContentPatch, NewContent, patched
from quanze.apps.catalog.domain.drafts import changes
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.selectors import findings as finding_selectors
from quanze.apps.catalog.selectors import lists as selectors
from quanze.apps.catalog.selectors.item_lists import ItemQuery, item_rows
from quanze.apps.catalog.services import drafting
from quanze.apps.catalog.services import findings as services
from quanze.apps.catalog.services.publishing import correction_publish
from quanze.base.web.api_access import READ_ERRORS, UPDATE_ERRORS, WRITE_ERRORS, ApiAccess
from quanze.base.web.api_texts import PlainText, plain
from quanze.base.web.concurrency import etag, seen_version
from quanze.base.web.errors import respond
from quanze.base.web.idempotency import Answer, answered_once
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput

router = Router(tags=["编制"])
READ, WRITE = ApiAccess("catalog.read"), ApiAccess("catalog.write")
LARGEST_ID = 2**53 - 1
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
# The parameter's own mark comes first: the library takes the first and drops the default otherwise.
Text = Annotated[str, Query(max_length=100), AfterValidator(plain)]
Cursor = Annotated[str, Query(max_length=32, pattern=r"^(\d{1,15}-\d{1,15})?$", description="上一页的 next_after")]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@router.get(
    "/lists",
    response={200: schemas.WorkLists, **READ_ERRORS},
    auth=READ,
    operation_id="work_lists",
    summary="本范围的清单",
)
def work_lists(request: HttpRequest) -> dict[str, Any]:
    return {"lists": selectors.lists(scope=_actor(request).scope, on=timezone.localdate())}


@router.get(
    "/lists/{list_id}",
    response={200: schemas.WorkList, **READ_ERRORS},
    auth=READ,
    operation_id="work_list",
    summary="一份清单",
)
def work_list(request: HttpRequest, list_id: Id) -> selectors.ListView:
    return selectors.list_view(list_id=list_id, scope=_actor(request).scope, on=timezone.localdate())


@router.get(
    "/lists/{list_id}/items",
    response={200: schemas.WorkItemPage, **READ_ERRORS},
    auth=READ,
    operation_id="work_items",
    summary="清单的事项，按排序键翻页",
)
def work_items(
    request: HttpRequest,
    list_id: Id,
    view: Literal["working", "in_force", "changed"] = "working",
    q: Text = "",
    power_type: Text = "",
    state: Text = "",
    severity: Literal["", "error", "warning", "clean"] = "",
    after: Cursor = "",
    limit: Annotated[int, Query(ge=1, le=200, description="一页行数")] = 50,
) -> dict[str, Any]:
    scope = _actor(request).scope
    selectors.list_view(list_id=list_id, scope=scope, on=timezone.localdate())
    ordinal, _, item_id = after.partition("-")
    rows = item_rows(
        ItemQuery(
            list_id, timezone.localdate(), view=view, text=q, power_type=power_type, state=state, severity=severity
        ),
        scope=scope,
        after=(int(ordinal), int(item_id)) if after else None,
        limit=limit + 1,
    )
    shown = rows[:limit]
    return {
        "items": shown,
        "next_after": f"{shown[-1].ordinal}-{shown[-1].item_id}" if len(rows) > limit else "",
    }


class NewItemIn(Schema):
    """新增事项。"""

    content: NewContent = Field(description="事项内容")
    parent_id: int | None = Field(None, description="主项编号（新增子项时）", ge=1, le=LARGEST_ID)


@router.post(
    "/lists/{list_id}/items",
    response={201: schemas.Version, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="item_create",
    summary="新增事项，得到它的第一份草稿（可带 Idempotency-Key）",
)
def item_create(request: HttpRequest, list_id: Id, body: NewItemIn) -> HttpResponse:
    actor, now = _actor(request), timezone.now()

    def run() -> Answer:
        version_id = drafting.item_create(
            actor=actor,
            list_id=list_id,
            content=patched(ItemContent(name=""), body.content),
            parent_id=body.parent_id,
            now=now,
        )
        return _draft_answer(actor, version_id, 201)

    return answered_once(request, "item_create", run, now=now)


@router.get(
    "/items/{item_id}",
    response={200: schemas.WorkItem, **READ_ERRORS},
    auth=READ,
    operation_id="work_item",
    summary="一个事项的全部版本，含草稿",
)
def work_item(request: HttpRequest, item_id: Id) -> dict[str, Any]:
    found = selectors.versions_of_item(item_id=item_id, scope=_actor(request).scope)
    return {
        "item_id": item_id,
        "code": found[0].item_code,
        "versions": [schemas.version_json(one) for one in found],
    }


@router.post(
    "/items/{item_id}/draft",
    response={201: schemas.Version, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="draft_start",
    summary="起草修改；已有草稿的返回它（可带 Idempotency-Key）",
)
def draft_start(request: HttpRequest, item_id: Id) -> HttpResponse:
    actor, now = _actor(request), timezone.now()

    def run() -> Answer:
        return _draft_answer(actor, drafting.draft_start(actor=actor, item_id=item_id, now=now), 201)

    return answered_once(request, "draft_start", run, now=now)


def _draft_answer(actor: Actor, version_id: int, status: int) -> Answer:
    view = selectors.version(version_id=version_id, scope=actor.scope)
    return Answer(status, schemas.version_json(view), view.lock_version)


@router.get(
    "/drafts/{version_id}",
    response={200: schemas.Version, **READ_ERRORS},
    auth=READ,
    operation_id="draft",
    summary="一个版本；ETag 即修改时所需的 If-Match",
)
def draft(request: HttpRequest, response: HttpResponse, version_id: Id) -> dict[str, Any]:
    view = selectors.version(version_id=version_id, scope=_actor(request).scope)
    response["ETag"] = etag(view.lock_version)
    return schemas.version_json(view)


class DraftPatch(Schema):
    """修改草稿：要改的要素与变更说明。"""

    content: ContentPatch = Field(ContentPatch.model_validate({}), description="要改的要素")
    change_note: Annotated[PlainText, Field(max_length=500)] | None = Field(None, description="变更说明；不写则不动")


@router.patch(
    "/drafts/{version_id}",
    response={200: schemas.Version, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="draft_save",
    summary="修改草稿，须带 If-Match；别人先改了的答 412 并列出其改动",
)
def draft_save(request: HttpRequest, response: HttpResponse, version_id: Id, body: DraftPatch) -> Any:
    actor = _actor(request)
    seen = seen_version(request)
    current = selectors.version(version_id=version_id, scope=actor.scope)
    content = patched(current.content, body.content)
    try:
        drafting.draft_save(
            actor=actor,
            version_id=version_id,
            seen_version=seen,
            content=content,
            change_note=current.change_note if body.change_note is None else body.change_note,
            now=timezone.now(),
        )
    except Conflict as error:
        return _stale(request, actor, version_id, body, error)
    saved = selectors.version(version_id=version_id, scope=actor.scope)
    response["ETag"] = etag(saved.lock_version)
    return schemas.version_json(saved)


def _stale(request: HttpRequest, actor: Actor, version_id: int, body: DraftPatch, error: Conflict) -> HttpResponse:
    """已被他人修改：现在的内容，与若照提交的办会改掉对方什么。"""
    theirs = selectors.version(version_id=version_id, scope=actor.scope)
    mine = patched(theirs.content, body.content)
    response = respond(
        request,
        error,
        more={
            "current": {
                "lock_version": theirs.lock_version,
                "author_name": theirs.author_name,
                "updated_at": theirs.updated_at,
                "content": schemas.version_json(theirs)["content"],
            },
            "changes": [
                {"field": c.field, "label": c.label, "theirs": c.old, "yours": c.new}
                for c in changes(theirs.content, mine)
            ],
        },
    )
    response["ETag"] = etag(theirs.lock_version)
    return response


@router.delete(
    "/drafts/{version_id}",
    response={204: None, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="draft_discard",
    summary="放弃草稿，须带 If-Match；内容留在变更记录中",
)
def draft_discard(request: HttpRequest, version_id: Id) -> HttpResponse:
    drafting.draft_discard(
        actor=_actor(request), version_id=version_id, seen_version=seen_version(request), now=timezone.now()
    )
    return HttpResponse(status=204)


class CorrectionIn(Schema):
    """勘误的印发要素。"""

    document_number: PlainText = Field(description="文号", max_length=64)
    issued_on: PlainText = Field(description="印发日期，形如 2026-11-22", max_length=10)
    reason: PlainText = Field(description="何处有误、如何更正", max_length=2000)


@router.post(
    "/drafts/{version_id}/correction",
    response={201: schemas.Created, **UPDATE_ERRORS},
    auth=ApiAccess("publish"),
    operation_id="correction_publish",
    summary="把草稿作为勘误公布，须带 If-Match；返回版次编号",
)
def publish_correction(request: HttpRequest, version_id: Id, body: CorrectionIn) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)

    def run() -> Answer:
        edition_id = correction_publish(
            actor=actor,
            version_id=version_id,
            seen_version=seen,
            document_number=body.document_number,
            issued_on=body.issued_on,
            reason=body.reason,
            now=now,
        )
        return Answer(201, {"id": edition_id})

    return answered_once(request, "correction_publish", run, now=now)


@router.get(
    "/lists/{list_id}/findings",
    response={200: schemas.Findings, **READ_ERRORS},
    auth=READ,
    operation_id="findings",
    summary="清单现存的检查发现",
)
def findings(
    request: HttpRequest,
    list_id: Id,
    code: Text = "",
    severity: Literal["", "error", "warning", "info"] = "",
) -> dict[str, Any]:
    scope = _actor(request).scope
    selectors.list_view(list_id=list_id, scope=scope, on=timezone.localdate())
    state = finding_selectors.check_state(list_id=list_id, scope=scope)
    return {
        "checked_at": state.checked_at,
        "is_stale": state.is_stale,
        "findings": finding_selectors.findings(list_id=list_id, scope=scope, code=code, severity=severity),
    }


@router.post(
    "/lists/{list_id}/check",
    response={200: schemas.Findings, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="list_check",
    summary="按现在的内容重新检查",
)
def list_check(request: HttpRequest, list_id: Id) -> dict[str, Any]:
    services.findings_recheck(actor=_actor(request), list_id=list_id, now=timezone.now())
    return findings(request, list_id)


class WaiverIn(Schema):
    """豁免一条发现。"""

    code: PlainText = Field(description="规则代码", max_length=8)
    item_id: int | None = Field(None, description="事项编号；为空是对整份清单", ge=1, le=LARGEST_ID)
    reason: PlainText = Field(description="理由", max_length=500)


@router.post(
    "/lists/{list_id}/waivers",
    response={201: schemas.Created, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="waiver_grant",
    summary="豁免一条发现：错误由编办，警告由本机构（可带 Idempotency-Key）",
)
def waiver_grant(request: HttpRequest, list_id: Id, body: WaiverIn) -> HttpResponse:
    actor, now = _actor(request), timezone.now()
    if not body.reason:
        raise InvalidInput("豁免必须写明理由", hint="请写明依据或情况。", code="reason_required")

    def run() -> Answer:
        return Answer(
            201,
            {
                "id": services.waiver_grant(
                    actor=actor,
                    list_id=list_id,
                    code=body.code,
                    item_id=body.item_id,
                    reason=body.reason,
                    now=now,
                )
            },
        )

    return answered_once(request, "waiver_grant", run, now=now)
