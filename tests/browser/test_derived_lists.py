"""关联清单由真实的浏览器走一遍：派生、送审、公布，上级事项一变即上工作台，同步之后一处不差；一次变动传到四层清单与三个镇。"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from quanze.apps.catalog.models import DerivedEntryVersion, DriftFinding

pytestmark = [pytest.mark.browser, pytest.mark.scenario, pytest.mark.django_db(transaction=True)]
PERMIT = "水产苗种生产许可证核发"
UPPER, LOWER = ("ZWFW", "XK", "HLWJG"), ("ZWSS", "YWBL")
TOWNS = {"QH-HX": "town_drafter", "QH-XH": "other_town", "QH-LA": "willow"}


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


def shot(page, name: str) -> None:
    if os.environ.get("QUANZE_SHOTS"):
        page.screenshot(path=f"{os.environ['QUANZE_SHOTS']}/{name}.png", full_page=True)


@pytest.mark.req("J-35", "J-51", "J-53")
def test_a_proposed_entry_is_published_and_a_changed_item_is_on_the_desk_until_it_is_aligned(
    county, derived, page_of, live_server
) -> None:
    county.publish(county.permit())
    list_id = derived.list_of("ZWFW")
    for role in ("head", "publisher"):
        derived.actor("QH-NY", role)
    today = timezone.localdate().isoformat()

    # The drafter takes what the rules propose, fills in what is the list's own, and sends it up.
    clerk = page_of("drafter", 1440)
    clerk.goto(f"{live_server.url}/lists/derived/{list_id}/propose/")
    press(clerk, "落实所选")
    clerk.get_by_text("列入草稿 1 条").first.wait_for()
    clerk.get_by_role("link", name=PERMIT).first.click()
    clerk.locator("[name=promised_limit_days]").fill("8")
    clerk.locator("[name=materials]").fill("申请表\n场地证明")
    press(clerk, "保存草稿")
    clerk.goto(f"{live_server.url}/lists/derived/{list_id}/")
    shot(clerk, "derived-list")
    assert fits(clerk)
    press(clerk, "提交送审")
    review = clerk.url

    # The head agrees, the publisher issues.
    head = page_of("head", 1440)
    head.goto(review)
    head.locator("button[name=verb][value=pass]").click()
    head.wait_for_load_state("networkidle")
    publisher = page_of(derived.people["QH-NY", "publisher"], 1440)
    publisher.goto(review)
    publisher.locator("#document_number").fill("青农发〔2026〕101号")
    publisher.locator("#issued_on").fill(today)
    publisher.locator("#valid_from").fill(today)
    publisher.locator("button[name=verb][value=pass]").click()
    publisher.wait_for_load_state("networkidle")
    version = DerivedEntryVersion.objects.get(state="published")
    assert version.content == {"promised_limit_days": 8, "materials": ["申请表", "场地证明"]}

    # The item changes above: the drafter finds it on the desk, sees what is off, and brings it into step.
    clerk.goto(live_server.url)
    assert not clerk.get_by_text("政务服务事项清单与权责清单不同步").count()
    derived.revise(PERMIT, valid_from=timezone.localdate(), now=timezone.now(), duty_text="受理责任：改过的责任。")
    clerk.goto(live_server.url)
    clerk.get_by_role("link", name="政务服务事项清单与权责清单不同步").first.click()
    assert "继承的要素已变" in clerk.locator("table").first.inner_text()
    shot(clerk, "derived-drift")
    assert fits(clerk)
    clerk.goto(f"{live_server.url}/lists/derived/{list_id}/propose/")
    press(clerk, "落实所选")
    clerk.get_by_text("同步更新 1 条").first.wait_for()
    clerk.goto(f"{live_server.url}/lists/derived/{list_id}/drift/")
    press(clerk, "现在核对")
    clerk.get_by_text("已核对：全部同步").first.wait_for()
    clerk.goto(live_server.url)
    assert not clerk.get_by_text("政务服务事项清单与权责清单不同步").count()
    assert DerivedEntryVersion.objects.filter(entry=version.entry, state="published").count() == 2


@pytest.mark.req("J-51", "J-52", "J-53", "J-61")
def test_one_change_of_a_law_ripples_through_four_levels_and_three_towns(towns, derived, page_of, live_server) -> None:
    # given a licence in three lists of level 2, one of level 3, one of level 4, and three towns that help with it
    from quanze.apps.catalog import public as catalog

    county = towns.county
    county.bodies.update(towns.bodies)
    county.publish(county.permit())
    lists = {}
    for code in (*UPPER, *LOWER):
        lists[code] = derived.list_of(code)
        actor = derived.actor("QH-NY", "drafter")
        token = catalog.derived_propose(actor=actor, list_id=lists[code], on=county.today).token
        catalog.derived_apply(actor=actor, list_id=lists[code], seen_token=token, now=county.now)
        derived.publish(lists[code])
    item = derived.item(PERMIT)
    for body in TOWNS:
        lists[body] = derived.list_of("PH", body)
        derived.add(
            lists[body],
            ("item", item),
            body=body,
            name="苗种生产巡查",
            relation="lead_assist",
            lead_duty="审批、监管",
            support_duty="巡查、报告",
            town_opinion="agree",
            opinion_on=county.today.isoformat(),
        )
        _publish_town(derived, lists[body], body)
    assert not DriftFinding.objects.exists()

    # when the law changes the licence
    derived.revise(PERMIT, valid_from=timezone.localdate(), now=timezone.now(), basis_text="《渔业管理办法》第二十条。")

    # then the three lists of level 2 and the three towns are out of step at once
    assert DriftFinding.objects.count() == 6
    clerk = page_of("drafter", 1440)
    clerk.goto(live_server.url)
    assert clerk.get_by_text("与权责清单不同步").count() >= 3
    shot(clerk, "ripple-desk")
    # and each tier that is renewed puts the next one on the desk
    for code in (*UPPER, *LOWER):
        clerk.goto(f"{live_server.url}/lists/derived/{lists[code]}/propose/")
        press(clerk, "落实所选")
        clerk.get_by_text("同步更新 1 条").first.wait_for()
    for body, login in TOWNS.items():
        town = page_of(login, 390)
        town.goto(live_server.url)
        town.get_by_role("link", name="配合事项清单与权责清单不同步").first.click()
        town.get_by_role("link", name="苗种生产巡查").first.click()
        shot(town, f"ripple-{body}")
        assert fits(town)
        if body == "QH-LA":  # this one has looked and need not change anything
            town.get_by_text("确认不受影响", exact=True).first.click()
            town.locator("[aria-label=为什么不必改动]").fill("配合职责不变")
            town.locator("form[action$='/confirm/'] button[type=submit]").click()
        else:
            town.get_by_role("button", name="同步更新", exact=True).click()
        town.wait_for_load_state("networkidle")
        town.goto(live_server.url)
        assert not town.get_by_text("配合事项清单与权责清单不同步").count()
    assert not DriftFinding.objects.exists()
    numbers = dict.fromkeys(lists, 2) | {"QH-LA": 1}
    for code, list_id in lists.items():
        open_ones = DerivedEntryVersion.objects.filter(
            entry__derived_list_id=list_id, state="published", valid_to__isnull=True
        )
        assert [one.number for one in open_ones] == [numbers[code]], code
    clerk.goto(f"{live_server.url}/lists/derived/")
    shot(clerk, "ripple-overview")
    assert county.today + timedelta(days=1) <= timezone.localdate()


def _publish_town(derived, list_id: int, body: str) -> None:
    """镇清单的两步：本镇审查、印发。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.org import public as org

    county = derived.county
    submission_id = catalog.derived_submission_submit(
        actor=derived.actor(body, "drafter"), list_id=list_id, now=county.now
    )
    derived.decide(submission_id, body, "legal_section")
    mark = org.bodies_by_ids([county.bodies[body]])[county.bodies[body]].document_mark or "青发"
    issued = county.today.isoformat()
    details = {"document_number": f"{mark}〔{county.today.year}〕9号", "issued_on": issued, "valid_from": issued}
    derived.decide(submission_id, body, "publisher", details=details)
