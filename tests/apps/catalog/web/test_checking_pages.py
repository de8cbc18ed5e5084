"""在页面上检查：按规则查看、一键修正、豁免。"""

import pytest
from django.urls import reverse

from quanze.apps.catalog.models import FindingWaiver, ItemVersion


class TestChecking:
    @pytest.fixture
    def flawed(self, county):
        """名称里有换行与空格、没有追责情形的草稿。"""
        county.draft(
            county.content("对使用电鱼\n方法捕捞的处罚"),
            county.permit(basis_text="《青禾县渔业管理办法》：水产苗种的生产由县级渔业部门审批。", bases=()),
        )
        return county.power_list()

    def test_checked_shown_by_rule_and_cleaned_in_one_go(self, flawed, client_of, text_of):
        # given
        client = client_of("drafter")
        client.post(reverse("catalog:findings_recheck", args=[flawed]))
        page = text_of(client.get(reverse("catalog:list_check", args=[flawed])))
        assert "一键修正" in page

        # when
        answer = client.post(reverse("catalog:fix_apply", args=[flawed]), follow=True)

        # then
        assert "已修正 1 个单元格，涉及 1 项" in text_of(answer)
        assert ItemVersion.objects.order_by("id").first().name == "对使用电鱼方法捕捞的处罚"

    def test_a_warning_is_explained_by_the_drafter_and_an_error_only_by_the_establishment_office(
        self, flawed, client_of
    ):
        from quanze.apps.catalog.models import StoredFinding

        client = client_of("drafter")
        client.post(reverse("catalog:findings_recheck", args=[flawed]))
        error = StoredFinding.objects.filter(severity="error", version__isnull=False).first()
        warning = StoredFinding.objects.filter(severity="warning", version__isnull=False).first()
        url = reverse("catalog:waiver_grant", args=[flawed])

        def ask(who, finding, reason="情况特殊，附件已说明"):
            given = {"code": finding.code, "item_id": finding.version.item_id, "reason": reason}
            return client_of(who).post(url, given)

        if warning is not None:
            assert ask("drafter", warning, "").status_code == 422
            assert ask("drafter", warning).status_code == 303
        if error is not None:
            assert ask("drafter", error).status_code == 403
            assert ask("establishment", error).status_code == 303
        assert error is not None or warning is not None
        assert FindingWaiver.objects.count() == (error is not None) + (warning is not None)
