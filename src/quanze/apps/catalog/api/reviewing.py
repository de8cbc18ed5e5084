"""送审与审查的接口：提交、撤回、重新送审、待办、办理当前步骤（末步即印发公布）。"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Schema
from pydantic import Field

from quanze.apps.catalog.api import schemas
from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.services import submitting
from quanze.apps.catalog.services.reviewing import submission_review
from quanze.apps.workflow import public as workflow
from quanze.base.web.api_access import READ_ERRORS, UPDATE_ERRORS, WRITE_ERRORS, ApiAccess, require_scope
from quanze.base.web.api_texts import PlainText
from quanze.base.web.concurrency import etag, seen_version
from quanze.base.web.idempotency import Answer, answered_once
from quanze.core.actor import Actor

router = Router(tags=["送审与审查"])
READ, WRITE, REVIEW = ApiAccess("catalog.read"), ApiAccess("catalog.write"), ApiAccess("review")
LARGEST_ID = 2**53 - 1
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _answer(actor: Actor, submission_id: int, status: int) -> Answer:
    view = selectors.submission_view(submission_id=submission_id, actor=actor)
    body = schemas.submission_json(view)
    return Answer(status, body, body["lock_version"])


@router.get(
    "/submissions",
    response={200: schemas.Submissions, **READ_ERRORS},
    auth=READ,
    operation_id="submissions",
    summary="本范围的送审件，新者在前",
)
def submissions(
    request: HttpRequest,
    list_id: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    state: Literal["", "in_review", "returned", "published", "refused", "withdrawn"] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    return {"submissions": selectors.submissions(actor=_actor(request), list_id=list_id, state=state, limit=limit)}


class SubmissionIn(Schema):
    """提交送审。"""

    title: PlainText = Field("", description="标题，空则自动拟", max_length=200)
    note: PlainText = Field("", description="说明", max_length=2000)
    item_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] | None = Field(
        None, description="只送这些事项；不写则送全部草稿", max_length=5000
    )


@router.post(
    "/lists/{list_id}/submissions",
    response={201: schemas.SubmissionOut, **WRITE_ERRORS},
    auth=WRITE,
    operation_id="submission_submit",
    summary="提交送审，一份清单同时只有一个送审件（可带 Idempotency-Key）",
)
def submission_submit(request: HttpRequest, list_id: Id, body: SubmissionIn) -> HttpResponse:
    actor, now = _actor(request), timezone.now()

    def run() -> Answer:
        submission_id = submitting.submission_submit(
            actor=actor, list_id=list_id, title=body.title, note=body.note, item_ids=body.item_ids, now=now
        )
        return _answer(actor, submission_id, 201)

    return answered_once(request, "submission_submit", run, now=now)


@router.get(
    "/submissions/{submission_id}",
    response={200: schemas.SubmissionOut, **READ_ERRORS},
    auth=READ,
    operation_id="submission",
    summary="送审件全貌；ETag 即办理时所需的 If-Match",
)
def submission(request: HttpRequest, response: HttpResponse, submission_id: Id) -> dict[str, Any]:
    answer = _answer(_actor(request), submission_id, 200)
    response["ETag"] = etag(answer.version or 0)
    body: dict[str, Any] = answer.body
    return body


class ReasonIn(Schema):
    """理由。"""

    reason: PlainText = Field("", description="理由", max_length=2000)


@router.post(
    "/submissions/{submission_id}/withdraw",
    response={200: schemas.SubmissionOut, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="submission_withdraw",
    summary="撤回送审件，须带 If-Match；下一步已办的不能撤回",
)
def submission_withdraw(request: HttpRequest, submission_id: Id, body: ReasonIn) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)

    def run() -> Answer:
        submitting.submission_withdraw(
            actor=actor, submission_id=submission_id, seen_version=seen, reason=body.reason, now=now
        )
        return _answer(actor, submission_id, 200)

    return answered_once(request, "submission_withdraw", run, now=now)


class NoteIn(Schema):
    """说明。"""

    note: PlainText = Field("", description="说明；退回的事项未改动时必写理由", max_length=2000)


@router.post(
    "/submissions/{submission_id}/resubmit",
    response={200: schemas.SubmissionOut, **UPDATE_ERRORS},
    auth=WRITE,
    operation_id="submission_resubmit",
    summary="退回的改好后重新送审，须带 If-Match",
)
def submission_resubmit(request: HttpRequest, submission_id: Id, body: NoteIn) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)

    def run() -> Answer:
        submitting.submission_resubmit(
            actor=actor, submission_id=submission_id, seen_version=seen, note=body.note, now=now
        )
        return _answer(actor, submission_id, 200)

    return answered_once(request, "submission_resubmit", run, now=now)


@router.get(
    "/reviews",
    response={200: schemas.Tasks, **READ_ERRORS},
    auth=REVIEW,
    operation_id="reviews_todo",
    summary="本人待办的审查，期限近者在前",
)
def reviews_todo(request: HttpRequest) -> dict[str, Any]:
    return {
        "tasks": [
            {
                "submission_id": task.subject_id,
                "title": task.subject_label,
                "body_name": task.body_name,
                "step_label": task.step_label,
                "step_kind": task.step_kind,
                "due_on": task.due_on,
                "items": task.items,
            }
            for task in workflow.tasks_for(_actor(request))
            if task.subject_kind == selectors.SUBJECT_KIND
        ]
    }


class ItemOpinionIn(Schema):
    """对一项的意见。"""

    entry_id: int = Field(description="送审事项编号", ge=1, le=LARGEST_ID)
    verdict: Literal["accept", "return"] = Field(description="accept 同意，return 退回")
    opinion: PlainText = Field("", description="意见", max_length=2000)


class DecisionIn(Schema):
    """办理当前步骤。"""

    verb: Literal["pass", "send_back", "refuse"] = Field(description="pass 通过，send_back 退回，refuse 不予通过")
    opinion: PlainText = Field("", description="意见", max_length=2000)
    items: list[ItemOpinionIn] = Field(default_factory=list, description="逐项意见", max_length=5000)
    details: dict[Annotated[str, Field(max_length=64)], Annotated[PlainText, Field(max_length=1000)]] = Field(
        default_factory=dict, description="本步必填的要素，如文号、印发日期、施行日期"
    )


@router.post(
    "/submissions/{submission_id}/decide",
    response={200: schemas.OutcomeOut, **UPDATE_ERRORS},
    auth=REVIEW,
    operation_id="submission_decide",
    summary="办理当前步骤，须带 If-Match；末步通过即印发公布",
)
def submission_decide(request: HttpRequest, submission_id: Id, body: DecisionIn) -> HttpResponse:
    actor, now, seen = _actor(request), timezone.now(), seen_version(request)
    step = workflow.current_step(subject_kind=selectors.SUBJECT_KIND, subject_id=submission_id, actor=actor)
    if step is not None and step.kind == "issue":
        require_scope(request, "publish")

    def run() -> Answer:
        outcome = submission_review(
            actor=actor,
            submission_id=submission_id,
            seen_version=seen,
            verb=body.verb,
            opinion=body.opinion,
            item_opinions={one.entry_id: workflow.ItemOpinion(one.verdict, one.opinion) for one in body.items},
            details=body.details,
            now=now,
        )
        return Answer(
            200,
            {
                "submission_id": submission_id,
                "case_state": outcome.case_state,
                "step_code": outcome.step_code,
                "verb": outcome.verb,
                "next_label": outcome.next_label,
                "next_body_name": outcome.next_body_name,
                "next_due_on": outcome.next_due_on,
            },
        )

    return answered_once(request, "submission_decide", run, now=now)
