"""会议材料的文字：成百项的对照表也编得出号，长内容逐行跨页。"""

from datetime import UTC, date, datetime

from quanze.apps.adjustment.models import CommitteeMeeting
from quanze.apps.adjustment.selectors.meetings import EntryLine, FieldLine, Review, TopicView
from quanze.apps.adjustment.services.meeting_papers import papers_of
from quanze.base.documents.model import numbered
from quanze.base.documents.public import Table, render_docx, render_pdf

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def topic(entries):
    lines = tuple(
        EntryLine(
            n, 1, f"X-{n}", f"第{n}项", "change", "变更", (FieldLine("服务电话", "旧", "新"), FieldLine("备注", "", "有")),
            "条款有变。", "", "",
        )
        for n in range(entries)
    )  # fmt: skip
    reviews = (Review("部门法制审查", "审查通过", "方衡", date(2026, 11, 2), "同意。"),)
    return TopicView(1, 1, 7, "调整", "农业农村局", "", "年度核对。", "六步编制", date(2026, 11, 1), lines, reviews)


def papers(entries):
    meeting = CommitteeMeeting(
        number="第4次会议",
        title="县编委第4次会议",
        owner_body_name="县委编办",
        held_on=date(2026, 11, 10),
        place="三楼",
    )
    return {kind: paper for kind, _, paper in papers_of(meeting, [topic(entries)], NOW)}


def test_a_pack_of_more_than_ninety_nine_items_is_numbered_and_set():
    made = papers(120)
    labels = [label for block, label in numbered(made["comparison"].blocks) if not isinstance(block, Table)]
    assert labels[-1] == "120."
    assert render_docx(made["comparison"]).startswith(b"PK")
    assert render_pdf(made["comparison"]).startswith(b"%PDF-")


def test_each_change_is_a_row_and_the_reason_stands_once():
    table = next(block for block in papers(1)["comparison"].blocks if isinstance(block, Table))
    assert [list(row) for row in table.rows] == [
        ["服务电话：旧", "服务电话：新", "条款有变。"],
        ["备注：（无）", "备注：有", ""],
    ]


def test_the_briefing_tells_the_facts_of_the_submission():
    text = "\n".join(getattr(block, "text", "") for block in papers(2)["briefing"].blocks)
    for words in (
        "议题 1 个，涉及 1 个机构、2 项事项，其中变更 2 项。",
        "由农业农村局于2026年11月1日送审，按“六步编制”办理，共 2 项：变更 2 项。送审说明：年度核对。",
        "部门法制审查：审查通过（方衡，2026年11月2日，意见：同意）",
    ):
        assert words in text
