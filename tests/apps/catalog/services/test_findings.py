"""检查发现：存下、豁免、失效、一键修正。"""

from __future__ import annotations

from dataclasses import replace

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import FindingWaiver, ItemVersion, PowerList, StoredFinding
from quanze.apps.catalog.selectors import findings as selectors
from quanze.apps.catalog.selectors.contents import content_of
from quanze.apps.catalog.selectors.findings import CheckState, check_state
from quanze.apps.catalog.services.findings import MAX_ROUNDS, findings_recheck, findings_refresh, require_no_blocking
from quanze.base.audit import public as audit
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound, NotPermitted, RulesNotMet

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def refresh(county):
    return findings_refresh(power_list=PowerList.objects.get(pk=county.power_list()), now=county.now)


def stored(county, *codes):
    rows = selectors.findings(list_id=county.power_list(), scope=EVERYTHING)
    return [(row.code, row.item_name, row.field) for row in rows if not codes or row.code in codes]


def waive(county, login, code, version_id, reason="县编委会议纪要〔2026〕5号同意保留"):
    return catalog.waiver_grant(
        actor=county.actor(login),
        list_id=county.power_list(),
        code=code,
        item_id=ItemVersion.objects.get(pk=version_id).item_id,
        reason=reason,
        now=county.now,
    )


def facts():
    return [row.action for row in audit.facts(scope=EVERYTHING).rows]


def test_findings_are_replaced_not_piled_up(county):
    county.draft(county.content(duty_text="", duties=()))
    refresh(county)
    first = stored(county, "R401")
    refresh(county)
    assert first == stored(county, "R401") == [("R401", "对使用电鱼方法捕捞的处罚", "duty_text")]


def test_a_list_finding_belongs_to_no_version(county):
    names = [f"对第{n}种破坏渔业资源行为的处罚" for n in ("一", "二", "三")]
    county.draft(*(county.content(name) for name in names))
    refresh(county)
    assert ("S001", "整份清单", "power_code") in stored(county)


@pytest.mark.req("H-34")
def test_errors_block_only_the_versions_they_stand_in(county):
    faulty, sound = county.draft(county.content(duty_text="", duties=()), county.permit())
    report = refresh(county)
    require_no_blocking(report, version_ids=[sound])
    with pytest.raises(RulesNotMet) as caught:
        require_no_blocking(report, version_ids=[faulty, sound])
    assert [(d.code, d.place.field) for d in caught.value.defects] == [("R401", "duty_text")]
    assert report.count_for(faulty) >= 1


def test_only_the_establishment_office_waives_an_error_and_only_with_a_reason(county):
    (version_id,) = county.draft(county.content(duty_text="", duties=()))
    with pytest.raises(NotPermitted):
        waive(county, "drafter", "R401", version_id)
    with pytest.raises(RulesNotMet):
        waive(county, "establishment", "R401", version_id, reason="  ")
    assert not FindingWaiver.objects.exists()
    assert "catalog.finding.waived" not in facts()

    waive(county, "establishment", "R401", version_id)
    assert stored(county, "R401") == []
    require_no_blocking(refresh(county), version_ids=[version_id])
    assert facts().count("catalog.finding.waived") == 1


def test_a_warning_is_explained_by_the_body_itself_but_not_by_another_body(county):
    (version_id,) = county.draft(county.content("对占道捕捞的监督管理"))
    with pytest.raises(NotFound):
        waive(county, "other_town", "N102", version_id)
    waive(county, "drafter", "N102", version_id, reason="省目录即用此名")
    assert stored(county, "N102") == []


def test_what_is_not_found_cannot_be_waived(county):
    (version_id,) = county.draft(county.content())
    with pytest.raises(RulesNotMet) as caught:
        waive(county, "establishment", "R401", version_id)
    assert caught.value.code == "finding_gone"


