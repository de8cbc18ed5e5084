"""不公开事项的页面：从事项页申请，负责人在工作台看到并审定，列表可筛可导，外机构什么也看不见。"""

import pytest
from django.urls import reverse

from quanze.apps.catalog.models import NonDisclosure, PowerItem

pytestmark = [pytest.mark.django_db, pytest.mark.req("H-53")]
PENALTY = "对使用电鱼方法捕捞的处罚"
FORM = {
    "ground": "security",
    "legal_basis": "《中华人民共和国政府信息公开条例》第十四条",
    "reason": "公开抽样点位会使检查落空，危及公共安全。",
}


@pytest.fixture
def published(county):
    county.publish()
    return county


@pytest.fixture
def item_id(published):
    return PowerItem.objects.get(versions__name=PENALTY).pk


def test_the_drafter_asks_the_head_decides_and_the_item_page_says_so(item_id, client_of, text_of):
    drafter = client_of("drafter")
    assert reverse("catalog:nondisclosure_new", args=[item_id]) in text_of(
        drafter.get(reverse("catalog:item", args=[item_id]))
    )
    page = text_of(drafter.get(reverse("catalog:nondisclosure_new", args=[item_id])))
    assert "涉密内容不得录入本系统" in page and "第十八条" in page

    answer = drafter.post(reverse("catalog:nondisclosure_propose", args=[item_id]), FORM)
    assert answer.status_code == 303
    page = text_of(drafter.get(answer["Location"]))
    assert "申请不公开" in page and "撤回申请" in page and "同意不公开</button>" not in page

    head = client_of("head")
    assert f"不公开：{PENALTY}" in text_of(head.get("/"))
    assert f"不公开：{PENALTY}" not in text_of(drafter.get("/"))
    page = text_of(head.get(answer["Location"]))
    assert "同意不公开</button>" in page and 'value="approve"' in page
    mark = NonDisclosure.objects.get()
    decided = head.post(reverse("catalog:nondisclosure_decide", args=[mark.pk]), {"verb": "approve", "seen_version": 1})
    assert decided.status_code == 303
    page = text_of(drafter.get(reverse("catalog:item", args=[item_id])))
    assert "依法不公开" in page and reverse("catalog:nondisclosure", args=[mark.pk]) in page
    assert "依法不公开" in text_of(drafter.get("/messages/")) or "同意不公开" in text_of(drafter.get("/messages/"))


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_comes_back(item_id, client_of, text_of):
    answer = client_of("drafter").post(
        reverse("catalog:nondisclosure_propose", args=[item_id]), FORM | {"legal_basis": "有关规定", "reason": "不宜"}
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert "法律依据应写明法规名称与条次" in page and "理由至少写 10 个字" in page and 'value="有关规定"' in page
    assert NonDisclosure.objects.count() == 0


def test_the_list_filters_exports_and_shows_nothing_of_a_foreign_body(item_id, client_of, text_of):
    client_of("drafter").post(reverse("catalog:nondisclosure_propose", args=[item_id]), FORM)
    mark = NonDisclosure.objects.get()
    address = reverse("catalog:nondisclosures")
    office = client_of("establishment")
    assert PENALTY in text_of(office.get(address, {"state": "proposed", "q": "电鱼"}))
    assert PENALTY not in text_of(office.get(address, {"state": "active"}))
    assert office.get(address, {"export": "xlsx"}).status_code == 200
    stranger = client_of("forestry")
    assert PENALTY not in text_of(stranger.get(address))
    for name in ("nondisclosure", "nondisclosure_decide"):
        assert stranger.get(reverse(f"catalog:{name}", args=[mark.pk])).status_code in (302, 404)
    refused = stranger.post(
        reverse("catalog:nondisclosure_decide", args=[mark.pk]), {"verb": "approve", "seen_version": 1}
    )
    assert refused.status_code == 404
    assert stranger.get(reverse("catalog:nondisclosure_new", args=[item_id])).status_code == 404
    assert NonDisclosure.objects.get().state == "proposed"


def test_a_town_without_a_head_is_decided_by_the_office_and_the_count_is_one_query(
    county, client_of, text_of, django_assert_num_queries
):
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.web.waiting import nondisclosures_rows

    county.draft(county.content("对占道经营的处罚"), by="town_drafter", body_code="QH-HX")
    town_item = PowerItem.objects.get(power_list__body_id=county.bodies["QH-HX"])
    catalog.nondisclosure_propose(actor=county.actor("town_drafter"), item_id=town_item.pk, now=county.now, **FORM)
    office = county.actor("establishment")
    with django_assert_num_queries(1):
        assert sum(rows.count() for rows in nondisclosures_rows(office, county.today)) == 1
    assert sum(rows.count() for rows in nondisclosures_rows(county.actor("head"), county.today)) == 0
    assert "不公开：对占道经营的处罚" in text_of(client_of("establishment").get("/"))


def test_the_list_takes_the_same_queries_for_one_mark_and_for_many(county, client_of, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from quanze.apps.catalog import public as catalog

    county.draft(*(county.content(f"对第{n}种违法捕捞的处罚") for n in range(6)))
    ids = list(PowerItem.objects.values_list("pk", flat=True))
    client, address = client_of("establishment"), reverse("catalog:nondisclosures")
    drafter = county.actor("drafter")
    catalog.nondisclosure_propose(actor=drafter, item_id=ids[0], now=county.now, **FORM)
    client.get(address)
    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for item_id in ids[1:]:
        catalog.nondisclosure_propose(actor=drafter, item_id=item_id, now=county.now, **FORM)
    with django_assert_num_queries(len(one)):
        client.get(address)
