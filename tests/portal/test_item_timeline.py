"""事项的全过程：各能力所知合成一页，截至某日、按某日所知都能看；清单、事项、机构的页面也能问某一天。"""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quanze.apps.adjustment import public as adjustment
from quanze.apps.adjustment.models import ItemLineage
from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DisclosureTask, ErrorReport, PowerItem
from quanze.core.actor import EVERYTHING

pytestmark = pytest.mark.django_db
PENALTY, PERMIT = "对使用电鱼方法捕捞的处罚", "水产苗种生产许可证核发"
MARCH = date(2027, 3, 1)


@pytest.fixture
def lived(county, derived):
    """处罚：公布、纠错并答复、渠道公开、指南、申请不公开被否、动态调整、三月改了一版、并入许可。"""
    county.publish()
    item = PowerItem.objects.get(versions__name=PENALTY)
    number = catalog.report_receive(item_code=item.code, text="电话打不通。", now=county.later(days=1))
    catalog.report_answer(
        actor=county.actor("publisher"),
        report_id=ErrorReport.objects.get(number=number).pk,
        answer="已更正。",
        now=county.later(days=3),
    )
    task = DisclosureTask.objects.get(channel="column")
    catalog.disclosure_report(
        actor=county.actor("publisher"),
        task_id=task.pk,
        seen_version=1,
        done_on=county.today,
        url="https://nyj.example.invalid/qd",
        now=county.later(days=4),
    )
    guide = catalog.guide_start(
        actor=county.actor("drafter"),
        item_id=item.pk,
        content=catalog.GuideContent(
            steps=(catalog.GuideStep("立案"),), hours="工作日", place="渔政科", phone="0000-1234567"
        ),
        now=county.later(days=5),
    )
    catalog.guide_publish(actor=county.actor("publisher"), guide_id=guide, seen_version=1, now=county.later(days=5))
    mark = catalog.nondisclosure_propose(
        actor=county.actor("drafter"),
        item_id=item.pk,
        ground="internal",
        legal_basis="《中华人民共和国政府信息公开条例》第十六条",
        reason="属于内部事务，不对外行使。",
        now=county.later(days=6),
    )
    catalog.nondisclosure_decide(
        actor=county.actor("head"),
        nondisclosure_id=mark,
        seen_version=1,
        verb="refuse",
        note="对外行使，应当公开",
        now=county.later(days=7),
    )
    derived.revise(PENALTY, valid_from=MARCH, now=county.later(days=60), hotline="0000-7654321")
    other = PowerItem.objects.get(versions__name=PERMIT)
    ItemLineage.objects.create(old_item_id=item.pk, new_item_id=other.pk, kind="merge", valid_from=county.today)
    return county, item


def labels(events):
    return [one.label for one in events]


def test_every_thing_that_happened_to_an_item_is_told_once_newest_first(lived):
    _, item = lived
    events = catalog.item_events(item_id=item.pk, scope=EVERYTHING)
    told = catalog.events_seen(events)
    assert [one.label.split("：")[0] for one in told] == [
        # the statutory site shows the edition from its day on, by itself
        "变更",
        "在政府网站公开",
        "不公开申请",
        "申请不公开",
        "公布简明指南第 1 版",
        "在部门网站专栏公开",
        f"答复公众纠错 {ErrorReport.objects.get().number}",
        f"收到公众纠错 {ErrorReport.objects.get().number}",
        *told_on_the_day(told),
    ]
    lineage = adjustment.item_events(item_id=item.pk, scope=EVERYTHING, on=timezone.localdate())
    assert [(one.label, one.note) for one in lineage] == [("合并", f"{PENALTY} → {PERMIT}")]


def told_on_the_day(told):
    """公布当天同一刻的几件，次序不论。"""
    found = [one.label.split("：")[0] for one in told[8:]]
    assert sorted(found) == sorted(["建立事项", "送审（新增）", "送审件已公布", "新增", "在政府网站公开"])
    return found


