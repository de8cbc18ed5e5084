"""编委会议：两件送审件列入一次会议，材料三份，逐项决定一次落下；要改的退回、不予的移除、审定的不再看。"""

import io
from collections import Counter
from datetime import date

import docx
import pytest

from quanze.apps.adjustment.domain.determining import Decision
from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument, MeetingEntry, MeetingTopic
from quanze.apps.adjustment.selectors import meetings as selectors
from quanze.apps.adjustment.services import convening
from quanze.apps.adjustment.services.determining import meeting_decide
from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import Submission, SubmissionItem
from quanze.apps.catalog.services.submitting import submission_item_remove
from quanze.apps.workflow import public as workflow
from quanze.apps.workflow.models import Case
from quanze.base.audit import public as audit
from quanze.base.files import public as files
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NAMES = ("对使用电鱼方法捕捞的处罚", "对使用毒鱼方法捕捞的处罚", "对使用炸鱼方法捕捞的处罚")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path


@pytest.fixture
def waiting(county):
    """农业农村局三项，到了编委会议这一步。"""
    county.draft(*(county.content(name) for name in NAMES))
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="secretary")
    return submission_id


def convened(county, *submission_ids, login="establishment", **more):
    given = {
        "number": "县编委〔2026〕第4次会议",
        "title": "青禾县编委2026年第4次会议",
        "held_on": date(2026, 11, 10),
        "place": "县政府三楼会议室",
        "submission_ids": submission_ids,
    }
    return convening.meeting_convene(actor=county.actor(login), now=county.now, **{**given, **more})


def made(county, meeting_id):
    row = CommitteeMeeting.objects.get(pk=meeting_id)
    return convening.material_make(
        actor=county.actor("establishment"), meeting_id=meeting_id, seen_version=row.lock_version, now=county.now
    )


def decide(county, meeting_id, decisions, login="secretary", resolution="原则同意"):
    row = CommitteeMeeting.objects.get(pk=meeting_id)
    given = {entry.pk: decisions[entry.name] for entry in MeetingEntry.objects.filter(topic__meeting=row)}
    return meeting_decide(
        actor=county.actor(login),
        meeting_id=meeting_id,
        seen_version=row.lock_version,
        decisions=given,
        resolution=resolution,
        now=county.now,
    )


def text_of(file_id):
    opened = files.open_file(file_id, scope=EVERYTHING)
    with opened.stream as stream:
        word = docx.Document(io.BytesIO(stream.read()))
    cells = [[cell.text for cell in row.cells] for table in word.tables for row in table.rows]
    return "\n".join(paragraph.text for paragraph in word.paragraphs), cells


