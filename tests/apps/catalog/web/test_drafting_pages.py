"""在页面上起草：新增、保存、冲突、分解、拟取消。"""

import pytest
from django.urls import reverse

from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import ItemEnding, ItemVersion, PowerItem, PowerList
from quanze.apps.catalog.web.content_form import ContentForm


@pytest.mark.parametrize(("has_fee", "chosen"), [(True, "true"), (False, "false"), (None, "")])
def test_what_the_item_says_about_a_fee_is_what_the_form_has_chosen(has_fee: bool | None, chosen: str) -> None:
    # given an item, when its form is opened and saved as it is, the fee stays what it was
    form = ContentForm.of(ItemContent(name="渔业捕捞许可", has_fee=has_fee))
    assert f'<option value="{chosen}" selected>' in str(form["has_fee"])


class TestDrafting:
    def test_a_new_item_with_its_rows(self, county, client_of, form_of):
        client, content = client_of("drafter"), county.content("对擅自养殖的处罚")

        answer = client.post(reverse("catalog:item_create", args=[county.power_list()]), form_of(content))

        draft = ItemVersion.objects.get()
        assert answer.status_code == 303
        assert draft.name == "对擅自养殖的处罚"
        assert [b.law for b in draft.bases.all()] == ["青禾县渔业管理办法"]
        assert draft.duties.count() == 7

    def test_wrong_input_comes_back_with_everything_typed(self, county, client_of, text_of, form_of):
        answer = client_of("drafter").post(
            reverse("catalog:item_create", args=[county.power_list()]),
            form_of(county.content(""), legal_limit_days="5", promised_limit_days="9", remark="写了很久的备注"),
        )

        assert answer.status_code == 422
        assert "承诺时限不得长于法定时限" in text_of(answer)
        assert "写了很久的备注" in text_of(answer)
        assert "青禾县渔业管理办法" in text_of(answer)
        assert not PowerItem.objects.exists()

    def test_saving_by_itself_answers_the_new_version(self, county, client_of, form_of):
        draft_id = county.draft(county.content())[0]

        answer = client_of("drafter").post(
            reverse("catalog:draft_autosave", args=[draft_id]),
            form_of(county.content(), remark="自动保存", seen_version="1"),
            headers={"Accept": "application/json"},
        )

        assert answer.json()["version"] == 2
        assert ItemVersion.objects.get().remark == "自动保存"

    def test_who_saves_second_sees_what_the_other_changed_and_loses_nothing(self, county, client_of, text_of, form_of):
        # given: two people opened the same draft
        draft_id = county.draft(county.content())[0]
        url = reverse("catalog:draft_save", args=[draft_id])
        client_of("drafter2").post(url, form_of(county.content(), hotline="0000-2222222", seen_version="1"))

        # when
        second = client_of("drafter")
        answer = second.post(url, form_of(county.content(), hotline="0000-3333333", seen_version="1"))

        # then: nothing was overwritten; both texts and both names are on the page
        page = text_of(answer)
        assert answer.status_code == 409
        assert "苗青" in page and "<del>" in page and "<ins>" in page
        assert '<textarea name="hotline" hidden>0000-3333333</textarea>' in " ".join(page.split())
        assert ItemVersion.objects.get().hotline == "0000-2222222"

        # when: decided for one's own
        answer = second.post(url, form_of(county.content(), hotline="0000-3333333", seen_version="2"))

        # then
        assert answer.status_code == 303
        assert ItemVersion.objects.get().hotline == "0000-3333333"

    def test_several_items_are_assigned_to_a_division(self, county, client_of):
        county.draft()
        ids = list(PowerItem.objects.values_list("id", flat=True))

        client_of("drafter").post(
            reverse("catalog:items_assign", args=[county.power_list()]), {"chosen": ids, "lead_division": "种植业科"}
        )

        assert set(ItemVersion.objects.values_list("lead_division", flat=True)) == {"种植业科"}

    def test_an_item_of_another_list_is_not_assigned(self, county, client_of):
        county.draft(county.content("对毁林的处罚", exercising_body="青禾县林业局"), by="forestry", body_code="QH-LY")
        foreign = PowerItem.objects.get().pk

        answer = client_of("drafter").post(
            reverse("catalog:items_assign", args=[county.power_list()]),
            {"chosen": [foreign], "lead_division": "渔政科"},
        )

        assert answer.status_code == 422
        assert ItemVersion.objects.get().lead_division == "渔政科"
        assert ItemVersion.objects.get().lock_version == 1

    def test_ending_is_marked_and_taken_back(self, county, client_of, text_of):
        county.publish()
        client, item = client_of("drafter"), PowerItem.objects.first()

        client.post(
            reverse("catalog:ending_mark", args=[county.power_list()]), {"chosen": [item.pk], "reason": "法律已废止"}
        )
        assert ItemEnding.objects.get().reason == "法律已废止"
        assert "拟取消" in text_of(client.get(reverse("catalog:item", args=[item.pk])))

        client.post(reverse("catalog:ending_clear", args=[item.pk]))
        assert not ItemEnding.objects.exists()


class TestFurtherElements:
    def test_they_are_saved_and_shown_and_those_the_page_did_not_show_are_kept(
        self, county, client_of, text_of, form_of
    ):
        # given a draft with an element the posted page does not show
        draft_id = county.draft(county.content(extra={"legacy_codes": [["旧", "A1"]], "topics": ["data"]}))[0]
        shown = {"extra_shown": "plain_name,topics,supervising_body", "plain_name": "办照", "seen_version": "1"}

        answer = client_of("drafter").post(
            reverse("catalog:draft_save", args=[draft_id]),
            form_of(county.content(), **shown, supervising_body="县市场监督管理局"),
        )

        assert answer.status_code == 303
        draft = ItemVersion.objects.get()
        assert draft.extra == {
            "legacy_codes": [["旧", "A1"]],
            "plain_name": "办照",
            "supervising_body": "县市场监督管理局",
        }
        page = text_of(client_of("drafter").get(reverse("catalog:item", args=[draft.item_id])))
        assert "监管主体" in page
        assert "县市场监督管理局" in page

    def test_a_wrong_one_comes_back_at_its_field(self, county, client_of, text_of, form_of):
        answer = client_of("drafter").post(
            reverse("catalog:item_create", args=[county.power_list()]),
            form_of(county.content(), extra_shown="village_points", village_points="一｜二｜三｜四"),
        )
        assert answer.status_code == 422
        assert "第 1 条多于 3 栏（地点｜时间｜电话）" in text_of(answer)
        assert not PowerItem.objects.exists()

    @pytest.mark.req("J-14")
    def test_two_templates_in_use_show_their_own_elements(self, county, client_of):
        client, list_id = client_of("drafter"), county.power_list()
        url = reverse("catalog:item_new", args=[list_id])
        whole = client.get(url).content.decode()
        PowerList.objects.filter(pk=list_id).update(template="town-2024")
        town = client.get(url).content.decode()

        assert 'name="sampling"' in whole
        assert 'name="sampling"' not in town
        assert 'name="village_points"' in town
        assert "写明各办理点" in town
        assert "写明各办理点" not in whole
