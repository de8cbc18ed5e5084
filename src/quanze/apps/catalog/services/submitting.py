"""送审：提交、逐步办理、重新送审、移除事项、撤回。

The door of the review: pages call these, these call ``workflow`` and apply what was decided to the versions, all in one
transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.events import SubmissionMoved, submission_moved
from quanze.apps.catalog.domain.lifecycles import SUBMISSION_FLOW, VERSION_FLOW
from quanze.apps.catalog.domain.packs import THRESHOLD_CODES
from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerList, Submission, SubmissionItem
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.selectors import submissions as selectors
from quanze.apps.catalog.services import publishing
from quanze.apps.catalog.services.drafting import require_drafter
from quanze.apps.catalog.services.findings import findings_refresh, require_no_blocking
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.parameters import public as parameters
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotPermitted, WrongState

for _code, _label in {
    "catalog.submission.submitted": "提交送审",
    "catalog.submission.returned": "送审件退回",
    "catalog.submission.refused": "送审件不予通过",
    "catalog.submission.resubmitted": "重新送审",
    "catalog.submission.withdrawn": "撤回送审件",
    "catalog.submission.item_removed": "移除送审事项",
}.items():
    audit.register_action(_code, _label)


def _subject(submission: Submission) -> audit.SubjectRef:
    return audit.SubjectRef(selectors.SUBJECT_KIND, submission.pk, submission.title, submission.power_list.body_id)


def _set_versions(versions: Collection[int], verb: str, actor: Actor) -> None:
    """版本状态整批转换：每个版本都要允许这一步。"""
    rows = ItemVersion.objects.select_for_update().filter(id__in=list(versions)).values_list("id", "state")
    by_state: dict[str, list[int]] = defaultdict(list)
    for version_id, state in rows:
        by_state[state].append(version_id)
    for state, ids in by_state.items():
        target = VERSION_FLOW.decide(state, verb, roles=actor.roles).target
        ItemVersion.objects.filter(id__in=ids).update(state=target, lock_version=F("lock_version") + 1)


def _entries(power_list: PowerList, item_ids: Sequence[int] | None) -> list[SubmissionItem]:
    """可送审的事项：草稿为新增或变更，拟取消为取消。"""
    drafts = ItemVersion.objects.filter(item__power_list=power_list, state="draft").select_related("item")
    endings = ItemEnding.objects.filter(item__power_list=power_list).select_related("item")
    if item_ids is not None:
        drafts, endings = drafts.filter(item_id__in=item_ids), endings.filter(item_id__in=item_ids)
    current = {
        version.item_id: version
        for version in ItemVersion.objects.filter(item__power_list=power_list, state="published", valid_to__isnull=True)
    }
    ending_ids = set(endings.values_list("item_id", flat=True))
    found = [
        SubmissionItem(
            item=draft.item,
            version=draft,
            base_version=current.get(draft.item_id),
            action="change" if draft.item_id in current else "add",
        )
        for draft in drafts.order_by("item__ordinal", "item_id")
        if draft.item_id not in ending_ids
    ]
    found += [
        SubmissionItem(item=ending.item, version=None, base_version=current[ending.item_id], action="cancel")
        for ending in endings.order_by("item__ordinal", "item_id")
        if ending.item_id in current
    ]
    return found


def _require_families(power_list: PowerList, entries: Sequence[SubmissionItem]) -> None:
    """主项与子项相符：取消主项须连同其现行子项；子项送审，其主项须现行或同在本件。"""
    leaving = {entry.item_id for entry in entries if entry.action == "cancel"}
    staying = {entry.item_id for entry in entries if entry.action != "cancel"}
    in_force = ItemVersion.objects.filter(item__power_list=power_list, state="published", valid_to__isnull=True)
    left = in_force.filter(item__parent_id__in=leaving).exclude(item_id__in=leaving).order_by("id").first()
    if left is not None:
        raise InvalidInput(
            f"主项拟取消，而其子项“{left.name}”仍为现行",
            hint="请把该主项的子项一并拟取消、一并送审。",
            code="subitem_left_behind",
        )
    mains = (staying | set(in_force.values_list("item_id", flat=True))) - leaving
    for entry in entries:
        if entry.action != "cancel" and entry.item.parent_id is not None and entry.item.parent_id not in mains:
            name = entry.version.name if entry.version else entry.item.code
            raise InvalidInput(
                f"子项“{name}”的主项既不现行，也不在本次送审之内",
                hint="请把主项一并送审。",
                code="main_item_missing",
            )


def _authors(entries: Sequence[SubmissionItem]) -> set[int]:
    """起草的人：写过草稿的，标拟取消的。"""
    drafted = {author for entry in entries if entry.version is not None for author in entry.version.author_ids}
    ending = ItemEnding.objects.filter(item_id__in=[entry.item_id for entry in entries if entry.action == "cancel"])
    return {author for author in (*drafted, *ending.values_list("author_id", flat=True)) if author is not None}


@transaction.atomic
def submission_submit(
    *,
    actor: Actor,
    list_id: int,
    title: str,
    note: str = "",
    item_ids: Sequence[int] | None = None,
    procedure: str = "",
    now: datetime,
) -> int:
    """提交送审：检查草稿，无未豁免的错误则冻结所含事项并到达第一步。返回送审件编号。

    ``procedure``: another than that of the list, where the matter has its own (a dynamic adjustment has three steps).
    """
    power_list = list_selectors.list_for_update(list_id=list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    if actor.user_id is None:
        raise NotPermitted("送审必须由具体的人办理", hint="请登录后办理。")
    if Submission.objects.filter(power_list=power_list, state__in=["in_review", "returned"]).exists():
        raise WrongState("本清单已有送审件在审查中", hint="请先办结或撤回现有的送审件。", code="submission_open")
    list_selectors.lock_working(power_list.pk)
    entries = _entries(power_list, item_ids)
    if not entries:
        raise InvalidInput("没有可送审的草稿", hint="请先导入、新增或修改事项。", code="no_items")
    _require_families(power_list, entries)
    report = findings_refresh(power_list=power_list, now=now)
    require_no_blocking(report, version_ids=[e.version_id for e in entries if e.version_id is not None])
    state = SUBMISSION_FLOW.decide("draft", "submit", roles=actor.roles).target
    submission = Submission.objects.create(
        power_list=power_list,
        title=title.strip() or f"{power_list.body.name}权责清单送审件",
        note=note,
        procedure=procedure or power_list.procedure,
        state=state,
        created_by_id=actor.user_id,
        created_by_name=actor.name,
        created_at=now,
    )
    for entry in entries:
        entry.submission = submission
        entry.finding_count = report.count_for(entry.version_id) if entry.version_id else 0
    entries = SubmissionItem.objects.bulk_create(entries, batch_size=500)
    _set_versions([e.version_id for e in entries if e.version_id is not None], "freeze", actor)
    outcome = workflow.case_open(
        actor=actor,
        subject=workflow.CaseSubject(
            selectors.SUBJECT_KIND, submission.pk, submission.title, power_list.body_id, power_list.body.name
        ),
        procedure_code=submission.procedure,
        item_ids=[entry.pk for entry in entries],
        author_ids=sorted(_authors(entries) | actor.person_ids),
        now=now,
    )
    submission.case_id = outcome.case_id
    submission.save(update_fields=["case_id"])
    audit.record(
        actor=actor,
        action="catalog.submission.submitted",
        subject=_subject(submission),
        after={
            "items": len(entries),
            "versions": [[e.item.code, e.version.content_hash if e.version else ""] for e in entries],
        },
        reason=note,
        versions={
            "procedure": submission.procedure,
            "template": power_list.template,
            "parameters": parameters.versions_on(THRESHOLD_CODES, on=localdate(now)),
        },
        now=now,
    )
    return submission.pk


def require_seen(case: workflow.CaseView | None, seen_version: int) -> None:
    """案卷还是看过的样子。Asked before anything else is judged: what was filled in for one step says nothing about the next."""
    if case is not None and case.lock_version != seen_version:
        raise Conflict("案卷在您打开之后已有新的办理", hint="请刷新页面，查看最新意见后再办。")


@transaction.atomic
def submission_decide(
    *,
    actor: Actor,
    submission_id: int,
    seen_version: int,
    verb: str,
    opinion: str = "",
    item_opinions: Mapping[int, workflow.ItemOpinion] | None = None,
    details: Mapping[str, str] | None = None,
    paper: workflow.PaperDecision | None = None,
    now: datetime,
) -> workflow.StepOutcome:
    """办理送审件的当前步骤，并把结果落到事项上；末步“印发”即公布。``seen_version`` 是案卷的修改次数。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    if submission.case_id is None:
        raise WrongState("送审件尚未送审", hint="请先提交送审。")
    issue = None
    case = workflow.case_by_subject(subject_kind=selectors.SUBJECT_KIND, subject_id=submission.pk, actor=actor)
    require_seen(case, seen_version)
    if verb == "pass" and case is not None and case.current is not None and case.current.kind == "issue":
        issue = publishing.issue_from_details(submission.power_list, details or {}, now=now)
    outcome = workflow.step_decide(
        actor=actor,
        case_id=submission.case_id,
        seen_version=seen_version,
        verb=verb,
        opinion=opinion,
        item_opinions=item_opinions,
        details=details,
        paper=paper,
        now=now,
    )
    entries = list(submission.items.select_related("item", "version"))
    if outcome.case_state == "returned":
        submission.state = SUBMISSION_FLOW.decide(
            submission.state, "send_back", roles=actor.roles, reason="见意见"
        ).target
        back = [entry for entry in entries if entry.pk in outcome.returned_item_ids]
        for entry in back:
            entry.outcome = "return"
        SubmissionItem.objects.bulk_update(back, ["outcome"])
        _set_versions([e.version_id for e in back if e.version_id is not None], "return", actor)
        audit.record(
            actor=actor,
            action="catalog.submission.returned",
            subject=_subject(submission),
            after={"items": [entry.item.code for entry in back]},
            reason=opinion,
            now=now,
        )
        _tell(submission, "returned", actor, now, reason=opinion)
    elif outcome.case_state == "refused":
        submission.state = SUBMISSION_FLOW.decide(submission.state, "refuse", roles=actor.roles, reason="见意见").target
        submission.closed_at = now
        submission.items.update(outcome="refused")
        ItemEnding.objects.filter(item_id__in=[e.item_id for e in entries if e.action == "cancel"]).delete()
        _set_versions([e.version_id for e in entries if e.version_id is not None], "refuse", actor)
        audit.record(
            actor=actor, action="catalog.submission.refused", subject=_subject(submission), reason=opinion, now=now
        )
        _tell(submission, "refused", actor, now, reason=opinion)
    elif outcome.case_state == "passed":
        submission.state = SUBMISSION_FLOW.decide(submission.state, "publish", roles=actor.roles).target
        submission.closed_at = now
        submission.items.update(outcome="passed")
        if issue is None:
            raise WrongState(
                "程序的最后一步不是印发，无法公布", hint="请系统管理员核对审查程序。", code="procedure_without_issue"
            )
        edition_id = publishing.edition_publish(
            actor=actor, power_list=submission.power_list, entries=entries, issue=issue, submission=submission, now=now
        )
        _tell(submission, "published", actor, now, reason=opinion, edition_id=edition_id, valid_from=issue.valid_from)
    submission.lock_version += 1
    submission.save(update_fields=["state", "closed_at", "lock_version"])
    return outcome


