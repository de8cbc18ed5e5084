"""S1、S2 与 S12 的公开一半，由真实的浏览器走一遍：上传、核对、检查、改好、送审、各步办理、退回再改、印发、公开。"""

from __future__ import annotations

import re
from collections.abc import Callable
from threading import Event

import pytest

from quanze.base.sheets.writing import Column, TableSheet, write_table

pytestmark = [pytest.mark.browser, pytest.mark.scenario, pytest.mark.django_db(transaction=True)]

HEADERS = (
    "序号",
    "职权名称",
    "职权类型",
    "行使主体",
    "承办机构",
    "实施依据",
    "责任事项",
    "追责情形",
    "追责依据",
    "职权编码",
)
DUTIES = "立案、调查、审查、告知、决定、送达、执行"
BODY = "青禾县农业农村局"
ROWS = [
    ("1", "对使用电鱼方法捕捞的处罚", "行政处罚", BODY, "渔政科", "《青禾县渔业管理办法》第三十八条", DUTIES, "没有依据处罚的。", "《青禾县渔业管理办法》第四十五条", "990100-CF-001"),
    ("2", "对无证驾驶渔船的处罚", "行政处罚", BODY, "渔政科", "《青禾县渔船管理办法》第十二条", DUTIES, "徇私舞弊的。", "《青禾县渔船管理办法》第九条", "990100-CF-002"),
    ("3", "对擅自占用渔港水域的处罚", "行政处罚", BODY, "渔政科", "《青禾县渔港管理办法》第七条", DUTIES, "", "《青禾县渔港管理办法》第十二条", "990100-CF-003"),
]  # fmt: skip


def workbook() -> bytes:
    return write_table(TableSheet(name="3项", title=f"{BODY}权责清单", columns=[Column(h) for h in HEADERS], rows=ROWS))


def press(page, name: str) -> None:
    """按一个按钮；若问一声，就答应。"""
    page.get_by_role("button", name=name, exact=True).first.click()
    dialog = page.locator("dialog#confirm[open]")
    page.wait_for_timeout(150)
    if dialog.count():
        dialog.locator("[data-answer=yes]").click()
    page.wait_for_load_state("networkidle")


@pytest.fixture
def work() -> Callable[[], int]:
    """后台任务：做完排着的。"""
    from quanze.base.jobs import public as jobs

    return lambda: jobs.run_worker(Event(), once=True)


