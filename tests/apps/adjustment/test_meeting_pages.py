"""审定会议的页面：筹备、写理由、生成材料（后台任务）、下载、逐项登记决定；外人看来没有。"""

import pytest
from django.urls import reverse

from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument, MeetingEntry
from quanze.apps.catalog.models import Submission
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job

pytestmark = pytest.mark.django_db
NAMES = ("对使用电鱼方法捕捞的处罚", "对使用毒鱼方法捕捞的处罚")


def said(answer):
    return answer.content.decode()


@pytest.fixture
def waiting(county, settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path
    county.draft(*(county.content(name) for name in NAMES))
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="secretary")
    return submission_id


def given(submission_id, **more):
    return {
        "number": "县编委〔2026〕第4次会议",
        "title": "青禾县编委2026年第4次会议",
        "held_on": "2026-11-10",
        "place": "三楼会议室",
        "submission_ids": [submission_id],
        **more,
    }


def test_a_meeting_is_walked_from_its_topics_to_its_decisions(county, waiting, client_of):
    office, secretary = client_of("establishment"), client_of("secretary")
    assert "农业农村局权责清单" in said(office.get(reverse("adjustment:meetings")))
    assert "青禾县农业农村局，2 项" in said(office.get(reverse("adjustment:meeting_new")))
    wrong = office.post(reverse("adjustment:meeting_convene"), given(waiting, place=""))
    assert wrong.status_code == 422 and not CommitteeMeeting.objects.exists()
    foreign = office.post(reverse("adjustment:meeting_convene"), given(987_654))
    assert foreign.status_code == 422 and "不在等待会议" in said(foreign)
    assert office.post(reverse("adjustment:meeting_convene"), given(waiting)).status_code == 303
    row = CommitteeMeeting.objects.get()
    address = reverse("adjustment:meeting", args=[row.pk])
    page = said(office.get(address))
    assert NAMES[0] in page and "（新增，无原内容）" in page and "生成材料" in page and "登记决定" not in page

    entries = {entry.name: entry.pk for entry in MeetingEntry.objects.all()}
    reasons = {f"reason-{pk}": "《渔业法》第五十条。" for pk in entries.values()}
    empty = office.post(
        reverse("adjustment:reasons_write", args=[row.pk]),
        reasons | {"seen_version": 1, f"reason-{entries[NAMES[1]]}": ""},
    )
    assert empty.status_code == 422 and "理由与依据没有填写" in said(empty) and "《渔业法》第五十条。" in said(empty)
    assert (
        office.post(reverse("adjustment:reasons_write", args=[row.pk]), reasons | {"seen_version": 1}).status_code
        == 303
    )
    stale = office.post(reverse("adjustment:material_make", args=[row.pk]), {"seen_version": 1})
    assert stale.status_code == 409
    assert office.post(reverse("adjustment:material_make", args=[row.pk]), {"seen_version": 2}).status_code == 303
    jobs.run_now(Job.objects.latest("pk").pk)
    assert MeetingDocument.objects.count() == 3
    document = MeetingDocument.objects.first()
    for extension, start in (("docx", b"PK"), ("pdf", b"%PDF-")):
        file = office.get(reverse("adjustment:meeting_document", args=[document.pk, extension]))
        assert file.status_code == 200 and b"".join(file)[: len(start)] == start
    assert office.get(reverse("adjustment:meeting_document", args=[document.pk, "exe"])).status_code == 404
    for login in ("drafter", "forestry"):
        client = client_of(login)
        for name, arguments in (
            ("meeting", [row.pk]),
            ("meeting_edit", [row.pk]),
            ("meeting_decisions", [row.pk]),
            ("meeting_document", [document.pk, "pdf"]),
        ):
            assert client.get(reverse(f"adjustment:{name}", args=arguments)).status_code in (403, 404)

    # The office prepares, the secretary enters the decisions.
    assert "登记决定</a>" not in said(office.get(address)) and "登记决定</a>" in said(secretary.get(address))
    decide = reverse("adjustment:meeting_decide", args=[row.pk])
    first, second = entries[NAMES[0]], entries[NAMES[1]]
    chosen = {
        "seen_version": 3,
        "resolution": "原则同意",
        f"decision-{first}": "amend",
        f"remark-{first}": "",
        f"remark-{second}": "",
        "rest_approved": "on",
    }
    silent = secretary.post(decide, chosen)
    assert silent.status_code == 422 and f"“{NAMES[0]}”没有写明怎样修改" in said(silent)
    assert 'value="amend" checked' in said(silent)
    assert Submission.objects.get().state == "in_review"
    done = secretary.post(decide, chosen | {f"remark-{first}": "写明科室"})
    assert done.status_code == 303
    assert Submission.objects.get().state == "returned"
    page = said(secretary.get(address))
    assert "修改后审定" in page and "会议意见：写明科室" in page and "结果：退回修改后再审" in page
    assert secretary.post(decide, chosen).status_code == 409


def test_what_may_no_longer_be_changed_is_refused(county, waiting, client_of):
    office = client_of("establishment")
    office.post(reverse("adjustment:meeting_convene"), given(waiting))
    row = CommitteeMeeting.objects.get()
    edited = given(waiting, place="二楼") | {"seen_version": 1}
    assert "三楼会议室" in said(office.get(reverse("adjustment:meeting_edit", args=[row.pk])))
    assert office.post(reverse("adjustment:meeting_revise", args=[row.pk]), edited).status_code == 303
    cancel = reverse("adjustment:meeting_cancel", args=[row.pk])
    assert office.post(cancel, {"seen_version": 2, "reason": ""}).status_code == 422
    assert office.post(cancel, {"seen_version": 2, "reason": "改期"}).status_code == 303
    again = office.post(reverse("adjustment:meeting_revise", args=[row.pk]), edited | {"seen_version": 3})
    assert again.status_code == 409
    assert "改期" in said(office.get(reverse("adjustment:meeting", args=[row.pk])))


def test_the_page_of_a_meeting_asks_a_fixed_number_of_queries(county, waiting, client_of):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    office = client_of("establishment")
    office.post(reverse("adjustment:meeting_convene"), given(waiting))
    row = CommitteeMeeting.objects.get()
    address = reverse("adjustment:meeting", args=[row.pk])
    office.get(address)

    def queries():
        with CaptureQueriesContext(connection) as made:
            office.get(address)
        return len(made)

    alone, topic = queries(), row.topics.get()
    entries = list(topic.entries.all())
    for n in range(20):
        topic.pk, topic.ordinal, topic.submission_id = None, n + 2, 10_000 + n
        topic._state.adding = True
        topic.save()
        for entry in entries:
            entry.pk, entry.topic = None, topic
            entry._state.adding = True
            entry.save()
    assert queries() == alone
    assert alone <= 25
