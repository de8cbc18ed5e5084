"""事项的经过：清单所知的部分。A fixed number of queries, whatever happened."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.timezone import localdate

from quanze.apps.catalog.domain.item_events import ItemEvent
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS, SUBMISSION_FLOW
from quanze.apps.catalog.domain.nondisclosure import NONDISCLOSURE_FLOW
from quanze.apps.catalog.models import (
    DerivedEntry,
    DisclosureTask,
    ErrorReport,
    ItemVersion,
    NonDisclosure,
    PlainGuide,
    PowerItem,
    PublishRecord,
    SourceCell,
    SubmissionItem,
)
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.apps.catalog.selectors.nondisclosure_grounds import grounds
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


def item_events(*, item_id: int, scope: Scope) -> list[ItemEvent]:
    """一个事项在清单里的全部经过，次序不定；看不见的答为没有。"""
    item = PowerItem.objects.filter(_scoped(scope, "power_list__body_id"), pk=item_id).first()
    if item is None:
        raise NotFound("没有这个事项", hint="请从清单中打开。")
    return [
        *_origin(item),
        *_published(item),
        *_reviews(item),
        *_reports(item),
        *_guides(item),
        *_marks(item),
        *_derived(item),
    ]


def _origin(item: PowerItem) -> Iterator[ItemEvent]:
    first = ItemVersion.objects.filter(item=item).order_by("id").first()
    source = SourceCell.objects.filter(version__item=item).order_by("version_id").first()
    label, note = "建立事项", ""
    if source is not None:
        label, note = "由表格导入", f"{source.file_name} 工作表“{source.sheet}”第 {source.row} 行"
    elif first is not None and first.template_key:
        label, note = "认领范本事项", first.template_key
    who = first.author_name if first is not None else ""
    yield ItemEvent(item.created_at, localdate(item.created_at), "origin", label, note, who, "catalog.item", item.pk)


def _published(item: PowerItem) -> Iterator[ItemEvent]:
    records = list(
        PublishRecord.objects.filter(item=item).select_related("edition", "new_version", "old_version").order_by("id")
    )
    for one in records:
        edition = one.edition
        number = f"，事项第 {one.new_version.number} 版" if one.new_version is not None else ""
        yield ItemEvent(
            edition.published_at,
            edition.valid_from,
            "correction" if one.action == "correct" else "version",
            f"{ENTRY_ACTIONS[one.action]}：{edition.document_number}",
            f"清单第 {edition.number} 版{number}，{edition.valid_from:%Y-%m-%d} 起施行"
            + (f"。{edition.note}" if edition.note else ""),
            edition.published_by_name,
            "catalog.list",
            edition.power_list_id,
        )
    tasks = DisclosureTask.objects.filter(
        edition_id__in=[one.edition_id for one in records], state="done", done_on__isnull=False
    ).select_related("edition")
    for task in tasks:
        if task.done_on is not None:
            yield ItemEvent(
                task.reported_at or task.opened_at,
                task.done_on,
                "channel",
                f"在{task.channel_label}公开",
                "，".join(filter(None, (f"清单第 {task.edition.number} 版", task.url, task.place))),
                task.reported_by_name,
                "catalog.disclosure_task",
                task.pk,
            )


def _reviews(item: PowerItem) -> Iterator[ItemEvent]:
    rows = SubmissionItem.objects.filter(item=item).select_related("submission").order_by("id")
    for row in rows:
        sent = row.submission
        about = ("catalog.submission", sent.pk)
        label = f"送审（{ENTRY_ACTIONS[row.action]}）"
        yield ItemEvent(
            sent.created_at, localdate(sent.created_at), "review", label, sent.title, sent.created_by_name, *about
        )
        if sent.closed_at is not None:
            said = f"送审件{SUBMISSION_FLOW.states[sent.state]}"
            yield ItemEvent(sent.closed_at, localdate(sent.closed_at), "review", said, sent.title, "", *about)


def _reports(item: PowerItem) -> Iterator[ItemEvent]:
    for row in ErrorReport.objects.filter(item=item):
        about = ("catalog.report", row.pk)
        yield ItemEvent(
            row.received_at,
            localdate(row.received_at),
            "report",
            f"收到公众纠错 {row.number}",
            row.text[:200],
            "公众",
            *about,
        )
        if row.answered_at is not None:
            yield ItemEvent(
                row.answered_at,
                localdate(row.answered_at),
                "report",
                f"答复公众纠错 {row.number}",
                row.answer[:200],
                row.answered_by_name,
                *about,
            )


def _guides(item: PowerItem) -> Iterator[ItemEvent]:
    for row in PlainGuide.objects.filter(item=item, state="published"):
        about = ("catalog.guide", row.pk)
        if row.published_at is not None and row.valid_from is not None:
            label = f"公布简明指南第 {row.number} 版"
            yield ItemEvent(
                row.published_at, row.valid_from, "guide", label, row.change_note, row.published_by_name, *about
            )
        if row.end_reason and row.ended_at is not None and row.valid_to is not None:
            label = f"停止公开简明指南第 {row.number} 版"
            yield ItemEvent(row.ended_at, row.valid_to, "guide", label, row.end_reason, "", *about)


def _marks(item: PowerItem) -> Iterator[ItemEvent]:
    for row in NonDisclosure.objects.filter(item=item):
        about = ("catalog.nondisclosure", row.pk)
        note = f"{grounds().label(row.ground)}；{row.legal_basis}"
        yield ItemEvent(
            row.proposed_at,
            localdate(row.proposed_at),
            "nondisclosure",
            "申请不公开",
            note,
            row.proposed_by_name,
            *about,
        )
        if row.decided_at is not None:
            state = "active" if row.state == "lifted" else row.state
            yield ItemEvent(
                row.decided_at,
                localdate(row.decided_at),
                "nondisclosure",
                f"不公开申请：{NONDISCLOSURE_FLOW.states[state]}",
                row.decision_note,
                row.decided_by_name,
                *about,
            )
        if row.lifted_at is not None:
            yield ItemEvent(
                row.lifted_at,
                localdate(row.lifted_at),
                "nondisclosure",
                "恢复公开",
                row.lift_reason,
                row.lifted_by_name,
                *about,
            )


def _derived(item: PowerItem) -> Iterator[ItemEvent]:
    rows = DerivedEntry.objects.filter(subject_item=item).select_related("derived_list__body").order_by("id")
    for row in rows:
        label = list_types().of(row.derived_list.list_type).label
        yield ItemEvent(
            row.created_at,
            localdate(row.created_at),
            "derived",
            f"列入{row.derived_list.body.name}{label}",
            f"{row.code}{f'（{row.variant}）' if row.variant else ''}",
            "",
            "catalog.entry",
            row.pk,
        )