def test_from_a_workbook_to_the_public_site(county, page_of, open_page, live_server, work) -> None:
    from quanze.base.audit.models import FactRecord

    list_id = county.power_list()
    base = live_server.url

    # S1 上传、预览、导入
    page = page_of("drafter", 1440, allow=("422",))
    page.goto(f"{base}/lists/{list_id}/imports/")
    page.set_input_files(
        "input[type=file]",
        {"name": "农业农村局权责清单.xlsx", "mimeType": "application/octet-stream", "buffer": workbook()},
    )
    press(page, "上传并预览")
    work()
    page.get_by_role("button", name="导入为草稿").wait_for()
    assert page.locator("#new tbody tr").count() == 3
    assert re.search(r"3项", page.locator("#sheets tbody tr").first.inner_text())
    press(page, "导入为草稿")

    # 检查；送审被挡住，点开那一项改好
    page.goto(f"{base}/lists/{list_id}/check/")
    press(page, "重新检查")
    assert page.locator("tr", has_text="R402").filter(has_text="没有写追责情形").count() == 1
    page.goto(f"{base}/lists/{list_id}/submit/")
    assert page.get_by_text("必须先改的（1 处）").is_visible()
    # 有错误的默认不勾；硬要一并送审，就被挡住。
    assert page.locator("input[name=chosen]:checked").count() == 2
    for box in page.locator("input[name=chosen]").all():
        box.check()
    press(page, "提交送审")
    assert FactRecord.objects.filter(action="catalog.submission.submitted").count() == 0

    page.goto(f"{base}/lists/{list_id}/")
    page.get_by_role("link", name="对擅自占用渔港水域的处罚").first.click()
    page.locator("main").get_by_role("link", name=re.compile("修改")).first.click()
    page.locator("[name=accountability_text]").fill("对擅自占用渔港水域不查处的。")
    press(page, "保存草稿")
    page.goto(f"{base}/lists/{list_id}/submit/")
    press(page, "提交送审")
    page.get_by_text("部门法制审查").first.wait_for()
    submission_url = page.url
    assert "/lists/submissions/" in submission_url

    # S2 法制、分管、主要领导各自从待办进入
    for login, verb in (("legal", "审查通过"), ("deputy", "同意"), ("head", "同意")):
        desk = page_of(login, 1440)
        desk.goto(base)
        desk.locator("main").get_by_role("link", name=re.compile("农业农村局权责清单")).first.click()
        press(desk, verb)

    # 司法局退回一项
    justice = page_of("justice", 1440)
    justice.goto(submission_url)
    entry = justice.locator("[data-review-item]", has_text="对无证驾驶渔船的处罚")
    entry.locator("[data-review-return]").check()
    entry.locator("textarea").fill("与海事职责重叠，请写明分工。")
    press(justice, "退回修改")
    justice.get_by_text("已退回").first.wait_for()

    # 业务口改好，重新送审；司法局只看这一项
    page.goto(submission_url)
    assert page.get_by_text("与海事职责重叠，请写明分工。").first.is_visible()
    item = page.locator("tr", has_text="对无证驾驶渔船的处罚").first
    item.get_by_role("button").first.click()
    page.wait_for_load_state("networkidle")
    page.locator("[name=remark]").fill("海事部门负责通航安全，本机关负责渔业作业。")
    press(page, "保存草稿")
    page.goto(submission_url)
    page.locator("textarea[name=note]").first.fill("已写明分工。")
    press(page, "重新送审")
    justice.goto(submission_url)
    assert justice.locator("[data-review-item]").count() == 1
    press(justice, "审查通过")

    # 编办、编委会议、印发
    office = page_of("establishment", 1440)
    office.goto(submission_url)
    press(office, "审核同意")
    secretary = page_of("secretary", 1440)
    secretary.goto(submission_url)
    secretary.get_by_label("会议号").fill("县编委〔2026〕第3次会议")
    secretary.get_by_label("决议").fill("审定通过")
    press(secretary, "审定")
    publisher = page_of("publisher", 1440)
    publisher.goto(submission_url)
    today = publisher.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})")
    publisher.get_by_label("文号").fill(f"青农发〔{today[:4]}〕12号")
    for label in ("印发日期", "施行日期"):
        field = publisher.locator(f"[name*={'issued_on' if label == '印发日期' else 'valid_from'}]").first
        publisher.evaluate(
            "([node, day]) => { node.removeAttribute('readonly'); if (node._flatpickr) node._flatpickr.setDate(day, true); else node.value = day; }",
            [field.element_handle(), today],
        )
    press(publisher, "印发公布")
    publisher.get_by_text("已印发公布").first.wait_for()

    # S12 不登录的人搜得到、看得到
    outside = open_page(390)
    outside.goto(f"{base}/public/")
    outside.goto(f"{base}/public/search/?q=电鱼")
    outside.get_by_role("link", name=re.compile("对使用电鱼方法捕捞的处罚")).first.click()
    outside.get_by_text("由谁负责").wait_for()
    assert outside.get_by_text(BODY).first.is_visible()
    assert outside.context.cookies() == []
    assert outside.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    # 记录：每一步都在，别无其他
    kept = (
        FactRecord.objects.filter(subject_kind="catalog.submission").order_by("id").values_list("action", "actor_name")
    )
    assert [f"{name} {action}" for action, name in kept] == [
        "陈耕 workflow.case.opened",
        "陈耕 catalog.submission.submitted",
        "方衡 workflow.step.passed",
        "孙既 workflow.step.passed",
        "郑重 workflow.step.passed",
        "秦正 workflow.step.returned",
        "秦正 catalog.submission.returned",
        "陈耕 workflow.case.resubmitted",
        "陈耕 catalog.submission.resubmitted",
        "秦正 workflow.step.passed",
        "编小安 workflow.step.passed",
        "纪要 workflow.step.passed",
        "何明 workflow.step.passed",
    ]
    assert FactRecord.objects.filter(action="catalog.edition.published").count() == 1
