"""简明指南：本机构起草，信息公开人员公布，写不全的不能公布；各版首尾相接，某一天看那一天的；关注度高而缺指南的标出。"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.attention import AttentionSource, standings, window_start
from quanze.apps.catalog.domain.guides import GuideContent, gaps, read_content, tidy
from quanze.apps.catalog.models import PlainGuide, PowerItem
from quanze.apps.catalog.selectors import attention as attention_selectors
from quanze.apps.catalog.services import guiding
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = pytest.mark.django_db
PERMIT, PENALTY = "水产苗种生产许可证核发", "对使用电鱼方法捕捞的处罚"
GUIDE = GuideContent(
    steps=(
        catalog.GuideStep("窗口提交申请", "申请人", "当场"),
        catalog.GuideStep("现场核查", "渔政科", "5 个工作日", "查看水源、亲本与设施。"),
        catalog.GuideStep("领取许可证", "申请人", "10 个工作日内"),
    ),
    materials=(catalog.GuideMaterial("申请书", "原件 1 份"), catalog.GuideMaterial("水质检测报告", "复印件 1 份")),
    hours="工作日 9:00—17:00",
    place="青禾县政务服务中心 12 号窗口",
    phone="0000-1234567",
    note="水质报告六个月内有效。",
)


@pytest.fixture
def published(county):
    county.publish()
    return county


def item_of(name=PERMIT):
    return PowerItem.objects.get(versions__name=name, versions__state="published")


def start(county, content=GUIDE, login="drafter", name=PERMIT):
    return catalog.guide_start(actor=county.actor(login), item_id=item_of(name).pk, content=content, now=county.now)


def seen(guide_id):
    return PlainGuide.objects.get(pk=guide_id).lock_version


def publish(county, guide_id, login="publisher", **given):
    given = {"seen_version": seen(guide_id), "now": county.now} | given
    return catalog.guide_publish(actor=county.actor(login), guide_id=guide_id, **given)


@pytest.mark.req("H-40")
@pytest.mark.postgres
def test_a_guide_is_drafted_by_the_body_published_by_its_publisher_and_read_as_of_a_day(published):
    # given a first guide, published
    assert publish(published, start(published)) == 1
    code = item_of().code
    assert catalog.public_guide(code=code, on=published.today).content == GUIDE
    # when the office moves and a second is published for next Monday
    later = published.today + timedelta(days=7)
    second = guiding.guide_start(actor=published.actor("drafter"), item_id=item_of().pk, now=published.now)
    assert read_content(PlainGuide.objects.get(pk=second).content) == GUIDE  # it starts from the one in force
    moved = replace(GUIDE, place="青禾县政务服务中心 3 号窗口")
    guiding.guide_save(
        actor=published.actor("drafter"), guide_id=second, seen_version=1, content=moved, now=published.now
    )
    assert publish(published, second, valid_from=later) == 2
    # then each day shows its own
    assert catalog.public_guide(code=code, on=later - timedelta(days=1)).number == 1
    assert catalog.public_guide(code=code, on=later).content.place == "青禾县政务服务中心 3 号窗口"
    assert catalog.public_guide(code=code, on=published.today - timedelta(days=1)) is None
    actions = FactRecord.objects.filter(action__startswith="catalog.guide.").order_by("id")
    assert [one.action.rsplit(".", 1)[1] for one in actions] == [
        "started", "published", "started", "saved", "published",
    ]  # fmt: skip


@pytest.mark.req("H-40")
@pytest.mark.parametrize(
    ("changed", "codes"),
    [
        ({"steps": ()}, ["steps_missing"]),
        ({"materials": ()}, ["materials_missing"]),
        ({"hours": "", "place": "", "phone": ""}, ["hours_missing", "place_missing", "phone_missing"]),
        ({"phone": "问窗口"}, ["phone_form"]),
        ({"no_flow_reason": "依法不公开"}, ["flow_and_reason"]),
    ],
)
def test_what_nobody_could_follow_is_not_published(published, changed, codes):
    guide_id, facts = start(published, replace(GUIDE, **changed)), FactRecord.objects.count()
    with pytest.raises(RulesNotMet) as caught:
        publish(published, guide_id)
    assert [one.code for one in caught.value.defects] == codes
    assert catalog.public_guide(code=item_of().code, on=published.today) is None
    assert FactRecord.objects.count() == facts


@pytest.mark.req("H-53")
def test_a_flow_that_may_not_be_published_gives_its_reason_instead():
    content = replace(GUIDE, steps=(), no_flow_reason="依照《反间谍法》第十二条，核查流程不公开。")
    assert gaps(content, is_on_application=True) == []
    # and a penalty asks for no materials
    assert gaps(replace(GUIDE, materials=()), is_on_application=False) == []


def test_who_may_write_and_who_may_publish(published):
    with pytest.raises(NotFound):
        start(published, login="forestry")
    with pytest.raises(NotPermitted):
        start(published, login="establishment")
    guide_id = start(published)
    with pytest.raises(NotPermitted):
        publish(published, guide_id, login="drafter")
    with pytest.raises(NotFound):
        publish(published, guide_id, login="town_legal")
    with pytest.raises(Conflict):
        publish(published, guide_id, seen_version=9)
    with pytest.raises(WrongState) as caught:
        start(published)
    assert caught.value.code == "guide_draft_open"
    assert PlainGuide.objects.count() == 1


def test_days_that_cannot_be_are_refused(published, county):
    guide_id = start(published)
    with pytest.raises(InvalidInput) as caught:
        publish(published, guide_id, valid_from=published.today - timedelta(days=1))
    assert caught.value.code == "guide_in_the_past"
    publish(published, guide_id, valid_from=published.today + timedelta(days=9))
    with pytest.raises(WrongState) as caught:
        publish(published, start(published))
    assert caught.value.code == "guide_later_exists"
    county.draft(county.permit("渔业捕捞许可审批"))
    other = PowerItem.objects.get(versions__name="渔业捕捞许可审批")
    draft = catalog.guide_start(actor=county.actor("drafter"), item_id=other.pk, content=GUIDE, now=county.now)
    with pytest.raises(WrongState) as caught:
        publish(published, draft)
    assert caught.value.code == "item_not_in_force"


def test_stopping_needs_a_reason_and_keeps_the_days_before(published):
    guide_id = start(published)
    publish(published, guide_id)
    given = {"actor": published.actor("publisher"), "guide_id": guide_id, "seen_version": seen(guide_id)}
    with pytest.raises(RulesNotMet):
        guiding.guide_end(**given, reason=" ", now=published.now)
    guiding.guide_end(**given, reason="窗口撤并", now=published.later(days=5))
    code = item_of().code
    assert catalog.public_guide(code=code, on=published.today + timedelta(days=4)).number == 1
    assert catalog.public_guide(code=code, on=published.today + timedelta(days=5)) is None
    given["seen_version"] += 1
    with pytest.raises(WrongState):
        guiding.guide_end(**given, reason="再停一次", now=published.later(days=6))


def test_saving_nothing_new_records_nothing_and_a_discarded_draft_is_gone(published):
    guide_id = start(published)
    facts = FactRecord.objects.count()
    given = {"actor": published.actor("drafter"), "guide_id": guide_id, "seen_version": 1, "now": published.now}
    guiding.guide_save(**given, content=GUIDE)
    assert FactRecord.objects.count() == facts
    with pytest.raises(InvalidInput) as caught:
        guiding.guide_save(**given, content=replace(GUIDE, steps=(catalog.GuideStep("", "渔政科"),)))
    assert (caught.value.place.field, caught.value.place.row) == ("steps", 1)
    with pytest.raises(InvalidInput):
        guiding.guide_save(**given, content=replace(GUIDE, note="长" * 1001))
    guiding.guide_discard(**given)
    assert PlainGuide.objects.get(pk=guide_id).state == "discarded"
    assert start(published) != guide_id


def test_what_cannot_be_seen_is_taken_out_and_empty_rows_too():
    content = tidy(
        GuideContent(
            steps=(catalog.GuideStep(" 交\u200b申请\r\n", "", "", ""), catalog.GuideStep("", " ", "", "")),
            materials=(catalog.GuideMaterial(" ", "", ""),),
            note="一\u202e二\n三",
        )
    )
    assert content == GuideContent(steps=(catalog.GuideStep("交申请"),), note="一二\n三")
    assert read_content(content.stored()) == content


@pytest.mark.req("H-53")
def test_the_guide_of_a_withheld_item_is_withheld_with_it(published):
    publish(published, start(published))
    mark = catalog.nondisclosure_propose(
        actor=published.actor("drafter"),
        item_id=item_of().pk,
        ground="internal",
        legal_basis="《中华人民共和国政府信息公开条例》第十六条",
        reason="属于内部事务，不对外行使。",
        now=published.now,
    )
    assert catalog.public_guide(code=item_of().code, on=published.today) is not None
    catalog.nondisclosure_decide(
        actor=published.actor("head"), nondisclosure_id=mark, seen_version=1, verb="approve", now=published.now
    )
    assert catalog.public_guide(code=item_of().code, on=published.today) is None


class TestAttention:
    @pytest.fixture
    def counted(self, monkeypatch):
        """办件量由登记的来源给出，不从上层引入。"""
        counts = {}
        sources = {
            "reports": AttentionSource("reports", "公众纠错", "件", attention_selectors.reports_counted),
            "cases": AttentionSource("cases", "办件量", "件", lambda bodies, first, last: counts),
        }
        monkeypatch.setattr("quanze.apps.catalog.domain.attention._sources", sources)
        return counts

    def rows(self, county, login="establishment", top=20):
        return attention_selectors.attention(scope=county.actor(login).scope, on=county.today, months=12, top=top)

    @pytest.mark.req("H-39")
    def test_the_first_of_every_source_are_listed_and_a_missing_guide_is_flagged(self, county, counted):
        # given four items: one in the hall, one with a guide, one without, and one nobody asks for
        hall = county.permit("渔业捕捞许可审批", guide_url="https://guide.example/1")
        county.publish(hall, county.permit(), county.content(), county.content("对炸鱼的处罚"))
        publish(county, start(county))
        codes = {name: item_of(name).code for name in ("渔业捕捞许可审批", PERMIT, PENALTY)}
        counted.update({codes["渔业捕捞许可审批"]: 900, codes[PERMIT]: 40})
        for _ in range(3):
            catalog.report_receive(item_code=codes[PENALTY], text="电话打不通。", now=county.now)
        # then
        found = self.rows(county)
        assert [(one.name, dict(one.ranks), one.is_missing, one.is_in_hall) for one in found] == [
            ("渔业捕捞许可审批", {"cases": 1}, False, True),
            (PENALTY, {"reports": 1}, True, False),
            (PERMIT, {"cases": 2}, False, False),
        ]
        assert found[1].counts == {"reports": 3, "cases": 0}
        assert [one.name for one in self.rows(county, top=1)] == ["渔业捕捞许可审批", PENALTY]
        assert self.rows(county, "forestry") == []

    def test_ties_share_their_rank_and_nothing_counts_as_nothing(self):
        found = standings({"a": {"x": 5, "y": 5, "z": 3, "n": 0}, "b": {"z": 1}}, top=2)
        assert [(one.code, dict(one.ranks)) for one in found] == [("x", {"a": 1}), ("y", {"a": 1}), ("z", {"b": 1})]
        assert standings({"a": {"n": 0}}, top=5) == []

    def test_the_window_counts_whole_months_with_the_present_one(self):
        assert window_start(date(2026, 11, 2), 12) == date(2025, 12, 1)
        assert window_start(date(2026, 11, 2), 1) == date(2026, 11, 1)

    @pytest.mark.req("H-39")
    def test_the_queries_do_not_grow_with_the_items(self, county, counted, django_assert_num_queries):
        county.publish(*(county.permit(f"第{n}种苗种生产许可") for n in range(12)))
        codes = list(PowerItem.objects.values_list("code", flat=True))
        scope = county.actor("establishment").scope
        for number in (1, 12):
            counted.clear()
            counted.update(dict.fromkeys(codes[:number], 5))
            with django_assert_num_queries(4):
                found = attention_selectors.attention(scope=scope, on=county.today, months=12, top=20)
            assert len(found) == number

    @pytest.mark.req("J-20")
    def test_an_application_item_without_link_and_guide_is_flagged(self, county):
        linked = county.permit("渔业捕捞许可审批", guide_url="https://guide.example/1")
        county.publish(linked, county.permit(), county.content())
        scope = county.actor("drafter").scope
        assert [one.name for one in attention_selectors.unguided(scope=scope, on=county.today)] == [PERMIT]
        publish(county, start(county))
        assert list(attention_selectors.unguided(scope=scope, on=county.today)) == []

    @pytest.mark.req("H-39")
    def test_the_run_data_are_a_registered_source(self):
        from quanze.apps.catalog.domain.attention import attention_sources

        assert [(one.code, one.unit) for one in attention_sources()] == [("reports", "件"), ("cases", "件")]
