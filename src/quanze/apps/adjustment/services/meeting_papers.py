"""会议材料的文字：议题表、三栏对照表、汇报稿。Every sentence is a fact of the meeting and its submissions; nothing is judged here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import localdate

from quanze.apps.adjustment.models import CommitteeMeeting
from quanze.apps.adjustment.selectors.meetings import EntryLine, Review, TopicView
from quanze.base.documents.model import chinese_date
from quanze.base.documents.public import Block, Document, Heading, Paragraph, Table

KINDS = {"agenda": "议题表", "comparison": "三栏对照表", "briefing": "汇报稿"}


def papers_of(meeting: CommitteeMeeting, topics: Sequence[TopicView], now: datetime) -> list[tuple[str, str, Document]]:
    """三份材料：（种类，名称，公文）。"""
    made = {"agenda": _agenda, "comparison": _comparison, "briefing": _briefing}
    return [
        (
            kind,
            label,
            Document(
                title=f"{meeting.title}\n{label}",
                document_no=meeting.number,
                blocks=made[kind](meeting, topics),
                dated=localdate(now),
                signature=meeting.owner_body_name,
            ),
        )
        for kind, label in KINDS.items()
    ]


def counted(topics: Sequence[TopicView]) -> str:
    """“新增 2 项、变更 3 项”。"""
    total: Counter[str] = Counter()
    for topic in topics:
        total.update(topic.counted())
    return "、".join(f"{label} {n} 项" for label, n in total.items())


def _items(topics: Sequence[TopicView]) -> int:
    return sum(len(topic.entries) for topic in topics)


def _facts(meeting: CommitteeMeeting) -> Paragraph:
    return Paragraph(f"会议时间：{chinese_date(meeting.held_on)}；地点：{meeting.place}。")


def _agenda(meeting: CommitteeMeeting, topics: Sequence[TopicView]) -> list[Block]:
    rows = [
        [
            str(topic.ordinal),
            topic.title,
            topic.body_name,
            "、".join(f"{label} {n}" for label, n in topic.counted().items()),
            "\n".join(f"{one.label}：{one.verdict}" for one in topic.reviews) or "—",
        ]
        for topic in topics
    ]
    return [
        _facts(meeting),
        Table(
            ["序号", "议题", "提请机构", "事项（项）", "会前审查"],
            rows,
            widths=[2, 8, 6, 5, 9],
            aligns=["center", "left", "left", "left", "left"],
        ),
        Paragraph(f"共 {len(topics)} 个议题、{_items(topics)} 项事项：{counted(topics)}。"),
    ]


def _comparison(meeting: CommitteeMeeting, topics: Sequence[TopicView]) -> list[Block]:
    blocks: list[Block] = [
        Paragraph("变更的事项列改动之处，新增、取消的事项列主要要素；全部要素见送审稿。"),
    ]
    for topic in topics:
        blocks.append(Heading(topic.title))
        for entry in topic.entries:
            blocks += [Heading(f"{entry.action_label}：{entry.name}", 3), _three_columns(entry)]
    return blocks


def _three_columns(entry: EntryLine) -> Table:
    """一处改动一行，理由写在第一行：行短，长表也能跨页。"""
    rows = [[_cell(one.label, one.old), _cell(one.label, one.new), ""] for one in entry.lines] or [["—", "—", ""]]
    rows[0][2] = entry.reason
    if entry.action == "add":
        rows = [["（新增，无原内容）" if n == 0 else "", row[1], row[2]] for n, row in enumerate(rows)]
    elif entry.action == "cancel":
        rows = [[row[0], "（取消）" if n == 0 else "", row[2]] for n, row in enumerate(rows)]
    return Table(["原内容", "拟改内容", "理由与依据"], rows, widths=[10, 10, 8])


def _cell(label: str, text: str) -> str:
    return f"{label}：{text}" if text else f"{label}：（无）"


def _briefing(meeting: CommitteeMeeting, topics: Sequence[TopicView]) -> list[Block]:
    bodies = list(dict.fromkeys(topic.body_name for topic in topics))
    blocks: list[Block] = [
        Heading("基本情况"),
        Paragraph(
            f"提请本次会议审定的议题 {len(topics)} 个，涉及 {len(bodies)} 个机构、{_items(topics)} 项事项，其中{counted(topics)}。"
        ),
        Heading("各议题"),
    ]
    for topic in topics:
        blocks.append(Heading(topic.title, 2))
        said = f"由{topic.body_name}于{chinese_date(topic.submitted_on)}送审，按“{topic.procedure}”办理，共 {len(topic.entries)} 项：{counted([topic])}。"
        blocks.append(Paragraph(said + (f"送审说明：{topic.note.rstrip('。')}。" if topic.note else "")))
        if topic.reviews:
            blocks.append(Paragraph("会前审查：" + "；".join(_review(one) for one in topic.reviews) + "。"))
        blocks += [
            Paragraph(f"{n}. {entry.action_label}“{entry.name}”。{entry.reason}")
            for n, entry in enumerate(topic.entries, 1)
        ]
    blocks += [
        Heading("提请审定"),
        Paragraph(
            f"以上 {_items(topics)} 项，原内容与拟改内容见三栏对照表，提请会议逐项审定：审定、修改后审定，或不予。"
        ),
    ]
    return blocks


def _review(one: Review) -> str:
    said = f"，意见：{one.opinion.rstrip('。')}" if one.opinion else ""
    return f"{one.label}：{one.verdict}（{one.by}，{chinese_date(one.on)}{said}）"
