"""动态调整的页面：一览、登记、计划、申请、同步变更、备案，由页面从头走到尾。"""

from datetime import date

import pytest
from django.urls import reverse

from quanze.apps.adjustment.models import Adjustment, AdjustmentItem, DependantChange, Filing
from quanze.apps.catalog.models import PowerItem

pytestmark = pytest.mark.django_db
PENALTY = "对使用电鱼方法捕捞的处罚"


def said(answer) -> str:
    return answer.content.decode()


def test_the_office_enters_a_law_by_its_items_and_the_bureau_finds_it_on_its_desk(ladder, client_of):
    code = PowerItem.objects.get(pk=ladder.items[PENALTY]).code
    client = client_of("establishment")
    given = {
        "kind": "law_change",
        "title": "渔业管理办法修订",
        "legal_on": "2026-11-02",
        "evidence": "第三十八条",
        "codes": code,
    }
    wrong = client.post(reverse("adjustment:trigger_open"), given | {"codes": f"{code}\nNO-SUCH"})
    assert wrong.status_code == 422 and "没有事项 NO-SUCH" in said(wrong)
    assert not Adjustment.objects.exists()

    answer = client.post(reverse("adjustment:trigger_open"), given)

    assert answer.status_code == 303
    assert "渔业管理办法修订" in said(client.get(reverse("adjustment:adjustments")))
    desk = said(client_of("drafter").get("/"))
    assert "渔业管理办法修订：青禾县农业农村局" in desk and "部门申请" in desk
    row = Adjustment.objects.get()
    assert "待调整" in said(client_of("drafter").get(reverse("adjustment:item_fragment", args=[ladder.items[PENALTY]])))
    assert client_of("forestry").get(reverse("adjustment:adjustment", args=[row.pk])).status_code == 404
    assert (
        client_of("forestry").get(reverse("adjustment:item_fragment", args=[ladder.items[PENALTY]])).status_code == 404
    )


@pytest.mark.req("H-41", "H-45")
def test_each_kind_asks_for_its_own_fields_and_what_is_missing_is_said_at_the_item(ladder, opened, client_of):
    number = opened(PENALTY)
    client = client_of("drafter")
    entry = AdjustmentItem.objects.get()
    page = said(client.get(reverse("adjustment:adjustment", args=[number])))
    assert "取消后的事中事后监管" in page and "培训与指导安排" in page

    address = reverse("adjustment:item_plan", args=[number, entry.pk])
    missing = client.post(
        address,
        {
            "seen_version": 1,
            "plan_id": entry.pk,
            "kind": "devolve",
            "devolve-to_body": "禾溪镇",
            "devolve-from_date": "下月",
        },
    )
    assert missing.status_code == 422
    for words in ("下放依据没有填写", "承接日期应写作 2026-11-22", "培训与指导安排没有填写"):
        assert words in said(missing)
    assert 'value="禾溪镇"' in said(missing) or "禾溪镇</textarea>" in said(missing)

    done = client.post(address, {"seen_version": 1, "plan_id": entry.pk, "kind": "change", "change-what": "条款顺延"})
    assert done.status_code == 303
    stale = client.post(address, {"seen_version": 1, "plan_id": entry.pk, "kind": "change", "change-what": "又改"})
    assert stale.status_code == 409
    refused = client.post(reverse("adjustment:adjustment_apply", args=[number]), {"seen_version": 2})
    assert refused.status_code == 422
    for words in ("还没有起草修改后的内容", "责任事项是否随之修改，没有写明", "追责情形是否随之修改，没有写明"):
        assert words in said(refused)


def test_a_town_settles_its_entry_on_its_own_page(ladder, opened, client_of):
    from quanze.apps.adjustment.models import Adjustment

    number = opened(PENALTY)
    entry = AdjustmentItem.objects.get()
    change = DependantChange.objects.create(
        adjustment_id=number,
        source=entry,
        kind="item",
        entry_id=ladder.town_items["QH-HX"],
        list_label="权责清单",
        body_id=ladder.county.bodies["QH-HX"],
        body_name="禾溪镇人民政府",
        name=PENALTY,
        duty="update",
        say="上级事项已变更",
        opened_at=ladder.county.now,
    )
    town = client_of("town_drafter")
    assert "同步处理" in said(town.get("/"))
    assert PENALTY in said(town.get(reverse("adjustment:dependants")))
    address = reverse("adjustment:dependant_settle", args=[change.pk])
    refused = town.post(address, {"seen_version": 1, "verb": "confirm"})
    assert refused.status_code == 422 and "必须写明理由" in said(refused)
    assert (
        client_of("other_town").post(address, {"seen_version": 1, "verb": "confirm", "reason": "x"}).status_code == 404
    )
    assert town.post(address, {"seen_version": 1, "verb": "confirm", "reason": "本镇没有水域"}).status_code == 303
    assert DependantChange.objects.get().state == "unaffected"
    assert Adjustment.objects.get().state == "pending"


@pytest.mark.req("H-43")
def test_a_filing_has_no_button_to_approve(ladder, client_of):
    client = client_of("forestry")
    code = PowerItem.objects.get(pk=ladder.items[PENALTY]).code
    answer = client.post(
        reverse("adjustment:filing_make"),
        {"catalogue": "行政许可事项清单", "published_on": "2026-10-30", "text": "两项并为一项", "codes": code},
    )
    assert answer.status_code == 303
    filing = Filing.objects.get()
    office = client_of("establishment")
    page = said(office.get(reverse("adjustment:filing", args=[filing.pk])))
    assert "予以备案" in page and "要求补正" in page
    for word in ("批准", "同意", "审核通过"):
        assert word not in page.split("<main", 1)[-1]
    office.post(reverse("adjustment:filing_accept", args=[filing.pk]), {"seen_version": 1, "is_adjusting": "on"})
    filing.refresh_from_db()
    assert (filing.state, filing.trigger.legal_on) == ("accepted", date(2026, 10, 30))


def test_the_list_takes_the_same_queries_for_one_and_for_thirty(
    ladder, opened, client_of, django_assert_max_num_queries
):
    client = client_of("establishment")
    for _ in range(30):
        opened(PENALTY)
    client.get(reverse("adjustment:adjustments"))
    with django_assert_max_num_queries(30):
        page = said(client.get(reverse("adjustment:adjustments")))
    assert page.count("渔业管理办法修订") >= 30
