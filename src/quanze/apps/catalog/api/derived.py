"""关联清单的接口：种类、清单、条目、草稿、同步情况。Thin doors over the services that the pages use."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import AfterValidator, Field

from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors import drift_findings
from quanze.apps.catalog.selectors.entry_lists import EntryQuery, EntryRow, entry_page, entry_row_of_version
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.services import deriving, entries, entry_syncing
from quanze.base.web.api_access import READ_ERRORS, UPDATE_ERRORS, WRITE_ERRORS, ApiAccess
from quanze.base.web.api_texts import PlainText, plain
from quanze.base.web.concurrency import etag, seen_version
from quanze.base.web.dates import end_of_day
from quanze.base.web.idempotency import Answer, answered_once
from quanze.core.actor import Actor

router = Router(tags=["关联清单"])
READ, WRITE = ApiAccess("catalog.read"), ApiAccess("catalog.write")
LARGEST_ID = 2**53 - 1
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Text = Annotated[str, Query(max_length=100), AfterValidator(plain)]
Cursor = Annotated[str, Query(max_length=32, pattern=r"^(\d{1,15}-\d{1,15})?$", description="上一页的 next_after")]
Limit = Annotated[int, Query(ge=1, le=200, description="一页行数")]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


class KindField(Schema):
    """一种清单的一个自有要素。"""

    name: str = Field(description="要素名")
    label: str = Field(description="说法")
    kind: str = Field(description="text long_text number days choice date url texts code materials procedures")
    required: bool = Field(description="是否必填")
    choices: dict[str, str] | None = Field(None, description="选项：代码 → 说法")
    tighten: dict[str, str] | None = Field(None, description="只能收紧：与上级的哪个要素比、怎么比")


class Kind(Schema):
    """一种关联清单。"""

    code: str = Field(description="种类代码")
    label: str = Field(description="名称")
    tier: str = Field(description="层级")
    from_list: str = Field("", description="由哪种清单派生；为空是由权责清单归集")
    inherited: list[str] = Field(description="从所据事项读出、不能改的要素")
    fields: list[KindField] = Field(description="自有要素")


class Kinds(Schema):
    """全部关联清单种类。"""

    kinds: list[Kind]


class DerivedListOut(Schema):
    """一份关联清单：条目数、版次、最近一次核对的同步情况。"""

    id: int = Field(description="清单编号")
    kind: str = Field(description="种类代码")
    label: str = Field(description="种类名称")
    body_id: int = Field(description="牵头机构编号")
    body_code: str = Field(description="牵头机构编码")
    body_name: str = Field(description="牵头机构")
    entries: int = Field(description="现行条目数")
    working: int = Field(description="在编条目数")
    edition_number: int | None = Field(None, description="当前版次")
    document_number: str = Field("", description="文号")
    valid_from: date | None = Field(None, description="施行日期")
    drifting: int | None = Field(None, description="不同步条目数；没有核对过为空")
    missing: int | None = Field(None, description="应列未列")
    sync_percent: int | None = Field(None, description="同步率（%）")
    counted_on: date | None = Field(None, description="核对日期")


class DerivedListsOut(Schema):
    """看得见的关联清单。"""

    lists: list[DerivedListOut]


class EntryOut(Schema):
    """一个条目；``version_lock`` 即修改草稿所需的 If-Match，``lock_version`` 即同步更新、起草修改所需的。"""

    entry_id: int = Field(description="条目编号")
    version_id: int = Field(description="所示版本编号")
    code: str = Field(description="条目标识")
    name: str = Field(description="条目名称")
    variant: str = Field(description="情形")
    holder_name: str = Field(description="实施机构")
    item_id: int | None = Field(None, description="所据事项编号")
    item_name: str = Field(description="所据事项")
    power_type: str = Field(description="职权类型")
    state: str = Field(description="版本状态")
    number: int | None = Field(None, description="版本号")
    valid_from: date | None = Field(None, description="生效日期")
    valid_to: date | None = Field(None, description="失效日期")
    content: dict[str, Any] = Field(description="自有要素")
    drift: list[str] = Field(description="不同步的情形")
    lock_version: int = Field(description="条目的修改次数")
    version_lock: int = Field(description="版本的修改次数")


class EntryPage(Schema):
    """一页条目；``next_after`` 为空表示到底。"""

    entries: list[EntryOut]
    next_after: str


class DriftOut(Schema):
    """一处不同步。"""

    kind: str = Field(description="情形代码")
    label: str = Field(description="情形")
    name: str = Field(description="条目或事项")
    message: str = Field(description="哪里不同步")
    remedy: str = Field(description="怎么办")
    since: date | None = Field(None, description="自")
    entry_id: int | None = Field(None, description="条目编号；应列未列的为空")
    entry_code: str = Field("", description="条目标识")
    source_kind: str = Field(description="来源：item 事项，entry 上级条目")
    source_id: int = Field(description="来源编号")


class DriftPage(Schema):
    """一页不同步之处；``next_after`` 为空表示到底。"""

    counted_on: date | None = Field(None, description="最近一次核对的日期；没有核对过为空")
    entries: int = Field(description="现行条目数")
    drifting: int | None = Field(None, description="不同步条目数")
    missing: int | None = Field(None, description="应列未列")
    sync_percent: int | None = Field(None, description="同步率（%）")
    rows: list[DriftOut]
    next_after: str


def _kind(one: ListType) -> dict[str, Any]:
    return {
        "code": one.code,
        "label": one.label,
        "tier": one.tier,
        "from_list": one.from_list,
        "inherited": list(one.inherited),
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "kind": field.kind,
                "required": field.required,
                "choices": dict(field.choices) if field.choices else None,
                "tighten": {"field": field.tighten.field, "rule": field.tighten.rule} if field.tighten else None,
            }
            for field in one.fields
        ],
    }


def _list(view: selectors.DerivedListView) -> dict[str, Any]:
    names = ("id", "body_id", "body_code", "body_name", "entries", "working", "edition_number", "document_number")
    more = ("valid_from", "drifting", "missing", "sync_percent", "counted_on", "label")
    return {"kind": view.kind.code, **{name: getattr(view, name) for name in (*names, *more)}}


def entry_json(row: EntryRow) -> dict[str, Any]:
    """条目一行的答复形式。"""
    found = asdict(row)
    found["drift"] = list(row.drift)
    return found


@router.get(
    "/derived/kinds",
    response={200: Kinds, **READ_ERRORS},
    auth=READ,
    operation_id="derived_kinds",
    summary="关联清单的种类与要素",
)
def derived_kinds(request: HttpRequest) -> dict[str, Any]:
    return {"kinds": [_kind(one) for one in list_types().types]}


@router.get(
    "/derived/lists",
    response={200: DerivedListsOut, **READ_ERRORS},
    auth=READ,
    operation_id="derived_lists",
    summary="本范围的关联清单",
)
def derived_lists(request: HttpRequest, kind: Text = "") -> dict[str, Any]:
    found = selectors.derived_lists(scope=_actor(request).scope, on=timezone.localdate())
    return {"lists": [_list(one) for one in found if kind in ("", one.kind.code)]}


@router.get(
    "/derived/lists/{derived_id}/entries",
    response={200: EntryPage, **READ_ERRORS},
    auth=READ,
    operation_id="derived_entries",
    summary="一份关联清单的条目，按排序键翻页；on 为某日现行的，known 为当时所知的",
)
def derived_entries(
    request: HttpRequest,
    derived_id: Id,
    view: Literal["all", "in_force", "draft", "ended"] = "all",
    on: date | None = None,
    known: date | None = None,
    q: Text = "",
    power_type: Text = "",
    source: Text = "",
    drift: Text = "",
    after: Cursor = "",
    limit: Limit = 50,
) -> dict[str, Any]:
    scope, today = _actor(request).scope, timezone.localdate()
    selectors.derived_list_view(list_id=derived_id, scope=scope, on=today)
    query = EntryQuery(
        derived_id,
        on or today,
        view="in_force" if on is not None or known is not None else view,
        known_at=end_of_day(known) if known is not None else None,
        text=q,
        power_type=power_type,
        source=source,
        drift=drift,
    )
    rows = entry_page(query, scope=scope, after=_place(after), limit=limit + 1)
    shown = rows[:limit]
    return {
        "entries": [entry_json(one) for one in shown],
        "next_after": f"{shown[-1].ordinal}-{shown[-1].entry_id}" if len(rows) > limit else "",
    }


def _place(after: str) -> tuple[int, int] | None:
    ordinal, _, entry_id = after.partition("-")
    return (int(ordinal), int(entry_id)) if after else None


class ReferenceIn(Schema):
    """一处依据。"""

    kind: Literal["item", "entry"] = Field(description="item 权责事项，entry 上级条目")
    id: int = Field(description="事项或条目编号", ge=1, le=LARGEST_ID)
    role: Annotated[PlainText, Field(max_length=12)] = Field("", description="角色")
    duty: Annotated[PlainText, Field(max_length=4000)] = Field("", description="职责")


class EntryIn(Schema):
    """拟列入的条目。"""

    references: list[ReferenceIn] = Field(description="依据，第一处为主", max_length=20)
    content: dict[str, Any] = Field({}, description="自有要素，见种类")
    name: Annotated[PlainText, Field(max_length=600)] = Field("", description="条目名称；继承名称的种类不写")
    variant: Annotated[PlainText, Field(max_length=100)] = Field("", description="情形")


@router.post(
    "/derived/lists/{derived_id}/entries",
    response={201: EntryOut, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="derived_entry_create",
    summary="列入一个条目，写成草稿（可带 Idempotency-Key）",
)
def derived_entry_create(request: HttpRequest, derived_id: Id, body: EntryIn) -> HttpResponse:
    actor, now = _actor(request), timezone.now()

    def run() -> Answer:
        new = entries.NewEntry(
            tuple(entries.Reference(one.kind, one.id, one.role, one.duty) for one in body.references),
            body.content,
            body.name,
            body.variant,
        )
        ((_, version_id),) = entries.entries_create(actor=actor, list_id=derived_id, entries=[new], now=now)
        return _version_answer(actor, version_id, 201)

    return answered_once(request, "derived_entry_create", run, now=now)


def _version_answer(actor: Actor, version_id: int, status: int) -> Answer:
    row = entry_row_of_version(version_id=version_id, scope=actor.scope, on=timezone.localdate())
    return Answer(status, entry_json(row), row.version_lock)


@router.get(
    "/derived/versions/{entry_version_id}",
    response={200: EntryOut, **READ_ERRORS},
    auth=READ,
    operation_id="derived_version",
    summary="条目的一个版本；ETag 即修改时所需的 If-Match",
)
def derived_version(request: HttpRequest, response: HttpResponse, entry_version_id: Id) -> dict[str, Any]:
    row = entry_row_of_version(version_id=entry_version_id, scope=_actor(request).scope, on=timezone.localdate())
    response["ETag"] = etag(row.version_lock)
    return entry_json(row)


class EntryPatch(Schema):
    """修改条目草稿：要改的要素（写 null 清除）、名称、变更说明；不写的不动。"""

    content: dict[str, Any] = Field({}, description="要改的要素")
    name: Annotated[PlainText, Field(max_length=600)] | None = Field(None, description="条目名称")
    change_note: Annotated[PlainText, Field(max_length=500)] | None = Field(None, description="变更说明")


@router.patch(
    "/derived/versions/{entry_version_id}",
    response={200: EntryOut, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="derived_entry_save",
    summary="修改条目草稿，须带 If-Match；比上级放宽的拒绝",
)
def derived_entry_save(
    request: HttpRequest, response: HttpResponse, entry_version_id: Id, body: EntryPatch
) -> dict[str, Any]:
    actor, seen, today = _actor(request), seen_version(request), timezone.localdate()
    present = entry_row_of_version(version_id=entry_version_id, scope=actor.scope, on=today)
    entries.entry_save(
        actor=actor,
        version_id=entry_version_id,
        seen_version=seen,
        content={**present.content, **body.content},
        name=body.name,
        change_note=present.change_note if body.change_note is None else body.change_note,
        now=timezone.now(),
    )
    saved = entry_row_of_version(version_id=entry_version_id, scope=actor.scope, on=today)
    response["ETag"] = etag(saved.version_lock)
    return entry_json(saved)


@router.delete(
    "/derived/versions/{entry_version_id}",
    response={204: None, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="derived_entry_discard",
    summary="放弃条目草稿，须带 If-Match",
)
def derived_entry_discard(request: HttpRequest, entry_version_id: Id) -> HttpResponse:
    entries.entry_discard(
        actor=_actor(request), version_id=entry_version_id, seen_version=seen_version(request), now=timezone.now()
    )
    return HttpResponse(status=204)


@router.post(
    "/derived/entries/{entry_id}/draft",
    response={201: EntryOut, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="derived_entry_revise",
    summary="起草修改现行条目，须带 If-Match（条目的修改次数）；已有草稿的返回它",
)
def derived_entry_revise(request: HttpRequest, entry_id: Id) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)

    def run() -> Answer:
        version_id = entries.entry_revise(actor=actor, entry_id=entry_id, seen_version=seen, now=now)
        return _version_answer(actor, version_id, 201)

    return answered_once(request, "derived_entry_revise", run, now=now)


class RefreshIn(Schema):
    """同步更新：自哪天起，为什么，可以同时改自有要素。"""

    valid_from: date = Field(description="新版本的生效日期")
    reason: Annotated[PlainText, Field(max_length=500)] = Field("", description="理由")
    content: dict[str, Any] | None = Field(None, description="新的自有要素（整份）；不写则照旧")


@router.post(
    "/derived/entries/{entry_id}/refresh",
    response={200: EntryOut, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="derived_entry_refresh",
    summary="条目换到所据事项的现行版本，须带 If-Match（条目的修改次数）",
)
def derived_entry_refresh(request: HttpRequest, entry_id: Id, body: RefreshIn) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)

    def run() -> Answer:
        version_id = entry_syncing.entry_refresh(
            actor=actor,
            entry_id=entry_id,
            seen_version=seen,
            content=body.content,
            valid_from=body.valid_from,
            reason=body.reason,
            now=now,
        )
        return _version_answer(actor, version_id, 200)

    return answered_once(request, "derived_entry_refresh", run, now=now)


@router.get(
    "/derived/lists/{derived_id}/drift",
    response={200: DriftPage, **READ_ERRORS},
    auth=READ,
    operation_id="derived_drift",
    summary="一份关联清单的不同步之处，按排序键翻页",
)
def derived_drift(
    request: HttpRequest, derived_id: Id, kind: Text = "", q: Text = "", after: Cursor = "", limit: Limit = 50
) -> dict[str, Any]:
    scope = _actor(request).scope
    view = selectors.derived_list_view(list_id=derived_id, scope=scope, on=timezone.localdate())
    findings = drift_findings.drift_findings(list_id=derived_id, scope=scope, kind=kind, text=q)
    if after:
        findings = findings.filter(pk__gt=int(after.partition("-")[2]))
    found = list(findings[: limit + 1])
    shown = found[:limit]
    return {
        **{name: getattr(view, name) for name in ("counted_on", "entries", "drifting", "missing", "sync_percent")},
        "rows": [
            {**asdict(row), "kind": str(row.kind), "label": row.label, "remedy": row.remedy}
            for row in drift_findings.drift_rows_of(shown)
        ],
        "next_after": f"0-{shown[-1].pk}" if len(found) > limit else "",
    }


@router.post(
    "/derived/lists/{derived_id}/count",
    response={200: DriftPage, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="derived_count",
    summary="现在核对一份关联清单，返回第一页不同步之处",
)
def derived_count(request: HttpRequest, derived_id: Id) -> dict[str, Any]:
    selectors.derived_list_view(list_id=derived_id, scope=_actor(request).scope, on=timezone.localdate())
    deriving.drift_count(actor=_actor(request), list_ids=[derived_id], now=timezone.now())
    return derived_drift(request, derived_id)