def test_as_of_a_day_and_as_known_on_a_day_are_two_questions(lived):
    county, item = lived
    events = catalog.item_events(item_id=item.pk, scope=EVERYTHING)
    # the revision was published in January and holds from March
    changed = [one for one in events if one.label.startswith("变更")]
    assert [(one.on, one.at) for one in changed] == [(MARCH, county.later(days=60))]
    assert changed[0] not in catalog.events_seen(events, on=MARCH - timedelta(days=1))
    assert changed[0] in catalog.events_seen(events, known_at=county.later(days=61))
    assert changed[0] not in catalog.events_seen(events, known_at=county.later(days=59))
    assert labels(catalog.events_seen(events, kind="guide")) == ["公布简明指南第 1 版"]


def test_the_page_filters_exports_and_is_not_there_for_a_foreign_body(lived, client_of):
    _, item = lived
    address = reverse("item_timeline", args=[item.pk])
    client = client_of("drafter")
    page = client.get(address).content.decode()
    assert "公布简明指南第 1 版" in page and "收到公众纠错" in page and f"{PENALTY} → {PERMIT}" in page
    assert "对外行使，应当公开" in page
    only = client.get(address, {"kind": "report"}).content.decode()
    assert "收到公众纠错" in only and "公布简明指南第 1 版" not in only
    early = client.get(address, {"known": "2026-11-03"}).content.decode()
    assert "收到公众纠错" in early and "答复公众纠错" not in early
    assert "应写作 2026-11-22" in client.get(address, {"on": "昨天"}).content.decode()
    assert client.get(address, {"export": "xlsx"}).status_code == 200
    assert address in client.get(reverse("catalog:item", args=[item.pk])).content.decode()
    assert client_of("forestry").get(address).status_code == 404
    assert client.get(reverse("item_timeline", args=[10**29])).status_code == 404


def test_the_queries_do_not_grow_with_what_happened(lived, client_of, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    county, item = lived
    client, address = client_of("drafter"), reverse("item_timeline", args=[item.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as before:
        client.get(address)
    for days in range(8, 14):
        catalog.report_receive(item_code=item.code, text="还是打不通。", now=county.later(days=days))
    with django_assert_num_queries(len(before)):
        client.get(address)


@pytest.mark.req("H-54")
def test_the_pages_of_list_and_item_answer_for_a_day_and_for_what_was_known(lived, client_of):
    county, item = lived
    client = client_of("drafter")
    in_force = reverse("catalog:list_in_force", args=[county.power_list()])
    later = client.get(in_force, {"on": MARCH.isoformat()}).content.decode()
    assert "所示为 2027年3月1日有效的事项" in later and PENALTY in later
    assert 'name="chosen"' not in later  # another day is looked at, not worked on
    assert PENALTY not in client.get(in_force, {"on": "2026-11-01"}).content.decode().split("<tbody")[-1]
    page = reverse("catalog:item", args=[item.pk])
    on_march = client.get(page, {"on": MARCH.isoformat()}).content.decode()
    assert "2027年3月1日有效的第 2 版" in on_march and "0000-7654321" in on_march
    as_known = client.get(page, {"on": MARCH.isoformat(), "known": "2026-12-01"}).content.decode()
    assert "2027年3月1日有效的第 1 版，只算到 2026年12月1日为止已公布的" in as_known
    assert "那一天没有有效的版本" in client.get(page, {"on": "2020-01-01"}).content.decode()


def test_the_page_of_a_body_shows_who_was_in_office_on_a_day(county, client_of):
    address = reverse("staff:body", args=[county.bodies["QH-NY"]])
    client = client_of("sysadmin")
    assert "陈耕" in client.get(address).content.decode()
    before = client.get(address, {"on": "2019-12-31"}).content.decode()
    assert "所示为 2019年12月31日在任的人" in before and "陈耕" not in before
    assert "<td>渔政科</td>" not in before