def test_the_pack_says_what_was_what_becomes_and_why(county):
    """变更与取消：先公布一版，再改一项、取消一项、增加一项。"""
    county.publish(*(county.content(name) for name in NAMES[:2]))
    later = county.now
    items = {one.name: one.item_id for one in catalog.public_items(on=county.today, list_id=county.power_list())}
    drafter = county.actor("drafter")
    version_id = catalog.draft_start(actor=drafter, item_id=items[NAMES[0]], now=later)
    catalog.draft_save(
        actor=drafter,
        version_id=version_id,
        seen_version=1,
        content=county.content(NAMES[0], hotline="0000-7654321"),
        change_note="热线统一改号",
        now=later,
    )
    catalog.ending_mark(actor=drafter, item_ids=[items[NAMES[1]]], reason="条款已废止", now=later)
    county.draft(county.content(NAMES[2]))
    submission_id = county.submit(title="农业农村局权责清单调整")
    county.pass_until(submission_id, stop_before="secretary")

    meeting_id = convened(county, submission_id)
    with pytest.raises(InvalidInput, match="已列入县编委〔2026〕第4次会议"):
        convened(county, submission_id, number="另一次")
    assert made(county, meeting_id) == 3

    papers = {one.kind: one for one in MeetingDocument.objects.all()}
    assert [one.title for one in papers.values()] == ["议题表", "三栏对照表", "汇报稿"]
    _, rows = text_of(papers["agenda"].docx_file_id)
    assert rows[1][:3] == ["1", "农业农村局权责清单调整", "青禾县农业农村局"]
    assert set(rows[1][3].split("、")) == {"新增 1", "变更 1", "取消 1"}
    assert "部门法制审查：审查通过" in rows[1][4] and "编办合理性审核：审核同意" in rows[1][4]
    words, cells = text_of(papers["comparison"].docx_file_id)
    assert f"变更：{NAMES[0]}" in words and f"取消：{NAMES[1]}" in words and f"新增：{NAMES[2]}" in words
    changed = next(row for row in cells if "7654321" in row[1])
    assert changed[2] == "热线统一改号。依据《青禾县渔业管理办法》第三十八条。"
    assert changed[0].endswith("：0000-1234567") and changed[1].endswith("：0000-7654321")
    assert [row[2] for row in cells if row[1] == "（取消）"] == ["条款已废止。"]
    assert [row[0] for row in cells].count("（新增，无原内容）") == 1
    words, _ = text_of(papers["briefing"].docx_file_id)
    assert "议题 1 个，涉及 1 个机构、3 项事项" in words and "提请会议逐项审定" in words
    for one in papers.values():
        opened = files.open_file(one.pdf_file_id, scope=EVERYTHING)
        with opened.stream as stream:
            assert stream.read(5) == b"%PDF-"
        assert len(one.digest) == 64


def test_decisions_per_item_go_through_the_submissions_own_door_at_once(county, waiting):
    meeting_id = convened(county, waiting)
    made(county, meeting_id)
    before = Submission.objects.get(pk=waiting).state
    plain = {
        NAMES[0]: Decision("approve"),
        NAMES[1]: Decision("amend", "责任主体写到科室"),
        NAMES[2]: Decision("reject", "上位法已修改"),
    }
    with pytest.raises(NotPermitted):
        decide(county, meeting_id, plain, login="establishment")
    with pytest.raises(RulesNotMet, match="有 1 项没有登记完整"):
        decide(county, meeting_id, plain | {NAMES[2]: Decision("reject")})
    with pytest.raises(RulesNotMet, match="决议没有填写"):
        decide(county, meeting_id, plain, resolution=" ")
    assert Submission.objects.get(pk=waiting).state == before

    assert decide(county, meeting_id, plain) == {waiting: "send_back"}
    row = CommitteeMeeting.objects.get()
    assert (row.state, row.decided_by_name, MeetingTopic.objects.get().outcome) == ("decided", "纪要", "send_back")
    returned = {
        entry.version.name: entry.outcome
        for entry in SubmissionItem.objects.filter(submission_id=waiting).select_related("version")
    }
    assert returned == {NAMES[0]: "", NAMES[1]: "return", NAMES[2]: "return"}
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=waiting, actor=county.actor("drafter")
    )
    said = {one.opinion for one in case.steps[-1].opinions.values() if one.verdict == "return"}
    assert said == {"责任主体写到科室", "会议不予通过：上位法已修改。请从送审件中移除这一项。"}

    # The department amends the one, takes the refused out, and comes back with the one alone.
    drafter = county.actor("drafter")
    refused = SubmissionItem.objects.get(submission_id=waiting, version__name=NAMES[2])
    submission_item_remove(actor=drafter, entry_id=refused.pk, submission_id=waiting, reason="会议不予", now=county.now)
    catalog.submission_resubmit(
        actor=drafter, submission_id=waiting, seen_version=case.lock_version, note="已按会议意见核对", now=county.now
    )
    again = convened(county, waiting, number="县编委〔2026〕第5次会议")
    assert [entry.name for entry in MeetingEntry.objects.filter(topic__meeting=again)] == [NAMES[1]]
    made(county, again)
    assert decide(county, again, {NAMES[1]: Decision("approve")}) == {waiting: "pass"}
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=waiting, actor=county.actor("publisher")
    )
    assert case.current.kind == "issue"
    meeting_step = next(step for step in case.steps if step.kind == "meeting" and step.state == "passed")
    assert meeting_step.details == {"meeting_number": "县编委〔2026〕第5次会议", "resolution": "原则同意"}
    county.decide(
        waiting,
        "publisher",
        details={"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"},
    )
    in_force = {one.name for one in catalog.public_items(on=county.today, list_id=county.power_list())}
    assert in_force == set(NAMES[:2])
    steps = Counter(fact.action for fact in audit.history_of("adjustment.meeting", again, scope=EVERYTHING))
    assert steps == {
        "adjustment.meeting.convened": 1,
        "adjustment.meeting.material_made": 1,
        "adjustment.meeting.decided": 1,
    }


