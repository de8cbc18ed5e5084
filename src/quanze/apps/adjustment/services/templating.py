"""公文样式：上传、核对字段、停用；套用到一次会议，填成 Word。"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.adjustment.domain.determining import OUTCOMES
from quanze.apps.adjustment.domain.office_fields import ENTRY, FIELDS, TOPIC
from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument, OfficeTemplate
from quanze.apps.adjustment.selectors import meetings as meeting_selectors
from quanze.apps.adjustment.selectors import office_templates as selectors
from quanze.apps.adjustment.services import convening
from quanze.apps.adjustment.services.meeting_papers import counted
from quanze.base.audit import public as audit
from quanze.base.documents import public as documents
from quanze.base.documents.model import chinese_date
from quanze.base.files import public as files
from quanze.core.actor import Actor
from quanze.core.errors import ErrorPlace, InvalidInput, NotPermitted, WrongState

for _code, _label in {
    "adjustment.template.uploaded": "上传公文样式",
    "adjustment.template.retired": "停用公文样式",
    "adjustment.meeting.template_filled": "套用公文样式",
}.items():
    audit.register_action(_code, _label)

PURPOSE = "adjustment.template"
FILLED = "template"


def _subject(row: OfficeTemplate) -> audit.SubjectRef:
    return audit.SubjectRef("adjustment.template", row.pk, row.title, row.owner_body_id)


@transaction.atomic
def template_upload(*, actor: Actor, title: str, name: str, data: bytes | BinaryIO, now: datetime) -> int:
    """上传一份样式：收存、读出字段并核对；写坏的占位、不认得的字段逐处指明，什么也不留。同名在用的随之停用。"""
    if not actor.has(*meeting_selectors.CONVENERS) or actor.body_id is None:
        raise NotPermitted("公文样式由办会的机构上传", hint="请由编办、编委办秘书办理。")
    if not title.strip():
        raise InvalidInput("名称没有填写", hint="例如：提请审议的请示。", place=ErrorPlace(field="title"))
    stored = files.store(data=data, name=name, body_id=actor.body_id, actor=actor, purpose=PURPOSE, now=now)
    opened = files.open_file(stored.id, scope=actor.scope)
    with opened.stream as stream:
        found = documents.fields_in(stream.read(), file=stored.name)
    documents.require_known(found, FIELDS, file=stored.name)
    if not found:
        raise InvalidInput(
            "样式文件里没有一个 {{字段}}",
            hint="请在要填入的地方写上字段，例如 {{会议号}}。",
            place=ErrorPlace(file=stored.name),
            code="no_fields",
        )
    title = title.strip()[:100]
    OfficeTemplate.objects.filter(owner_body_id=actor.body_id, title=title, is_retired=False).update(is_retired=True)
    row = OfficeTemplate.objects.create(
        owner_body_id=actor.body_id,
        title=title,
        file_id=stored.id,
        file_name=stored.name,
        fields=sorted({one.name for one in found}, key=list(FIELDS).index),
        uploaded_by_name=actor.name,
        uploaded_at=now,
    )
    audit.record(
        actor=actor,
        action="adjustment.template.uploaded",
        subject=_subject(row),
        after={"file": stored.name, "sha256": stored.sha256, "fields": row.fields},
        now=now,
    )
    return row.pk


@transaction.atomic
def template_retire(*, actor: Actor, template_id: int, seen_version: int, now: datetime) -> None:
    """停用：不再列出，已套用成的材料不变。"""
    row = selectors.template_find(template_id=template_id, actor=actor, seen_version=seen_version, lock=True)
    if row.is_retired:
        raise WrongState("这份样式已经停用", hint="请刷新页面。")
    row.is_retired = True
    row.lock_version += 1
    row.save(update_fields=["is_retired", "lock_version"])
    audit.record(actor=actor, action="adjustment.template.retired", subject=_subject(row), now=now)


@transaction.atomic
def template_fill(*, actor: Actor, meeting_id: int, seen_version: int, template_id: int, now: datetime) -> int:
    """套用到一次会议，填成的 Word 列入会议材料，返回材料编号。会前会后都可以；同一样式再套，替换前一份。"""
    meeting = meeting_selectors.find(meeting_id=meeting_id, actor=actor, seen_version=seen_version, lock=True)
    if meeting.state == "cancelled":
        raise WrongState("会议不再召开，不能套用", hint="请刷新页面。")
    row = selectors.template_find(template_id=template_id, actor=actor)
    if row.is_retired:
        raise WrongState("这份样式已经停用", hint="请另选一份。", code="template_retired")
    if meeting.state != "decided":
        convening.require_unchanged(meeting, actor)
    topics = meeting_selectors.topics_of(meeting=meeting, actor=actor)
    opened = files.open_file(row.file_id, scope=actor.scope)
    with opened.stream as stream:
        made = documents.fill(stream.read(), values_of(meeting, topics, now), groups_of(topics))
    stored = files.store(
        data=made,
        name=f"{row.title}（{meeting.number}）.docx",
        body_id=meeting.owner_body_id,
        actor=actor,
        purpose=convening.PURPOSE,
        now=now,
    )
    meeting.documents.filter(kind=FILLED, title=row.title).delete()
    document = MeetingDocument.objects.create(
        meeting=meeting,
        kind=FILLED,
        title=row.title,
        docx_file_id=stored.id,
        digest=stored.sha256,
        made_at=now,
        made_by_name=actor.name,
    )
    convening.bump(meeting)
    audit.record(
        actor=actor,
        action="adjustment.meeting.template_filled",
        subject=convening.subject_of(meeting),
        after={"template": row.title, "sha256": stored.sha256},
        now=now,
    )
    return document.pk


def values_of(
    meeting: CommitteeMeeting, topics: Sequence[meeting_selectors.TopicView], now: datetime
) -> dict[str, str]:
    """会议的字段。"""
    return {
        "会议号": meeting.number,
        "会议名称": meeting.title,
        "会议日期": chinese_date(meeting.held_on),
        "会议地点": meeting.place,
        "筹备机构": meeting.owner_body_name,
        "决议": meeting.resolution,
        "议题数": str(len(topics)),
        "机构数": str(len({one.body_name for one in topics})),
        "事项数": str(sum(len(one.entries) for one in topics)),
        "各类项数": counted(topics),
        "成文日期": chinese_date(localdate(now)),
    }


def groups_of(topics: Sequence[meeting_selectors.TopicView]) -> dict[str, list[dict[str, str]]]:
    """议题与事项的字段，一条一份。"""
    entries = [(topic, entry) for topic in topics for entry in topic.entries]
    return {
        TOPIC: [
            {
                "序号": str(topic.ordinal),
                "名称": topic.title,
                "提请机构": topic.body_name,
                "事项数": str(len(topic.entries)),
                "各类项数": counted([topic]),
                "送审日期": chinese_date(topic.submitted_on),
                "会前审查": "\n".join(f"{one.label}：{one.verdict}（{one.by}）" for one in topic.reviews),
                "结果": OUTCOMES.get(topic.outcome, ""),
            }
            for topic in topics
        ],
        ENTRY: [
            {
                "序号": str(number),
                "名称": entry.name,
                "标识": entry.item_code,
                "动作": entry.action_label,
                "提请机构": topic.body_name,
                "议题": topic.title,
                "原内容": entry.old_text or "（新增，无原内容）",
                "拟改内容": entry.new_text or "（取消）",
                "理由与依据": entry.reason,
                "决定": entry.decision_label,
                "会议意见": entry.remark,
            }
            for number, (topic, entry) in enumerate(entries, 1)
        ],
    }


def sample(now: datetime) -> bytes:
    """一份样例：可直接上传，也可在 Word 里改成办公室自己的样子。"""
    return documents.render_docx(
        documents.Document(
            title="关于提请{{会议名称}}审定权责清单的请示",
            addressee="市委编委",
            blocks=[
                documents.Paragraph(
                    "定于{{会议日期}}在{{会议地点}}召开{{会议号}}，现提请审定 {{议题数}} 个议题、{{事项数}} 项事项（{{各类项数}}）。"
                ),
                documents.Heading("议题"),
                documents.Table(
                    ["序号", "议题", "提请机构", "各类项数"],
                    [["{{议题.序号}}", "{{议题.名称}}", "{{议题.提请机构}}", "{{议题.各类项数}}"]],
                    widths=[2, 9, 7, 6],
                ),
                documents.Heading("三栏对照"),
                documents.Table(
                    ["事项", "原内容", "拟改内容", "理由与依据"],
                    [["{{事项.名称}}", "{{事项.原内容}}", "{{事项.拟改内容}}", "{{事项.理由与依据}}"]],
                    widths=[4, 7, 7, 6],
                ),
                documents.Paragraph("妥否，请批示。"),
            ],
            dated=localdate(now),
            signature="{{筹备机构}}",
        )
    )
