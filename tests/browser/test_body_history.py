"""机构更名在浏览器里走一遍：改名、沿革、某一天的名称。"""

from datetime import date, timedelta

import pytest
from django.utils import timezone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OLD, NEW = "青禾县农业农村局", "青禾县农业农村和水利局"


def test_a_rename_is_entered_and_read_back_for_either_day(county, page_of, live_server):
    page = page_of("sysadmin", 1440)
    address = f"{live_server.url}/staff/bodies/{county.bodies['QH-NY']}/"
    yesterday: date = timezone.localdate() - timedelta(days=1)
    page.goto(address + "edit/")
    page.get_by_label("机构名称").fill(NEW)
    page.get_by_label("自哪天起").fill(yesterday.isoformat())
    page.get_by_label("理由").fill("县委编委〔2026〕5号")
    page.get_by_role("button", name="保存修改").click()
    page.wait_for_url(address)
    assert page.locator("h1").inner_text().startswith(NEW)
    page.get_by_label("日期", exact=True).fill((yesterday - timedelta(days=1)).isoformat())
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**on=*")
    assert page.locator("h1").inner_text().startswith(OLD)
    assert f"现名{NEW}" in page.locator("main").inner_text()
    narrow = page_of("sysadmin", 390)
    narrow.goto(address)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