def test_a_waiver_ends_when_the_content_changes(county):
    (version_id,) = county.draft(county.content(duty_text="", duties=()))
    waive(county, "establishment", "R401", version_id)
    version = ItemVersion.objects.get(pk=version_id)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=version.lock_version,
        content=replace(content_of(version), remark="改了备注"),
        now=county.now,
    )
    report = refresh(county)
    assert stored(county, "R401") != []
    (judged,) = [one for one in report.judged if one.finding.code == "R401"]
    assert judged.waiver is None
    assert judged.lapsed.reason == "县编委会议纪要〔2026〕5号同意保留"


class TestOneClickFix:
    """一键修正。"""

    def untidy(self, county):
        return county.draft(
            county.content("对使用电鱼\n方法捕捞(含辅助)的处罚。", lead_division="渔政科（渔港监督科)"),
            county.permit(duty_text="1.受理责任：依法受理。。\n2.审查决定送达监管责任：依法办理。"),
        )

    def fix(self, county, login="drafter", **given):
        return catalog.fix_apply(actor=county.actor(login), list_id=county.power_list(), now=county.now, **given)

    def test_it_cleans_what_a_machine_may_clean_and_says_how_much(self, county):
        first, second = self.untidy(county)
        result = self.fix(county)
        assert (result.items, result.cells) == (2, 3)
        fixed = content_of(ItemVersion.objects.get(pk=first))
        assert fixed.name == "对使用电鱼方法捕捞（含辅助）的处罚"
        assert fixed.lead_division == "渔政科（渔港监督科）"
        assert content_of(ItemVersion.objects.get(pk=second)).duty_text.startswith("1.受理责任：依法受理。\n2.")
        assert stored(county, "S009", "N105") == []
        assert facts().count("catalog.findings.fixed") == 1

    def test_it_keeps_to_the_chosen_rules_and_items(self, county):
        first, second = self.untidy(county)
        assert self.fix(county, codes=["N105"]).cells == 1
        assert content_of(ItemVersion.objects.get(pk=first)).name.endswith("的处罚")
        item_id = ItemVersion.objects.get(pk=second).item_id
        assert self.fix(county, item_ids=[item_id]).items == 1
        assert [row[2] for row in stored(county, "S009")] == ["lead_division", "name"]

    def test_a_second_click_finds_nothing_and_records_nothing(self, county):
        self.untidy(county)
        self.fix(county)
        before = facts()
        again = self.fix(county)
        assert (again.items, again.cells) == (0, 0)
        assert facts() == before

    def test_frozen_versions_are_left_alone(self, county):
        self.untidy(county)
        county.submit()
        before = list(ItemVersion.objects.order_by("id").values_list("content_hash", flat=True))
        assert self.fix(county).items == 0
        assert list(ItemVersion.objects.order_by("id").values_list("content_hash", flat=True)) == before

    def test_only_drafters_of_the_body_fix(self, county):
        self.untidy(county)
        with pytest.raises(NotPermitted):
            self.fix(county, login="legal")
        with pytest.raises(NotFound):
            self.fix(county, login="other_town")
        assert "catalog.findings.fixed" not in facts()

    def test_the_stored_preview_holds_texts_only(self, county):
        self.untidy(county)
        refresh(county)
        previews = [row.fix for row in StoredFinding.objects.exclude(fix=None)]
        assert previews
        assert all(isinstance(value, str) for preview in previews for value in preview.values())
        assert MAX_ROUNDS >= 2


def test_a_change_after_the_check_makes_its_findings_stale(county):
    county.draft()
    list_id = county.power_list()
    assert check_state(list_id=list_id, scope=EVERYTHING) == CheckState(None, True)
    findings_recheck(actor=county.actor("drafter"), list_id=list_id, now=county.now)
    assert check_state(list_id=list_id, scope=EVERYTHING) == CheckState(county.now, False)
    version = ItemVersion.objects.first()
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version.pk,
        seen_version=version.lock_version,
        content=county.content("改了名的处罚"),
        now=county.later(hours=1),
    )
    assert check_state(list_id=list_id, scope=EVERYTHING).is_stale