def test_a_refused_item_alone_is_taken_out_and_the_approved_ones_go_on(county, waiting):
    meeting_id = convened(county, waiting)
    made(county, meeting_id)
    decide(
        county,
        meeting_id,
        {NAMES[0]: Decision("approve"), NAMES[1]: Decision("approve"), NAMES[2]: Decision("reject", "重复")},
    )
    drafter = county.actor("drafter")
    refused = SubmissionItem.objects.get(submission_id=waiting, outcome="return")
    submission_item_remove(actor=drafter, entry_id=refused.pk, submission_id=waiting, reason="会议不予", now=county.now)
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=waiting, actor=drafter)
    catalog.submission_resubmit(
        actor=drafter, submission_id=waiting, seen_version=case.lock_version, note="", now=county.now
    )
    again = convened(county, waiting, number="县编委〔2026〕第5次会议")
    assert {one.name for one in MeetingEntry.objects.filter(topic__meeting=again)} == set(NAMES[:2])


def forestry_waiting(county):
    """林业局一项，走三步的程序，到了编委会议这一步。"""
    list_id = county.power_list("QH-LY", procedure="base-list")
    name = "对毁坏林木的处罚"
    content = county.content(
        name, exercising_body="青禾县林业局", responsible_body="青禾县林业局", lead_division="法规科"
    )
    forestry = county.actor("forestry")
    catalog.item_create(actor=forestry, list_id=list_id, content=content, now=county.now)
    submission_id = catalog.submission_submit(actor=forestry, list_id=list_id, title="林业局权责清单", now=county.now)
    with pytest.raises(InvalidInput, match="不在等待会议"):
        convened(county, submission_id)
    county.decide(submission_id, "justice")
    return submission_id, name


def test_two_submissions_are_decided_together_or_not_at_all(county, waiting):
    other, name = forestry_waiting(county)
    meeting_id = convened(county, other, waiting)
    made(county, meeting_id)
    decisions = dict.fromkeys((*NAMES, name), Decision("approve"))
    # The second submission's step asks for something the meeting does not know: the first is not decided either.
    case = Case.objects.get(subject_id=waiting)
    for step in case.procedure["steps"]:
        if step["kind"] == "meeting":
            step["requires"].append(["votes", "表决"])
    case.save()
    with pytest.raises(WrongState, match="会议步骤还要填表决"):
        decide(county, meeting_id, decisions)
    assert CommitteeMeeting.objects.get().state == "prepared"
    assert not MeetingEntry.objects.exclude(decision="").exists()
    assert {one.subject_id: one.current.kind for one in waiting_cases(county)} == {waiting: "meeting", other: "meeting"}

    # Withdrawn in the meantime: named, nothing done; taken out of the meeting, the rest is decided.
    county.decide(waiting, "secretary", "send_back", opinion="另有新规定，请核对")
    with pytest.raises(Conflict, match="“农业农村局权责清单”列入之后已有变动"):
        decide(county, meeting_id, decisions)
    row = CommitteeMeeting.objects.get()
    convening.meeting_revise(
        actor=county.actor("secretary"), meeting_id=meeting_id, seen_version=row.lock_version, number=row.number,
        title=row.title, held_on=row.held_on, place=row.place, submission_ids=[other], now=county.now,
    )  # fmt: skip
    made(county, meeting_id)
    assert decide(county, meeting_id, {name: Decision("reject", "没有依据")}) == {other: "refuse"}
    assert Submission.objects.get(pk=other).state == "refused"


