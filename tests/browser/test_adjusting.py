"""S3 与 S4 由真实的浏览器走一遍：登记事由、定类型、申请、审查、批复公布、同步处理、办结；范本换版、选冲突、合并成草稿。"""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.scenario, pytest.mark.django_db(transaction=True)]
PENALTY = "对使用电鱼方法捕捞的处罚"


def press(page, name: str) -> None:
    """按一个按钮；若问一声，就答应。"""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_timeout(150)
    dialog = page.locator("dialog#confirm[open]")
    if dialog.count():
        dialog.locator("[data-answer=yes]").click()
    page.wait_for_load_state("networkidle")


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def decide(ladder, submission_id: int, login: str, **details: str) -> None:
    """审查与批复在别的故事里由浏览器走过，这里直接办。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.workflow import public as workflow

    actor = ladder.county.actor(login)
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
    catalog.submission_decide(
        actor=actor,
        submission_id=submission_id,
        seen_version=case.lock_version,
        verb="pass",
        details=details,
        now=ladder.county.now,
    )


def test_a_changed_law_from_the_office_to_the_last_town(ladder, page_of, live_server) -> None:
    from quanze.apps.adjustment.models import Adjustment, DependantChange
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import PowerItem

    county = ladder.county
    code = PowerItem.objects.get(pk=ladder.items[PENALTY]).code
    office = page_of("establishment", 1440)
    office.goto(f"{live_server.url}/adjustments/new/")
    office.get_by_label("事由", exact=False).nth(1).fill("渔业管理办法修订")
    office.locator("input[name=legal_on]").fill("2026-11-02")
    office.locator("textarea[name=evidence]").fill("《青禾县渔业管理办法》第三十八条")
    office.locator("textarea[name=codes]").fill(code)
    press(office, "登记并开启调整")
    assert office.get_by_text("涉及 1 项事项").first.is_visible()

    # The bureau, on its desk: a kind with its fields, a draft, a word on duties and accountability.
    bureau = page_of("drafter", 1440, allow=("422",))
    bureau.goto(live_server.url)
    bureau.get_by_role("link", name="渔业管理办法修订：青禾县农业农村局").first.click()
    bureau.wait_for_load_state("networkidle")
    bureau.locator("select[name=kind]").select_option("change")
    # Only the fields of the chosen kind are shown.
    assert bureau.get_by_label("取消后的事中事后监管").is_hidden()
    bureau.locator("textarea[name=change-what]").fill("所引条款顺延")
    press(bureau, "保存调整类型")
    press(bureau, "申请调整，送法制审查")
    assert bureau.get_by_text("还没有起草修改后的内容").first.is_visible()
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=ladder.items[PENALTY], now=county.now)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=county.content(PENALTY, duty_basis_text="《青禾县渔业管理办法》第四十二条"),
        change_note="条款顺延",
        now=county.now,
    )
    bureau.goto(f"{live_server.url}/adjustments/{Adjustment.objects.get().pk}/")
    bureau.locator("textarea[name=duty_review]").fill("不变")
    bureau.locator("textarea[name=accountability_review]").fill("追责依据改引第四十六条")
    press(bureau, "申请调整，送法制审查")
    submission_id = Adjustment.objects.get().submission_id
    assert submission_id is not None
    decide(ladder, submission_id, "justice")
    decide(
        ladder,
        submission_id,
        "establishment",
        approval_number="青编批〔2026〕5号",
        document_number="青农发〔2026〕15号",
        issued_on="2026-11-02",
        valid_from="2026-11-02",
    )

    # Two towns on a telephone, the office at its desk: the adjustment closes with the last of them.
    for login, width in (("town_drafter", 390), ("other_town", 390), ("establishment", 1440)):
        body_id = county.actor(login).body_id
        change = DependantChange.objects.get(body_id=body_id)
        page = page_of(login, width)
        page.goto(f"{live_server.url}/adjustments/dependants/{change.pk}/")
        assert fits(page)
        page.get_by_label("确认不受影响（写明理由）").check()
        page.locator("input[name=reason]").fill("本级文字不引条款")
        press(page, "登记处理")
        assert page.get_by_text("已登记").first.is_visible()
    office.goto(f"{live_server.url}/adjustments/{Adjustment.objects.get().pk}/")
    assert office.get_by_text("已办结").first.is_visible()
    assert office.get_by_text("同步变更（3 条，已处理 3 条）").is_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_of_adjustment_fit(ladder, opened, page_of, live_server, width: int) -> None:
    number = opened(PENALTY)
    page = page_of("establishment", width)
    for path in ("", f"{number}/", "new/", "merge/", "dependants/", "filings/", "years/"):
        page.goto(f"{live_server.url}/adjustments/{path}")
        assert fits(page), path
    assert page.get_by_role("heading", name=re.compile("年度目录")).first.is_visible()
