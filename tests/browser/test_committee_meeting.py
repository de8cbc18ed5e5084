"""编委会议在真实浏览器里走一遍：列入议题、改理由、生成材料、逐项登记决定；手机宽度上不横向滚动。"""

import pytest
from django.urls import reverse

from quanze.apps.adjustment.models import CommitteeMeeting, MeetingDocument
from quanze.apps.catalog.models import Submission
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("对使用电鱼方法捕捞的处罚", "对使用毒鱼方法捕捞的处罚")


def test_the_secretary_walks_a_meeting(county, page_of, live_server, settings, tmp_path):
    settings.QUANZE_FILES_DIR = tmp_path
    county.draft(*(county.content(name) for name in NAMES))
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="secretary")
    page = page_of("secretary")
    page.goto(live_server.url + reverse("adjustment:meetings"))
    page.get_by_role("link", name="筹备会议").click()
    page.get_by_label("会议号").fill("县编委〔2026〕第4次会议")
    page.get_by_label("会议名称").fill("青禾县编委第4次会议")
    page.get_by_label("地点").fill("三楼")
    page.get_by_role("button", name="列入议题").click()
    page.get_by_text("材料", exact=False).first.wait_for()
    page.get_by_label("理由与依据").first.fill("《渔业法》第五十条。")
    page.get_by_role("button", name="保存理由与依据").click()
    page.get_by_text("已改写 1 项").wait_for()
    page.get_by_role("button", name="生成材料").click()
    page.wait_for_url("**/jobs/**")
    jobs.run_now(Job.objects.latest("pk").pk)
    assert MeetingDocument.objects.count() == 3

    row = CommitteeMeeting.objects.get()
    page.goto(live_server.url + reverse("adjustment:meeting", args=[row.pk]))
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").nth(1).click()
    assert download.value.suggested_filename == "三栏对照表（县编委〔2026〕第4次会议）.pdf"
    page.get_by_role("link", name="登记决定").click()
    page.get_by_label("决议").fill("原则同意")
    page.get_by_label("没有单独选定的各项，均为审定").check()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_label("修改后审定").nth(1).check()
    page.get_by_label(f"{NAMES[1]}的意见").fill("写明科室")
    page.get_by_role("button", name="登记决定").click()
    page.get_by_role("dialog").get_by_role("button", name="登记决定").click()
    page.get_by_text("已登记决定并落到送审件上").wait_for()
    assert Submission.objects.get().state == "returned"
