"""关联清单送审：牵头起草、负责人同意、印发公布；退回、重新送审、撤回。The door of the review, as with power lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from quanze.apps.catalog.domain import publishing as domain
from quanze.apps.catalog.domain.entry_lifecycles import DERIVED_SUBMISSION_FLOW, ENTRY_FLOW
from quanze.apps.catalog.models import DerivedEntryVersion, DerivedList, DerivedSubmission
from quanze.apps.catalog.selectors import derived_submissions as selectors
from quanze.apps.catalog.selectors.entry_locks import derived_list_for_update
from quanze.apps.catalog.services import derived_publishing
from quanze.apps.catalog.services.entry_storing import REFERENCES, kind_of, require_keeper
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotPermitted, WrongState

for _code, _label in {
    "catalog.derived_submission.submitted": "关联清单提交送审",
    "catalog.derived_submission.returned": "关联清单退回修改",
    "catalog.derived_submission.refused": "关联清单不予通过",
    "catalog.derived_submission.resubmitted": "关联清单重新送审",
    "catalog.derived_submission.withdrawn": "撤回关联清单送审",
}.items():
    audit.register_action(_code, _label)


def _subject(submission: DerivedSubmission) -> audit.SubjectRef:
    return audit.SubjectRef(selectors.SUBJECT_KIND, submission.pk, submission.title, submission.derived_list.body_id)


def _move(
    versions: Sequence[DerivedEntryVersion], verb: str, actor: Actor, submission: DerivedSubmission | None
) -> None:
    for state in {version.state for version in versions}:
        target = ENTRY_FLOW.decide(state, verb, roles=actor.roles).target
        ids = [version.pk for version in versions if version.state == state]
        DerivedEntryVersion.objects.filter(id__in=ids).update(
            state=target, submission=submission, lock_version=F("lock_version") + 1
        )


def _drafts(derived_list: DerivedList, version_ids: Sequence[int] | None) -> list[DerivedEntryVersion]:
    rows = DerivedEntryVersion.objects.select_for_update(of=("self",)).filter(
        entry__derived_list=derived_list, state="draft"
    )
    if version_ids is not None:
        rows = rows.filter(id__in=version_ids)
    return list(
        rows.select_related("entry__derived_list__body").prefetch_related(*REFERENCES).order_by("entry__ordinal", "id")
    )


@transaction.atomic
def derived_submission_submit(
    *, actor: Actor, list_id: int, title: str = "", version_ids: Sequence[int] | None = None, now: datetime
) -> int:
    """提交送审：所选（不给为全部）草稿逐条核对，冻结，到达第一步。返回送审件编号。"""
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    if actor.user_id is None:
        raise NotPermitted("送审必须由具体的人办理", hint="请登录后办理。")
    if actor.body_id != derived_list.body_id or not actor.has("drafter"):
        raise NotPermitted("关联清单由牵头机构的业务口送审", hint="请由该机构有编制职责的同事办理。")
    if derived_list.submissions.filter(state__in=["in_review", "returned"]).exists():
        raise WrongState("本清单已有送审件在审查中", hint="请先办结或撤回现有的送审件。", code="submission_open")
    versions = _drafts(derived_list, version_ids)
    if not versions:
        raise InvalidInput("没有可送审的草稿", hint="请先列入或修改条目。", code="no_items")
    derived_publishing.require_ready(derived_list, versions, localdate(now))
    kind = kind_of(derived_list)
    submission = DerivedSubmission.objects.create(
        derived_list=derived_list,
        title=title.strip()[:200] or f"{derived_list.body.name}{kind.label}送审件",
        state=DERIVED_SUBMISSION_FLOW.decide("draft", "submit", roles=actor.roles).target,
        created_by_id=actor.user_id,
        created_by_name=actor.name,
        created_at=now,
    )
    _move(versions, "freeze", actor, submission)
    outcome = workflow.case_open(
        actor=actor,
        subject=workflow.CaseSubject(
            selectors.SUBJECT_KIND, submission.pk, submission.title, derived_list.body_id, derived_list.body.name
        ),
        procedure_code=derived_list.procedure,
        item_ids=[version.pk for version in versions],
        author_ids=sorted({*(v.author_id for v in versions if v.author_id is not None), *actor.person_ids}),
        now=now,
    )
    submission.case_id = outcome.case_id
    submission.save(update_fields=["case_id"])
    audit.record(
        actor=actor,
        action="catalog.derived_submission.submitted",
        subject=_subject(submission),
        after={"entries": [[version.entry.code, version.content_hash] for version in versions]},
        versions={"procedure": derived_list.procedure},
        now=now,
    )
    return submission.pk


@transaction.atomic
def derived_submission_decide(
    *,
    actor: Actor,
    submission_id: int,
    seen_version: int,
    verb: str,
    opinion: str = "",
    details: Mapping[str, str] | None = None,
    now: datetime,
) -> workflow.StepOutcome:
    """办理当前步骤，结果落到条目上；末步“印发公布”即公布。``seen_version`` 是案卷的修改次数。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    case = workflow.case_by_subject(subject_kind=selectors.SUBJECT_KIND, subject_id=submission.pk, actor=actor)
    if submission.case_id is None or case is None:
        raise WrongState("送审件尚未送审", hint="请先提交送审。")
    if case.lock_version != seen_version:
        raise Conflict("案卷在您打开之后已有新的办理", hint="请刷新页面，查看最新意见后再办。")
    issue = None
    if verb == "pass" and case.current is not None and case.current.kind == "issue":
        body = org.bodies_by_ids([submission.derived_list.body_id])[submission.derived_list.body_id]
        issue = domain.parse_issue(details or {}, document_mark=body.document_mark, today=localdate(now))
    outcome = workflow.step_decide(
        actor=actor,
        case_id=submission.case_id,
        seen_version=seen_version,
        verb=verb,
        opinion=opinion,
        details=details,
        now=now,
    )
    versions = list(submission.versions.select_for_update().filter(state="frozen"))
    if outcome.case_state in ("returned", "refused"):
        back = "send_back" if outcome.case_state == "returned" else "refuse"
        submission.state = DERIVED_SUBMISSION_FLOW.decide(
            submission.state, back, roles=actor.roles, reason=opinion or "见意见"
        ).target
        keeps = outcome.case_state == "returned"
        _move(versions, "thaw", actor, submission if keeps else None)
        submission.closed_at = None if keeps else now
        audit.record(
            actor=actor,
            action=f"catalog.derived_submission.{outcome.case_state}",
            subject=_subject(submission),
            reason=opinion,
            now=now,
        )
    elif outcome.case_state == "passed":
        if issue is None:
            raise WrongState(
                "程序的最后一步不是印发，无法公布", hint="请系统管理员核对审查程序。", code="procedure_without_issue"
            )
        submission.state = DERIVED_SUBMISSION_FLOW.decide(submission.state, "publish", roles=actor.roles).target
        submission.closed_at = now
        DerivedList.objects.select_for_update().get(pk=submission.derived_list_id)
        derived_publishing.derived_edition_store(
            actor=actor,
            derived_list=submission.derived_list,
            version_ids=[version.pk for version in versions],
            issue=issue,
            submission=submission,
            now=now,
        )
    submission.lock_version += 1
    submission.save(update_fields=["state", "closed_at", "lock_version"])
    return outcome


