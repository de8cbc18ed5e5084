"""S4 由真实的浏览器走一遍：编办看各县各镇相差、逐项对照，看一项的三级；范本换版，三个镇合并，处理冲突。"""

from __future__ import annotations

import os

import pytest

from quanze.apps.catalog.models import ItemVersion, PowerItem

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TOWNS = ("QH-HX", "QH-XH", "QH-LA")


def shot(page, name: str) -> None:
    if os.environ.get("QUANZE_SHOTS"):
        page.screenshot(path=f"{os.environ['QUANZE_SHOTS']}/{name}.png", full_page=True)


def fits(page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.req("H-18", "H-19", "H-30", "J-02")
def test_an_office_compares_towns_and_a_new_base_is_merged_in_three_of_them(towns, page_of, live_server) -> None:
    # given a base of twelve items, three towns that claimed it, one with two items of its own, one with two reworded
    base_id = towns.base_made(12)
    towns.issue(base_id, *TOWNS)
    lists = {body: towns.list_of(body) for body in TOWNS}
    for body in TOWNS:
        towns.claim(body)
    own = {"is_local_addition": True, "addition_reason": "本镇有渡口"}
    towns.add(lists["QH-XH"], [towns.content(f"对渡口管理第{n}种行为的处罚", **own) for n in (1, 2)])
    named = towns.items_named(lists["QH-LA"])
    reworded = sorted(name for name in named if "乡镇管理规定" in name)[:2]
    towns.rewrite(lists["QH-LA"], {named[name]: {"name": name.replace("违反", "不遵守")} for name in reworded})
    for body in TOWNS:
        towns.publish(lists[body])

    # when the office opens the comparison from the menu and goes down to one county and one item
    office = page_of("establishment", 1440)
    office.goto(f"{live_server.url}/lists/compare/")
    office.locator("table").last.get_by_role("link", name="青禾县").first.click()
    office.wait_for_url("**/compare/county/**")
    assert office.get_by_text("列出 4 行（共 14 行）").is_visible()
    towns_table = office.locator("table").first
    assert "本级补充 2" in towns_table.inner_text() and "名称不同 2" in towns_table.inner_text()
    shot(office, "compare-county")
    assert fits(office)
    office.locator(".c-matrix tbody th a").first.click()
    office.wait_for_url("**/compare/item/**")
    assert office.get_by_role("heading", name="镇（街道）").is_visible()
    shot(office, "compare-item")

    # and the base changes one name that the third town had reworded too, and one remedy
    items = list(PowerItem.objects.filter(power_list_id=base_id).order_by("ordinal"))
    first = next(item for item in items if item.versions.get().name == reworded[0])
    other = next(item for item in items if item.versions.get().name not in reworded)
    towns.rewrite(
        base_id,
        {first.pk: {"name": reworded[0] + "（含委托实施）"}, other.pk: {"remedy": "申请行政复议或者提起行政诉讼"}},
    )
    towns.publish(base_id)

    # then each town finds the merge on its desk; without a conflict one press is enough
    for login in ("town_drafter", "other_town"):
        page = page_of(login, 1440)
        page.goto(live_server.url)
        page.get_by_role("link", name="目录范本第 2 版").first.click()
        page.get_by_role("button", name="合并成草稿").click()
        _confirm(page)
        page.get_by_text("项写成草稿，请核对后送审").first.wait_for()
    # and with one the town must choose first
    willow = page_of("willow", 390)
    willow.goto(live_server.url)
    willow.get_by_role("link", name="目录范本第 2 版").first.click()
    assert willow.get_by_text("1 处冲突").first.is_visible()
    shot(willow, "merge-conflict-phone")
    assert fits(willow)
    assert willow.get_by_role("button", name="合并成草稿").is_disabled()
    willow.get_by_text("取范本新版", exact=True).first.click()
    willow.get_by_role("button", name="记下选择").click()
    willow.get_by_text("已选 1 / 1 处").wait_for()
    willow.get_by_role("button", name="合并成草稿").click()
    _confirm(willow)
    willow.get_by_text("项写成草稿，请核对后送审").first.wait_for()
    drafts = ItemVersion.objects.filter(state="draft", item__power_list_id__in=lists.values())
    assert {row.item.power_list_id for row in drafts.select_related("item")} == set(lists.values())
    assert drafts.filter(name__endswith="（含委托实施）").count() == 3


def _confirm(page) -> None:
    page.locator("dialog#confirm[open] [data-answer=yes]").click()
