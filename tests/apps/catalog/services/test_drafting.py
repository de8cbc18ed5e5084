"""起草：改归属（主项、子项），两人同时起草，导入的次序。"""

from __future__ import annotations

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion, PowerItem
from quanze.apps.catalog.services import drafting, importing
from quanze.apps.catalog.services.drafting import Move
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import Conflict, InvalidInput, WrongState

pytestmark = pytest.mark.django_db


def save(county, version_id, *, parent_id, by="drafter"):
    row = ItemVersion.objects.get(pk=version_id)
    return catalog.draft_save(
        actor=county.actor(by),
        version_id=version_id,
        seen_version=row.lock_version,
        content=county.content(row.name, node_kind=row.node_kind),
        move=Move(parent_id),
        now=county.now,
    )


def three_drafts(county):
    """三项草稿：版本编号与事项编号。"""
    versions = county.draft(*(county.content(f"对第{n}种行为的处罚") for n in "一二三"))
    return versions, [ItemVersion.objects.get(pk=pk).item_id for pk in versions]


class TestMoving:
    """主项与子项之间的移动。"""

    def test_a_draft_becomes_a_sub_item_and_an_item_of_its_own_again(self, county):
        versions, items = three_drafts(county)
        save(county, versions[1], parent_id=items[0])
        moved = ItemVersion.objects.get(pk=versions[1])
        assert (moved.item.parent_id, moved.node_kind, moved.lock_version) == (items[0], "sub", 2)
        save(county, versions[1], parent_id=None)
        moved = ItemVersion.objects.get(pk=versions[1])
        assert (moved.item.parent_id, moved.node_kind) == (None, "single")
        facts = [f for f in audit.history_of("catalog.item", items[1], scope=EVERYTHING) if f.action_label == "改归属"]
        code = PowerItem.objects.get(pk=items[0]).code
        assert [(f.before, f.after) for f in facts] == [
            ({"主项": ""}, {"主项": code}),
            ({"主项": code}, {"主项": ""}),
        ]

    def test_there_is_one_level_only(self, county):
        versions, items = three_drafts(county)
        save(county, versions[1], parent_id=items[0])
        for parent_id in (items[1], items[2], 10**9):
            with pytest.raises(InvalidInput, match="不在本清单或本身是子项"):
                save(county, versions[2], parent_id=parent_id)
        with pytest.raises(InvalidInput, match="带有子项的事项"):
            save(county, versions[0], parent_id=items[2])
        assert PowerItem.objects.get(pk=items[0]).parent_id is None

    def test_a_main_item_of_another_list_is_refused(self, county):
        versions, _ = three_drafts(county)
        (foreign,) = county.draft(county.content("对镇里的行为的处罚"), by="town_drafter", body_code="QH-HX")
        with pytest.raises(InvalidInput, match="不在本清单"):
            save(county, versions[0], parent_id=ItemVersion.objects.get(pk=foreign).item_id)

    def test_what_was_published_stays_where_it_is(self, county):
        county.publish()
        first, second = PowerItem.objects.order_by("id")
        version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=second.pk, now=county.now)
        with pytest.raises(WrongState, match="已公布过的事项不能改归属"):
            save(county, version_id, parent_id=first.pk)
        second.refresh_from_db()
        assert second.parent_id is None
        assert ItemVersion.objects.get(pk=version_id).lock_version == 1


def test_two_who_start_the_same_draft_at_once_meet_a_conflict_and_no_server_error(county, monkeypatch):
    county.publish()
    item = PowerItem.objects.order_by("id").first()
    real = drafting.content_of

    def overtaken(base):
        # Between the look and the write somebody else's draft is committed.
        content = real(base)
        drafting.write_versions([drafting.NewVersion(item, content)], actor=county.actor("drafter2"), now=county.now)
        return content

    monkeypatch.setattr(drafting, "content_of", overtaken)
    with pytest.raises(Conflict, match="刚刚被别人起草"):
        catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)


def test_new_rows_of_a_table_stand_where_the_table_has_them(county, workbook):
    county.publish(county.content("对甲行为的处罚"), county.content("对丙行为的处罚"))
    rows = [(f"对{n}行为的处罚", "行政处罚") for n in "甲乙丙丁"]
    actor = county.actor("drafter")
    import_id = catalog.import_upload(
        actor=actor, list_id=county.power_list(), data=workbook(*rows), name="表.xlsx", now=county.now
    )
    view = importing._read(import_id, actor)

    importing.import_apply(actor=actor, import_id=import_id, seen_version=view.lock_version, now=county.now)

    working = catalog.lists(scope=EVERYTHING, on=county.today)[0]
    from quanze.apps.catalog.selectors.item_lists import ItemQuery, item_rows

    names = [row.name for row in item_rows(ItemQuery(working.id, county.today), scope=EVERYTHING)]
    assert names == [f"对{n}行为的处罚" for n in "甲乙丙丁"]
    fresh = catalog.item_create(
        actor=actor, list_id=working.id, content=county.content("对戊行为的处罚"), now=county.now
    )
    codes = list(PowerItem.objects.order_by("ordinal").values_list("code", flat=True))
    assert codes == [f"QH-NY-0000{n}" for n in (1, 3, 2, 4, 5)]
    assert ItemVersion.objects.get(pk=fresh).item.code == "QH-NY-00005"