@transaction.atomic
def submission_resubmit(
    *, actor: Actor, submission_id: int, seen_version: int, note: str = "", now: datetime
) -> workflow.StepOutcome:
    """重新送审：退回的事项改好后再送，只看这些。未改动的须在说明中写明理由。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    power_list = list_selectors.list_for_update(list_id=submission.power_list_id, scope=actor.scope)
    require_drafter(actor, power_list.body_id)
    state = SUBMISSION_FLOW.decide(submission.state, "resubmit", roles=actor.roles).target
    list_selectors.lock_working(power_list.pk)
    back = list(submission.items.filter(outcome="return").select_related("item", "version"))
    unchanged = [entry for entry in back if entry.version is not None and entry.version.state == "returned"]
    if unchanged and not note.strip():
        names = "、".join(entry.version.name for entry in unchanged[:3] if entry.version is not None)
        raise InvalidInput(
            f"有 {len(unchanged)} 项退回后未修改：{names}",
            hint="请修改，或在说明中写明不修改的理由。",
            code="unchanged_needs_note",
        )
    _require_families(power_list, list(submission.items.select_related("item", "version").order_by("id")))
    report = findings_refresh(power_list=power_list, now=now)
    require_no_blocking(report, version_ids=[e.version_id for e in back if e.version_id is not None])
    for entry in back:
        if entry.version is not None:
            _set_versions([entry.version.pk], "refreeze" if entry.version.state == "returned" else "freeze", actor)
            entry.finding_count = report.count_for(entry.version.pk)
        entry.outcome = ""
    SubmissionItem.objects.bulk_update(back, ["outcome", "finding_count"])
    outcome = workflow.case_resubmit(
        actor=actor,
        case_id=_case_id(submission),
        seen_version=seen_version,
        item_ids=list(submission.items.order_by("id").values_list("id", flat=True)),
        author_ids=sorted(_authors(back)),
        note=note,
        now=now,
    )
    submission.state = state
    submission.lock_version += 1
    submission.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.submission.resubmitted",
        subject=_subject(submission),
        after={"items": [[e.item.code, e.version.content_hash if e.version else ""] for e in back]},
        reason=note,
        now=now,
    )
    _tell(submission, "resubmitted", actor, now, reason=note)
    return outcome


def _tell(
    submission: Submission,
    state: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    edition_id: int | None = None,
    valid_from: date | None = None,
) -> None:
    submission_moved(SubmissionMoved(submission.pk, state, reason, edition_id, valid_from), actor=actor, now=now)


def _case_id(submission: Submission) -> int:
    if submission.case_id is None:
        raise WrongState("送审件尚未送审", hint="请先提交送审。")
    return submission.case_id


@transaction.atomic
def submission_item_remove(*, actor: Actor, entry_id: int, submission_id: int, reason: str, now: datetime) -> None:
    """移除已退回的事项：留作草稿或退回稿，其余照常重新送审。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    require_drafter(actor, submission.power_list.body_id)
    entry = submission.items.filter(pk=entry_id, outcome="return").select_related("item").first()
    if submission.state != "returned" or entry is None:
        raise WrongState("只能移除已退回的事项", hint="请刷新页面后再办。")
    if submission.items.count() == 1:
        raise WrongState("送审件只剩这一项", hint="请改为撤回整个送审件。")
    code = entry.item.code
    entry.delete()
    audit.record(
        actor=actor,
        action="catalog.submission.item_removed",
        subject=_subject(submission),
        before={"item": code},
        reason=reason,
        now=now,
    )


