"""S4 范本换版：两个镇没有冲突地合并，第三个镇处理四处冲突，自己补充的留着；记录里步步都在。"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.domain.base_merging import Choice, Outcome, merge_units
from quanze.apps.catalog.models import BaseMerge, ItemVersion, PowerItem
from quanze.apps.catalog.selectors import base_merges as selectors
from quanze.apps.catalog.services import base_merging
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM
from quanze.core.errors import Conflict, NotFound, NotPermitted, RulesNotMet

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NAMES = ("对乱倒垃圾的处罚", "对占道经营的处罚", "对毁坏绿地的处罚", "对违法搭建的处罚")


class World:
    """一份范本、两个镇的清单与编办、两个镇的业务口。"""

    def __init__(self, county) -> None:
        self.county = county
        self.base = self._list("QH-BB", catalog.BASE_LIST, "base-2024", "base-list")
        self._publish(self.base, [county.content(name) for name in NAMES], 1, 1)
        self.towns = {}
        for body in ("QH-HX", "QH-XH"):
            list_id = self._list(body, catalog.POWER_LIST, "town-2024", "three-step")
            contents = [
                county.content(row.content.name, template_key=row.item_code)
                for row in catalog.list_contents(list_id=self.base, on=county.today)
            ]
            own = county.content("对本镇特有行为的处罚", is_local_addition=True, addition_reason="本镇有水库")
            self._publish(list_id, [*contents, own], 1, 1)
            self.towns[body] = list_id
        office = county.actor("establishment")
        for list_id in self.towns.values():
            catalog.base_bind(actor=office, list_id=list_id, base_list_id=self.base, now=county.now)

    def _list(self, body: str, list_type: str, template: str, procedure: str) -> int:
        return catalog.list_create(
            actor=SYSTEM,
            body_id=self.county.bodies[body],
            list_type=list_type,
            template=template,
            procedure=procedure,
            now=self.county.now,
        )

    def _publish(self, list_id: int, contents, number: int, edition: int, items=None) -> None:
        """公布一版：审查过程别处看过，这里直接走公布的服务。"""
        from quanze.apps.catalog.domain.publishing import Issue
        from quanze.apps.catalog.models import PowerList, SubmissionItem
        from quanze.apps.catalog.services.publishing import edition_publish
        from quanze.apps.catalog.services.storing import NewVersion, write_versions

        power_list = PowerList.objects.get(pk=list_id)
        if items is None:
            count = power_list.items.count()
            items = [
                PowerItem.objects.create(
                    power_list=power_list,
                    code=f"B{list_id}-{count + n:03d}",
                    created_at=self.county.now,
                    ordinal=count + n,
                )
                for n, _ in enumerate(contents)
            ]
        fresh = [
            NewVersion(item, content) for item, content in zip(items, contents, strict=True) if content is not None
        ]
        versions = {row.item_id: row for row in write_versions(fresh, actor=SYSTEM, now=self.county.now)}
        ItemVersion.objects.filter(pk__in=[row.pk for row in versions.values()]).update(state="frozen")
        current = {
            row.item_id: row
            for row in ItemVersion.objects.filter(
                item_id__in=[one.pk for one in items], state="published", valid_to__isnull=True
            )
        }
        entries = [
            SubmissionItem(
                item=item,
                version=versions.get(item.pk),
                base_version=current.get(item.pk),
                action="cancel" if item.pk not in versions else "change" if item.pk in current else "add",
            )
            for item in items
        ]
        day = self.county.today + timedelta(days=edition - 1)
        edition_publish(
            actor=SYSTEM,
            power_list=power_list,
            entries=entries,
            issue=Issue(f"青编发〔2026〕{edition}号", day, day),
            submission=None,
            now=self.county.now + timedelta(days=edition - 1),
        )

    def base_items(self):
        return list(PowerItem.objects.filter(power_list_id=self.base).order_by("ordinal"))

    def renew(self, changes, edition: int = 2, *, added=(), removed=()) -> None:
        """范本的新版：{次序: 改动的字段}，新增的，移出的。"""
        rows = self.base_items()
        items = [rows[n] for n in changes] + [rows[n] for n in removed]
        contents = [self.county.content(NAMES[n], **fields) for n, fields in changes.items()] + [None] * len(removed)
        fresh = [
            PowerItem.objects.create(
                power_list_id=self.base, code=f"B{self.base}-N{n}", created_at=self.county.now, ordinal=50 + n
            )
            for n, _ in enumerate(added)
        ]
        self._publish(
            self.base, [*contents, *(self.county.content(name) for name in added)], 2, edition, items=[*items, *fresh]
        )

    def rewrite(self, body: str, number: int, **fields) -> None:
        """镇里另有写法：公布成第二版。"""
        row = PowerItem.objects.filter(power_list_id=self.towns[body]).order_by("ordinal")[number]
        version = ItemVersion.objects.get(item=row, state="published", valid_to__isnull=True)
        content = self.county.content(version.name, template_key=version.template_key)
        self._publish(self.towns[body], [replace(content, **fields)], 2, 2, items=[row])

    def merge(self, body: str):
        row = BaseMerge.objects.filter(power_list_id=self.towns[body], state="open").first()
        return selectors.merge_view(merge_id=row.pk, scope=SYSTEM.scope, on=self.county.today + timedelta(days=5))


@pytest.fixture
def world(county) -> World:
    return World(county)


DRAFTERS = {"QH-HX": "town_drafter", "QH-XH": "other_town"}


def apply(world, body):
    view = world.merge(body)
    return base_merging.merge_apply(
        actor=world.county.actor(DRAFTERS[body]),
        merge_id=view.row.id,
        seen_version=view.row.lock_version,
        now=world.county.later(days=5),
    )


def drafts(world, body):
    rows = ItemVersion.objects.filter(item__power_list_id=world.towns[body], state="draft").order_by("item__ordinal")
    return {row.name: row for row in rows}


@pytest.mark.req("H-28", "H-29", "H-30", "J-02")
def test_one_town_merges_without_a_conflict_the_other_settles_four_and_keeps_its_own(world, client_of):
    # given: one town has its own wording in four places
    world.rewrite("QH-XH", 0, target="本镇居民", remedy="向镇政府反映")
    world.rewrite("QH-XH", 1, exercise_level="乡级", level_split="镇里办小额，县里办大额")
    # when: the base gets its second edition
    changed = {"target": "单位和个人", "remedy": "申请行政复议"}
    world.renew({0: changed, 1: {"exercise_level": "县级、乡级", "level_split": "县里备案"}, 2: {"target": "单位"}})
    # then: every bound list has a merge, and they say how it stands
    rows = {one.body_name: one for one in selectors.merges_offered(base_list_id=world.base, scope=SYSTEM.scope)}
    assert {name: (one.changed, one.conflicts) for name, one in rows.items()} == {
        "禾溪镇人民政府": (3, 0),
        "新河镇人民政府": (3, 4),
    }
    assert apply(world, "QH-HX") == 3
    assert drafts(world, "QH-HX")["对乱倒垃圾的处罚"].target == "单位和个人"

    view = world.merge("QH-XH")
    with pytest.raises(RulesNotMet) as caught:
        apply(world, "QH-XH")
    assert len(caught.value.defects) == 4
    assert drafts(world, "QH-XH") == {}
    keys = [(item.base_code, one.unit) for item in view.items for one in item.conflicts]
    given = dict(
        zip(
            keys,
            [Choice("base"), Choice("local", "复议渠道县里统一说明"), Choice("base"), Choice("local", "本镇已放权")],
            strict=True,
        )
    )
    # Two at a sitting, in the browser; the rest by the service.
    client = client_of("other_town")
    page = client.get(reverse("catalog:merge", args=[view.row.id])).content.decode()
    assert "范本旧版" in page and "4 处冲突" in page
    half = {}
    for (code, unit), choice in list(given.items())[:2]:
        half |= {f"side-{code}.{unit}": choice.side, f"reason-{code}.{unit}": choice.reason}
    answer = client.post(reverse("catalog:merge_choose", args=[view.row.id]), half | {"seen_version": 1})
    assert answer.status_code == 303
    assert "还有 2 处没有选" in client.get(answer["Location"]).content.decode()
    base_merging.merge_choose(
        actor=world.county.actor("other_town"),
        merge_id=view.row.id,
        seen_version=2,
        choices=dict(list(given.items())[2:]),
        now=world.county.later(days=5),
    )
    assert apply(world, "QH-XH") == 3
    made = drafts(world, "QH-XH")
    first, second = made["对乱倒垃圾的处罚"], made["对占道经营的处罚"]
    assert (first.target, first.remedy, first.addition_reason) == ("单位和个人", "向镇政府反映", "复议渠道县里统一说明")
    assert (second.exercise_level, second.level_split) == ("县级、乡级", "镇里办小额，县里办大额")
    # Its own addition is untouched, and nothing in force has changed.
    assert "对本镇特有行为的处罚" not in made
    in_force = catalog.public_items(on=world.county.today + timedelta(days=5), list_id=world.towns["QH-XH"])
    assert len(in_force) == 5
    facts = [
        fact.action
        for fact in audit.history_of("catalog.list", world.towns["QH-XH"], scope=SYSTEM.scope)
        if "merge" in fact.action
    ]
    assert sorted(facts) == ["catalog.base.merge_chosen", "catalog.base.merge_chosen", "catalog.base.merged"]


def test_what_the_base_added_is_offered_and_what_it_removed_is_marked(world):
    world.renew({0: {"target": "单位"}}, added=("对新型违法行为的处罚",), removed=(3,))
    view = world.merge("QH-HX")
    assert [(one.change.value, one.name) for one in view.items] == [
        ("changed", "对乱倒垃圾的处罚"),
        ("removed", "对违法搭建的处罚"),
        ("added", "对新型违法行为的处罚"),
    ]
    apply(world, "QH-HX")
    assert list(drafts(world, "QH-HX")) == ["对乱倒垃圾的处罚"]
    from quanze.apps.catalog.models import ItemEnding

    assert [one.reason for one in ItemEnding.objects.all()] == ["目录范本第 2 版已移出此项"]


def test_two_editions_are_merged_at_once_from_what_the_town_last_had(world):
    world.renew({0: {"target": "单位"}}, 2)
    first = world.merge("QH-HX").row
    world.renew({0: {"target": "单位和个人", "remedy": "申请行政复议"}}, 3)
    view = world.merge("QH-HX")
    assert (view.row.from_number, view.row.to_number) == (1, 3)
    assert BaseMerge.objects.get(pk=first.id).state == "superseded"
    apply(world, "QH-HX")
    assert drafts(world, "QH-HX")["对乱倒垃圾的处罚"].target == "单位和个人"


def test_only_the_town_itself_merges_and_a_stale_page_loses(world, client_of):
    world.renew({0: {"target": "单位"}})
    view = world.merge("QH-HX")
    with pytest.raises(NotFound):
        base_merging.merge_apply(
            actor=world.county.actor("other_town"), merge_id=view.row.id, seen_version=1, now=world.county.now
        )
    with pytest.raises(NotPermitted):
        base_merging.merge_apply(
            actor=world.county.actor("establishment"), merge_id=view.row.id, seen_version=1, now=world.county.now
        )
    with pytest.raises(Conflict):
        base_merging.merge_apply(
            actor=world.county.actor("town_drafter"), merge_id=view.row.id, seen_version=9, now=world.county.now
        )
    assert client_of("other_town").get(reverse("catalog:merge", args=[view.row.id])).status_code == 404
    assert "合并到禾溪镇人民政府清单" in client_of("town_drafter").get("/").content.decode()
    base_merging.merge_decline(
        actor=world.county.actor("town_drafter"),
        merge_id=view.row.id,
        seen_version=1,
        reason="本镇另有规定",
        now=world.county.now,
    )
    assert BaseMerge.objects.get(pk=view.row.id).state == "declined"


def test_each_way_in_which_three_texts_may_stand(county):
    old = county.content("甲", target="a", remedy="r", exercise_level="x", legal_limit_days=10, level_split="")
    new = replace(old, target="b", remedy="r2", legal_limit_days=8)
    local = replace(old, target="c", exercise_level="y", legal_limit_days=8)
    found = {one.unit: one.outcome for one in merge_units(old, new, local)}
    assert found["target"] is Outcome.CONFLICT
    assert found["remedy"] is Outcome.TAKEN
    assert found["exercise_level"] is Outcome.KEPT
    assert found["legal_limit_days"] is Outcome.AGREED
    assert found["name"] is Outcome.SAME