@transaction.atomic
def derived_submission_resubmit(
    *, actor: Actor, submission_id: int, seen_version: int, note: str = "", now: datetime
) -> workflow.StepOutcome:
    """重新送审：退回后改好的再送，从第一步走起。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    require_keeper(actor, submission.derived_list)
    state = DERIVED_SUBMISSION_FLOW.decide(submission.state, "resubmit", roles=actor.roles).target
    ids = list(submission.versions.filter(state="draft").values_list("id", flat=True))
    versions = _drafts(submission.derived_list, ids)
    if not versions or submission.case_id is None:
        raise WrongState("送审件里的条目都已放弃", hint="请撤回这个送审件。")
    derived_publishing.require_ready(submission.derived_list, versions, localdate(now))
    _move(versions, "freeze", actor, submission)
    outcome = workflow.case_resubmit(
        actor=actor,
        case_id=submission.case_id,
        seen_version=seen_version,
        item_ids=[version.pk for version in versions],
        author_ids=sorted({version.author_id for version in versions if version.author_id is not None}),
        note=note,
        now=now,
    )
    submission.state = state
    submission.lock_version += 1
    submission.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.derived_submission.resubmitted",
        subject=_subject(submission),
        after={"entries": [[version.entry.code, version.content_hash] for version in versions]},
        reason=note,
        now=now,
    )
    return outcome


@transaction.atomic
def derived_submission_withdraw(
    *, actor: Actor, submission_id: int, seen_version: int, reason: str = "", now: datetime
) -> None:
    """撤回：下一步办理之前，冻结的条目回到草稿。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    require_keeper(actor, submission.derived_list)
    state = DERIVED_SUBMISSION_FLOW.decide(submission.state, "withdraw", roles=actor.roles).target
    if submission.case_id is None:
        raise WrongState("送审件尚未送审", hint="请先提交送审。")
    workflow.case_withdraw(actor=actor, case_id=submission.case_id, seen_version=seen_version, reason=reason, now=now)
    _move(list(submission.versions.select_for_update().filter(state="frozen")), "thaw", actor, None)
    submission.versions.filter(state="draft").update(submission=None)
    submission.state, submission.closed_at = state, now
    submission.lock_version += 1
    submission.save(update_fields=["state", "closed_at", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.derived_submission.withdrawn",
        subject=_subject(submission),
        reason=reason,
        now=now,
    )
