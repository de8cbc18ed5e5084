"""在表格里改：只写改了的格，出错落到格上，他人改动不盖掉，撤回上一次保存。"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from quanze.apps.catalog.models import ItemVersion, PowerItem
from quanze.base.audit.models import FactRecord


def _versions():
    return {row.item_id: row for row in ItemVersion.objects.exclude(state="discarded").order_by("id")}


def _edit(row, **values):
    """一行送来的字段：所见版本与改了的格。"""
    return {
        f"seen-{row.item_id}": f"{row.pk}.{row.lock_version}",
        **{f"cell-{row.item_id}-{field}": value for field, value in values.items()},
    }


@pytest.fixture
def url(county):
    return lambda name="table": reverse(f"catalog:{name}", args=[county.power_list()])


class TestSaving:
    def test_only_the_cells_sent_are_written_and_the_record_has_one_entry(self, county, client_of, url):
        # given two drafts
        county.draft(county.content("对电鱼的处罚"), county.content("对毒鱼的处罚"))
        first, second = _versions().values()
        before = FactRecord.objects.count()

        # when one cell of each is changed
        answer = client_of("drafter").post(
            url("table_save"), _edit(first, hotline="0000-1111111") | _edit(second, legal_limit_days="15")
        )

        # then
        assert answer.status_code == 303
        one, two = _versions().values()
        assert (one.hotline, one.legal_limit_days, one.lock_version) == ("0000-1111111", None, 2)
        assert (two.hotline, two.legal_limit_days) == (second.hotline, 15)
        assert [b.law for b in one.bases.all()] == ["青禾县渔业管理办法"]
        assert FactRecord.objects.count() == before + 1
        assert FactRecord.objects.latest("id").action == "catalog.items.edited"

    def test_what_is_in_force_gets_a_draft_and_stays_in_force(self, county, client_of, url):
        county.publish()
        row = next(iter(_versions().values()))

        client_of("drafter").post(url("table_save"), _edit(row, hotline="0000-1111111"))

        states = list(row.item.versions.order_by("id").values_list("state", "hotline"))
        assert states == [("published", row.hotline), ("draft", "0000-1111111")]

    def test_a_wrong_cell_is_told_at_the_cell_and_nothing_is_written(self, county, client_of, text_of, url):
        # given
        county.draft(county.content("对电鱼的处罚"), county.content("对毒鱼的处罚"))
        first, second = _versions().values()

        # when: one row is right, in the other a number is a word and the name is empty
        answer = client_of("drafter").post(
            url("table_save"), _edit(first, hotline="0000-1") | _edit(second, legal_limit_days="十五", name="")
        )

        # then
        page = text_of(answer)
        assert answer.status_code == 422
        assert "2 格不能保存" in page and page.count('class="q-field-error"') == 2
        assert 'value="十五"' in page and 'value="0000-1"' in page
        assert [row.lock_version for row in _versions().values()] == [1, 1]

    def test_a_promise_longer_than_the_law_is_told_at_the_cell(self, county, client_of, text_of, url):
        county.draft(county.content(legal_limit_days=10))
        row = next(iter(_versions().values()))

        answer = client_of("drafter").post(url("table_save"), _edit(row, promised_limit_days="12"))

        assert answer.status_code == 422
        assert "承诺时限 12 日长于法定时限 10 日" in text_of(answer)
        assert _versions()[row.item_id].promised_limit_days is None

    def test_what_another_changed_meanwhile_is_shown_and_not_overwritten(self, county, client_of, text_of, url):
        # given: two people opened the table
        county.draft(county.content("对电鱼的处罚"), county.content("对毒鱼的处罚"))
        first, second = _versions().values()
        client_of("drafter2").post(url("table_save"), _edit(first, hotline="0000-2222222"))

        # when the second saves both rows
        mine = client_of("drafter")
        answer = mine.post(url("table_save"), _edit(first, hotline="0000-3") | _edit(second, hotline="0000-3"))

        # then nothing of it was written, both texts stand in the page, and saving that page goes through
        page = text_of(answer)
        assert answer.status_code == 409
        assert "现为：0000-2222222" in page and 'value="0000-3"' in page
        assert _versions()[second.item_id].hotline == second.hotline
        now = _versions()[first.item_id]
        assert f'value="{now.pk}.{now.lock_version}"' in page
        assert mine.post(url("table_save"), _edit(now, hotline="0000-3")).status_code == 303
        assert _versions()[first.item_id].hotline == "0000-3"

    def test_rows_without_what_was_seen_are_refused(self, county, client_of, url):
        county.draft()
        row = next(iter(_versions().values()))

        answer = client_of("drafter").post(url("table_save"), {f"cell-{row.item_id}-hotline": "1"})

        assert answer.status_code == 422
        assert _versions()[row.item_id].lock_version == 1

    def test_an_item_of_another_list_is_not_edited(self, county, client_of, url):
        county.draft(county.content("对毁林的处罚"), by="forestry", body_code="QH-LY")
        foreign = next(iter(_versions().values()))

        answer = client_of("drafter").post(url("table_save"), _edit(foreign, hotline="0000-1"))

        assert answer.status_code == 422
        assert _versions()[foreign.item_id].lock_version == 1

    def test_items_under_review_are_shown_and_not_written(self, county, client_of, text_of, url):
        county.draft()
        county.submit()
        row = next(iter(_versions().values()))
        client = client_of("drafter")

        assert "c-sheet-locked" in text_of(client.get(url()))
        answer = client.post(url("table_save"), _edit(row, hotline="0000-1"))
        assert answer.status_code == 409
        assert _versions()[row.item_id].hotline == row.hotline


class TestUndo:
    def test_the_last_save_is_taken_back_and_its_drafts_are_discarded(self, county, client_of, url):
        # given an item in force and a draft, both edited in one save
        county.publish()
        county.draft(county.content("对毒鱼的处罚"))
        published, draft = next(iter(_versions().values())), ItemVersion.objects.get(name="对毒鱼的处罚")
        client = client_of("drafter")
        client.post(url("table_save"), _edit(published, hotline="0000-1") | _edit(draft, hotline="0000-1"))

        # when
        client.post(url("table_undo"))

        # then
        assert ItemVersion.objects.get(pk=draft.pk).hotline == draft.hotline
        assert list(published.item.versions.order_by("id").values_list("state", flat=True)) == [
            "published",
            "discarded",
        ]
        assert FactRecord.objects.latest("id").action == "catalog.items.edit_undone"

        # and it is taken back once only
        assert client.post(url("table_undo")).status_code == 409

    def test_what_was_changed_since_is_not_taken_back(self, county, client_of, url):
        county.draft()
        row = next(iter(_versions().values()))
        client = client_of("drafter")
        client.post(url("table_save"), _edit(row, hotline="0000-1"))
        client_of("drafter2").post(url("table_save"), _edit(_versions()[row.item_id], hotline="0000-2"))

        assert client.post(url("table_undo")).status_code == 409
        assert _versions()[row.item_id].hotline == "0000-2"


class TestPage:
    def test_the_columns_are_those_chosen(self, county, client_of, text_of, url):
        county.draft()
        item = PowerItem.objects.first().pk
        client = client_of("drafter")

        usual, duties = text_of(client.get(url())), text_of(client.get(url() + "?columns=s3"))

        assert f'name="cell-{item}-hotline"' in usual and f'name="cell-{item}-duty_text"' not in usual
        assert f'name="cell-{item}-duty_text"' in duties and f'name="cell-{item}-hotline"' not in duties
        assert f'name="cell-{item}-name"' in duties

    def test_a_page_needs_the_same_number_of_queries_for_any_number_of_rows(self, county, client_of, url):
        client = client_of("drafter")
        county.draft(*(county.content(f"对第{n}种行为的处罚") for n in range(3)))
        client.get(url())
        with CaptureQueriesContext(
            connection,
        ) as few:
            client.get(url())
        county.draft(*(county.content(f"对另{n}种行为的处罚") for n in range(30)))
        with CaptureQueriesContext(connection) as many:
            assert client.get(url()).content.count(b"data-seen") == 33
        assert len(many) == len(few)

    def test_who_does_not_draft_for_the_body_has_no_table(self, county, client_of, url):
        county.draft()
        assert client_of("forestry").get(url()).status_code in (403, 404)
