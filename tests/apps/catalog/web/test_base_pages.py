"""目录范本的页面：编办绑定与解除，业务口认领，清单页说明符合情况。"""

from django.urls import reverse

from quanze.apps.catalog.models import BaseBinding, ItemVersion


class TestBasePages:
    def test_bound_by_the_office_claimed_by_the_town_and_told_on_the_list_page(
        self, county, client_of, base_made, text_of
    ):
        # given
        base_id = base_made()
        list_id = county.power_list("QH-HX", procedure="three-step", template="town-2024")
        office, town = client_of("establishment"), client_of("town_drafter")
        page = reverse("catalog:list_base", args=[list_id])
        assert "没有绑定目录范本" in text_of(town.get(page))

        # when: bound by the establishment office alone
        assert town.post(reverse("catalog:base_bind", args=[list_id]), {"base_list_id": base_id}).status_code == 403
        assert office.post(reverse("catalog:base_bind", args=[list_id]), {"base_list_id": base_id}).status_code == 303

        # then: what is missing is listed and can be claimed
        shown = text_of(town.get(page))
        assert "缺少（3 项）" in shown
        answer = town.post(reverse("catalog:base_claim", args=[list_id]), {"key": ["QH-SW-00001", "QH-SW-00002"]})
        assert answer.status_code == 303
        assert ItemVersion.objects.filter(item__power_list_id=list_id).count() == 2
        line = text_of(town.get(reverse("catalog:list", args=[list_id])))
        assert "青禾县目录范本" in line
        assert "66%（2/3）" in line
        kept = client_of("tax_drafter").get(reverse("catalog:list_base", args=[base_id]))
        assert "禾溪镇人民政府" in text_of(kept)

        # and released with a reason
        url = reverse("catalog:base_unbind", args=[list_id])
        assert office.post(url, {"reason": ""}).status_code == 422
        assert office.post(url, {"reason": "改用市级范本"}).status_code == 303
        assert BaseBinding.objects.get().valid_to is not None

    def test_the_form_of_a_bound_list_offers_the_base_items(self, county, client_of, base_made, text_of, form_of):
        base_id = base_made()
        list_id = county.power_list("QH-HX", procedure="three-step", template="town-2024")
        (version_id,) = county.draft(county.content("对捕捞的处罚"), by="town_drafter", body_code="QH-HX")
        client = client_of("town_drafter")
        url = reverse("catalog:draft", args=[version_id])
        assert "范本事项" not in text_of(client.get(url))
        client_of("establishment").post(reverse("catalog:base_bind", args=[list_id]), {"base_list_id": base_id})
        assert "对盗伐林木的处罚" in text_of(client.get(url))
        typed = form_of(county.content("对盗伐林木的处罚"), template_key="QH-SW-00002", seen_version=1)
        assert client.post(reverse("catalog:draft_save", args=[version_id]), typed).status_code == 303
        assert ItemVersion.objects.get(pk=version_id).template_key == "QH-SW-00002"
