"""行权数据的接口：成批报送事件，核对已收的编号与批次。"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from quanze.apps.performance.services import receiving
from quanze.base.web.api_access import READ_ERRORS, WRITE_ERRORS, ApiAccess, ErrorOut
from quanze.base.web.api_texts import PlainText
from quanze.base.web.errors import respond
from quanze.base.web.idempotency import Answer, answered_once
from quanze.core.actor import Actor
from quanze.warehouse.public import EventRow, ReceivedView

router = Router(tags=["行权数据"])
LARGEST_ID = 2**53 - 1
LONGEST_PAGE = 10_000


def _whole_second(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 9000:
        raise ValueError("年份不合情理")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_whole_second)]
Code = Annotated[PlainText, Field(max_length=100)]


class EventIn(BaseModel):
    """一条流程事件：一个办件办过的一个环节。不收任何个人信息，也没有可写个人信息的字段。"""

    # No ``Schema``: it wraps every object for attribute access, which a batch of thousands pays dearly.

    event_id: Annotated[PlainText, Field(min_length=1, max_length=100)] = Field(
        description="事件编号，在本账号内唯一，重送时不变"
    )
    case_id: Code = Field(description="办件编号")
    step_no: int = Field(description="环节序号，从 1 计", ge=1, le=1_000_000)
    step_code: Code = Field(description="环节")
    item_code: Code = Field(description="事项标识")
    body_code: Code = Field(description="机构编码")
    occurred_at: Moment = Field(description="发生时间，带时区")
    due_at: Moment | None = Field(None, description="办理期限，带时区")
    outcome: Literal["normal", "returned", "completed", "refused", "withdrawn"] = Field(
        "normal", description="办理结果"
    )
    flow_code: Code = Field("", description="流程编码")
    division_code: Code | None = Field(None, description="内设机构")
    post_code: Code | None = Field(None, description="岗位")
    sector: Code = Field("", description="行业领域")

    model_config = ConfigDict(extra="forbid")


class EventsIn(Schema):
    """一批事件。"""

    events: list[EventIn] = Field(description="事件", min_length=1, max_length=receiving.LARGEST_BATCH)

    model_config = ConfigDict(extra="forbid")


class EventError(Schema):
    """一条事件的问题。"""

    index: int = Field(description="在一批中的序号，从 0 计")
    event_id: str = Field(description="事件编号")
    field: str = Field(description="字段")
    code: str = Field(description="稳定的代码")
    message: str = Field(description="问题")


class ReceiveOut(Schema):
    """收下的结果；accepted + duplicate + rejected = received。"""

    batch_id: int = Field(description="接收批次编号")
    received: int = Field(description="送来的条数")
    accepted: int = Field(description="收下的条数")
    duplicate: int = Field(description="早已收过、内容相同的条数")
    rejected: int = Field(description="不合要求的条数（partial=true 时才可能不为 0）")
    errors: list[EventError] = Field(description="不合要求的事件")


class RefusedOut(ErrorOut):
    """整批未收：逐条列出不合要求的事件。"""

    errors: list[EventError] = Field(default_factory=list, description="不合要求的事件")


class IdsOut(Schema):
    """一页事件编号；``next_after`` 为空表示到底。"""

    ids: list[str]
    next_after: int | None = None


class BatchOut(Schema):
    """接收批次。"""

    id: int = Field(description="接收批次编号")
    rows: int = Field(description="收下的条数")
    duplicates: int = Field(description="重复的条数")
    digest: str = Field(description="内容摘要")
    received_at: datetime = Field(description="收到时间")
    settled_at: datetime | None = Field(None, description="对照清单并入统计的时间；空为等待并入")


class BatchesOut(Schema):
    """一页接收批次，新者在前；``next_before`` 为空表示到底。"""

    batches: list[BatchOut]
    next_before: int | None = None


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@router.post(
    "",
    response={201: ReceiveOut, **WRITE_ERRORS, 422: RefusedOut},
    auth=ApiAccess("events.write"),
    operation_id="events_send",
    summary="报送一批事件（可带 Idempotency-Key）；落盘之后才答复，默认全收或全不收",
)
def events_send(
    request: HttpRequest,
    body: EventsIn,
    partial: Annotated[bool, Query(description="true：收下合格的，其余逐条列出")] = False,
) -> HttpResponse:
    actor, now = _actor(request), timezone.now()
    events = [receiving.SentEvent(one.event_id, _row(one)) for one in body.events]

    def run() -> Answer:
        report = receiving.events_receive(actor=actor, events=events, is_partial=partial, now=now)
        return Answer(
            201,
            {
                "batch_id": report.batch_id,
                "received": report.received,
                "accepted": report.accepted,
                "duplicate": report.duplicate,
                "rejected": report.rejected,
                "errors": [_error(one) for one in report.problems],
            },
        )

    try:
        return answered_once(request, "events_send", run, now=now)
    except receiving.EventsRefused as error:
        return respond(request, error, more={"errors": [_error(one) for one in error.problems]})


def _row(event: EventIn) -> EventRow:
    return EventRow(
        case_id=event.case_id,
        step_code=event.step_code,
        item_code=event.item_code,
        body_code=event.body_code,
        occurred_at=event.occurred_at,
        step_no=event.step_no,
        flow_code=event.flow_code,
        division_code=event.division_code or None,
        post_code=event.post_code or None,
        sector=event.sector,
        due_at=event.due_at,
        outcome=event.outcome,
    )


def _error(problem: receiving.EventProblem) -> dict[str, Any]:
    return {
        "index": problem.index,
        "event_id": problem.event_id,
        "field": problem.field,
        "code": problem.code,
        "message": problem.message,
    }


@router.get(
    "/ids",
    response={200: IdsOut, **READ_ERRORS},
    auth=ApiAccess("events.read"),
    operation_id="events_ids",
    summary="本账号已收的事件编号，按收到的次序，供核对",
)
def events_ids(
    request: HttpRequest,
    after: Annotated[int, Query(ge=0, le=LARGEST_ID, description="上一页的 next_after")] = 0,
    limit: Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="一页条数")] = LONGEST_PAGE,
) -> dict[str, Any]:
    ids, next_after = receiving.received_ids(actor=_actor(request), after=after, limit=limit)
    return {"ids": ids, "next_after": next_after}


@router.get(
    "/batches",
    response={200: BatchesOut, **READ_ERRORS},
    auth=ApiAccess("events.read"),
    operation_id="events_batches",
    summary="本账号的接收批次，新者在前",
)
def events_batches(
    request: HttpRequest,
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    rows = receiving.received_batches(actor=_actor(request), before=before, limit=limit + 1)
    shown = rows[:limit]
    return {"batches": shown, "next_before": shown[-1].id if len(rows) > limit else None}


@router.get(
    "/batches/{batch_id}",
    response={200: BatchOut, **READ_ERRORS},
    auth=ApiAccess("events.read"),
    operation_id="events_batch",
    summary="一个接收批次",
)
def events_batch(request: HttpRequest, batch_id: Annotated[int, Path(ge=1, le=LARGEST_ID)]) -> ReceivedView:
    return receiving.received_batch(actor=_actor(request), batch_id=batch_id)
