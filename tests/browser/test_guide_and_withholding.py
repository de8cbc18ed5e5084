"""简明指南与不公开，由真实的浏览器走一遍：加一步、公布、群众看到；申请、审定，公开站点不再有，恢复又有（S12）。"""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PERMIT = "水产苗种生产许可证核发"


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.fixture
def item(county):
    from quanze.apps.catalog.models import PowerItem

    county.publish()
    return PowerItem.objects.get(versions__name=PERMIT)


@pytest.mark.req("H-40")
def test_a_guide_is_written_published_and_read_by_a_citizen(item, page_of, open_page, live_server) -> None:
    # given a drafter who writes two steps, the second in a row added by hand
    drafter = page_of("drafter", 1366)
    drafter.goto(f"{live_server.url}/lists/items/{item.pk}/guide/")
    drafter.get_by_role("button", name="起草指南").click()
    drafter.locator("[name=step_title]").first.fill("窗口提交申请")
    drafter.get_by_role("button", name="加一步").click()
    drafter.locator("[name=step_title]").nth(1).fill("领取许可证")
    drafter.locator("[name=material_name]").first.fill("申请书")
    for name, text in (("hours", "工作日"), ("place", "12 号窗口"), ("phone", "0000-1234567")):
        drafter.fill(f"[name={name}]", text)
    drafter.get_by_role("button", name="保存草稿").click()
    drafter.get_by_text("内容已齐，可以公布").wait_for()
    # when the publisher publishes it
    publisher = page_of("publisher", 1366)
    publisher.goto(f"{live_server.url}/lists/items/{item.pk}/guide/")
    publisher.get_by_role("button", name="打开草稿").first.click()
    publisher.get_by_role("button", name="公布指南").click()
    publisher.get_by_text("现行指南（第 1 版）").wait_for()
    # then a citizen on a telephone finds it from the plain fields, without a script
    citizen = open_page(390)
    citizen.goto(f"{live_server.url}/public/items/{item.code}/")
    citizen.get_by_role("link", name="见下面的简明指南").click()
    assert citizen.locator("#guide .p-flow li").count() == 2
    assert "12 号窗口" in citizen.locator("#guide").inner_text()
    assert fits(citizen)
    citizen.get_by_role("link", name="打印指南").click()
    assert citizen.locator("table").count() == 2


@pytest.mark.req("H-53")
def test_an_item_is_withheld_and_made_public_again(item, page_of, open_page, live_server) -> None:
    citizen = open_page(1366, allow=("404",))
    public = f"{live_server.url}/public/items/{item.code}/"
    drafter = page_of("drafter", 1366)
    drafter.goto(f"{live_server.url}/lists/items/{item.pk}/nondisclosure/new/")
    drafter.select_option("[name=ground]", "security")
    drafter.fill("[name=legal_basis]", "《中华人民共和国政府信息公开条例》第十四条")
    drafter.fill("[name=reason]", "公开点位会使检查落空，危及公共安全。")
    drafter.get_by_role("button", name="提交审定").click()
    drafter.get_by_text("已申请，待本机构负责人").wait_for()
    assert citizen.goto(public).status == 200
    # when the head agrees from the desk, having been told what it touches
    head = page_of("head", 390)
    head.goto(f"{live_server.url}/")
    head.get_by_role("link", name=f"不公开：{PERMIT}").first.click()
    head.get_by_role("button", name="同意不公开").click()
    assert "只计项数" in head.locator("dialog[open], .modal.show").first.inner_text()
    head.locator("dialog[open], .modal.show").get_by_role("button", name="同意不公开").click()
    head.get_by_text("已同意不公开").wait_for()
    assert fits(head)
    # then it is nowhere, and counted
    assert citizen.goto(public).status == 404
    citizen.goto(f"{live_server.url}/public/bodies/QH-NY/")
    assert "另有 1 项依法不公开" in citizen.locator(".p-state").inner_text()
    # and with a reason it comes back
    publisher = page_of("publisher", 1366)
    publisher.goto(f"{live_server.url}/lists/nondisclosures/?state=active")
    publisher.get_by_role("link", name=PERMIT).click()
    publisher.locator("#note-lift").fill("办法已经公开，可以公开。")
    publisher.get_by_role("button", name="恢复公开").click()
    publisher.locator("dialog[open], .modal.show").get_by_role("button", name="恢复公开").click()
    publisher.get_by_text("已恢复公开，公开站点随即列出").wait_for()
    assert citizen.goto(public).status == 200