@transaction.atomic
def submission_withdraw(
    *, actor: Actor, submission_id: int, seen_version: int, reason: str = "", now: datetime
) -> None:
    """撤回送审件：冻结的事项回到草稿。下一步已办理的不能撤回。"""
    submission = selectors.find(submission_id=submission_id, actor=actor, lock=True)
    require_drafter(actor, submission.power_list.body_id)
    state = SUBMISSION_FLOW.decide(submission.state, "withdraw", roles=actor.roles).target
    workflow.case_withdraw(actor=actor, case_id=_case_id(submission), seen_version=seen_version, reason=reason, now=now)
    frozen = submission.items.filter(version__state="frozen").values_list("version_id", flat=True)
    _set_versions([version_id for version_id in frozen if version_id is not None], "thaw", actor)
    submission.state, submission.closed_at = state, now
    submission.lock_version += 1
    submission.save(update_fields=["state", "closed_at", "lock_version"])
    audit.record(
        actor=actor, action="catalog.submission.withdrawn", subject=_subject(submission), reason=reason, now=now
    )
    _tell(submission, "withdrawn", actor, now, reason=reason)


def default_title(body_name: str, on: date) -> str:
    """送审件的默认标题。"""
    return f"{body_name}权责清单（{on.year}年{on.month}月）"