def waiting_cases(county):
    return workflow.cases_waiting_at(
        subject_kind="catalog.submission", step_kind="meeting", actor=county.actor("secretary")
    )


def test_a_meeting_that_is_not_held_gives_its_topics_back(county, waiting):
    meeting_id = convened(county, waiting)
    secretary = county.actor("secretary")
    with pytest.raises(RulesNotMet):
        convening.meeting_cancel(actor=secretary, meeting_id=meeting_id, seen_version=1, reason=" ", now=county.now)
    convening.meeting_cancel(actor=secretary, meeting_id=meeting_id, seen_version=1, reason="改期", now=county.now)
    assert convened(county, waiting) != meeting_id
    with pytest.raises(WrongState):
        convening.meeting_cancel(actor=secretary, meeting_id=meeting_id, seen_version=2, reason="再", now=county.now)


def test_a_step_paused_for_the_meeting_runs_on_when_the_decision_is_entered(county, waiting):
    secretary = county.actor("secretary")
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=waiting, actor=secretary)
    workflow.step_pause(
        actor=secretary, case_id=case.id, seen_version=case.lock_version, reason="等待编委会议", now=county.now
    )
    assert selectors.candidates(actor=county.actor("establishment"))[0].is_paused is True
    meeting_id = convened(county, waiting, login="secretary")
    made(county, meeting_id)
    assert decide(county, meeting_id, dict.fromkeys(NAMES, Decision("approve"))) == {waiting: "pass"}


def test_changing_the_meeting_makes_its_material_void(county, waiting):
    meeting_id = convened(county, waiting)
    office = county.actor("establishment")
    entry = MeetingEntry.objects.first()
    given = {"actor": office, "meeting_id": meeting_id, "now": county.now}
    with pytest.raises(WrongState, match="不能登记会议决定"):
        decide(county, meeting_id, dict.fromkeys(NAMES, Decision("approve")))
    made(county, meeting_id)
    assert convening.reasons_write(seen_version=2, reasons={entry.pk: entry.reason}, **given) == 0
    assert CommitteeMeeting.objects.get().state == "prepared"
    assert convening.reasons_write(seen_version=2, reasons={entry.pk: "《渔业法》第五十条。"}, **given) == 1
    assert CommitteeMeeting.objects.get().state == "preparing" and not MeetingDocument.objects.exists()
    with pytest.raises(RulesNotMet):
        convening.reasons_write(seen_version=3, reasons={entry.pk: " "}, **given)
    with pytest.raises(Conflict):
        convening.material_make(seen_version=2, **given)
    convening.meeting_revise(
        seen_version=3, number="县编委〔2026〕第6次会议", title="第6次会议", held_on=date(2026, 11, 12), place="二楼",
        submission_ids=[waiting], **given,
    )  # fmt: skip
    # What was written stays with the topic that stays.
    assert MeetingEntry.objects.get(pk=entry.pk).reason == "《渔业法》第五十条。"
    for wrong, field in (
        ({"number": ""}, "number"),
        ({"place": " "}, "place"),
        ({"submission_ids": []}, "submission_ids"),
    ):
        with pytest.raises(InvalidInput) as refused:
            convened(county, **({"number": "第7次", "submission_ids": [waiting]} | wrong))
        assert refused.value.place.field == field
    # Nobody outside the office sees a meeting: it holds drafts of others.
    for login in ("drafter", "forestry", "justice", "government"):
        with pytest.raises(NotFound):
            selectors.find(meeting_id=meeting_id, actor=county.actor(login))
        assert selectors.meetings(actor=county.actor(login)) == []
    with pytest.raises(NotPermitted):
        convened(county, waiting, login="drafter")
