"""在表格里改，由真实的浏览器走一遍：粘贴一块、键盘移动、出错在格上、保存、撤回。"""

from __future__ import annotations

import os

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A block as a spreadsheet copies it: two rows of three cells, one of them with a line end in quotes.
BLOCK = '渔政科\t20\t"10"\r\n"渔政\n科"\t30\t15\r\n'
PASTE = """([cell, text]) => { const data = new DataTransfer(); data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })); }"""


def shot(page, name: str) -> None:
    if os.environ.get("QUANZE_SHOTS"):
        page.screenshot(path=f"{os.environ['QUANZE_SHOTS']}/{name}.png")


def test_a_list_is_edited_as_a_table(county, page_of, live_server) -> None:
    from quanze.apps.catalog.models import ItemVersion

    # given three drafts
    names = ["对使用电鱼方法捕捞的处罚", "对使用毒鱼方法捕捞的处罚", "对在禁渔期内捕捞的处罚"]
    county.draft(*(county.content(name) for name in names))
    ids = list(ItemVersion.objects.order_by("item__ordinal").values_list("item_id", flat=True))
    page = page_of("drafter", 1440, allow=("422",))
    page.goto(f"{live_server.url}/lists/{county.power_list()}/table/")
    cell = lambda row, field: page.locator(f"[name=cell-{ids[row]}-{field}]")  # noqa: E731
    seen = []
    page.on("request", lambda sent: seen.append(sent.post_data or "") if sent.url.endswith("/table/save/") else None)

    # when a block is pasted and the keys move on
    page.evaluate(PASTE, [cell(0, "lead_division").element_handle(), BLOCK])
    assert (cell(0, "legal_limit_days").input_value(), cell(1, "promised_limit_days").input_value()) == ("20", "15")
    assert cell(1, "lead_division").input_value() == "渔政 科"
    assert "改了" in page.locator("[data-sheet-count]").inner_text()
    cell(0, "hotline").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == f"cell-{ids[1]}-hotline"
    page.keyboard.press("Alt+ArrowLeft")
    assert page.evaluate("document.activeElement.name") == f"cell-{ids[1]}-promised_limit_days"

    # and a promise is longer than the law: told at the cell, what was typed is still there
    cell(1, "promised_limit_days").fill("31")
    shot(page, "table-changed")
    page.keyboard.press("Control+s")
    page.locator(".c-sheet-wrong").first.wait_for()
    assert "承诺时限 31 日长于法定时限 30 日" in page.locator(".c-sheet-wrong").inner_text()
    assert cell(0, "legal_limit_days").input_value() == "20"
    assert all(f"cell-{ids[2]}" not in one and "-name" not in one for one in seen)  # only what changed was sent
    shot(page, "table-wrong")

    # when it is mended
    cell(1, "promised_limit_days").fill("15")
    page.get_by_role("button", name="保存改动").click()
    page.get_by_text("撤回上一次保存").wait_for()
    limits = ItemVersion.objects.order_by("item__ordinal").values_list("legal_limit_days", "promised_limit_days")
    assert list(limits) == [(20, 10), (30, 15), (None, None)]
    shot(page, "table-saved")

    # then the save can be taken back
    page.get_by_role("button", name="撤回上一次保存").click()
    page.get_by_text("已撤回上一次保存").first.wait_for()
    assert set(ItemVersion.objects.values_list("legal_limit_days", flat=True)) == {None}
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    phone = page_of("drafter", 390)
    phone.goto(f"{live_server.url}/lists/{county.power_list()}/table/?columns=s3")
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shot(phone, "table-phone")
