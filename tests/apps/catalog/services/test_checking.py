"""检查存着的清单、界限取当日参数、JSON 形式、参考页。"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from quanze.apps.catalog.rules import REGISTRY
from quanze.apps.catalog.services.checking import check_body
from quanze.apps.catalog.services.reference import rule_reference_pages, write_rule_reference
from quanze.base.parameters import public as parameters
from quanze.core.actor import EVERYTHING, Scope
from quanze.core.errors import InvalidInput, NotFound


def checked(county, body="青禾县农业农村局", **given):
    return check_body(body=body, scope=given.pop("scope", EVERYTHING), on=county.today, **given)


@pytest.mark.django_db
class TestStoredLists:
    """存着的清单。"""

    def test_a_body_is_found_by_name_or_code_and_its_drafts_are_checked(self, county):
        county.draft(county.content(duty_text="", duties=()))
        by_name, by_code = checked(county), checked(county, "QH-NY")
        assert by_name.as_dict() == by_code.as_dict()
        assert [f.code for f in by_name.findings if f.severity == "error"] == ["R401"]

    def test_another_template_may_be_tried_without_changing_the_list(self, county):
        county.draft(county.content(power_code="", accountability_basis_text=""))
        assert not checked(county).has_errors
        strict = checked(county, template="full-2024")
        assert {(f.code, f.field) for f in strict.findings if f.severity == "error"} == {
            ("R402", "accountability_basis_text"),
            ("S001", "power_code"),
        }
        assert checked(county).template == "published-2024"
        with pytest.raises(InvalidInput):
            checked(county, template="nix")

    def test_an_unknown_body_a_body_without_list_and_a_foreign_list_are_not_found(self, county):
        county.draft()
        with pytest.raises(NotFound, match="没有名为“乌有局”"):
            checked(county, "乌有局")
        with pytest.raises(NotFound, match="还没有清单"):
            checked(county, "青禾县林业局")
        with pytest.raises(NotFound):
            checked(county, scope=Scope(frozenset({county.bodies["QH-HX"]})))

    def test_a_division_that_the_body_does_not_have_is_found(self, county):
        county.draft(county.content(lead_division="早已撤销科"))
        assert "O501" in checked(county).by_code()

    def test_thresholds_come_from_the_parameters_of_the_day(self, county):
        kinds = [county.content(f"渔业事项{n}备案", power_type="other") for n in "一二三四五"]
        county.draft(*kinds, *(county.content(f"对第{n}种行为的处罚") for n in "一二三四五"))
        assert "C203" in checked(county).by_code()
        parameters.parameter_set(
            actor=county.actor("sysadmin"),
            code="lint_other_share_percent",
            valid_from=county.today,
            value="60",
            source="县编办通知",
            now=county.now,
        )
        assert "C203" not in checked(county).by_code()

    def test_the_json_form_carries_places_titles_and_counts(self, county):
        county.draft(county.content(duty_text="", duties=()))
        data = json.loads(json.dumps(checked(county).as_dict(), ensure_ascii=False))
        assert data["counts"]["error"] == 1
        error = next(f for f in data["findings"] if f["severity"] == "error")
        assert (error["code"], error["title"], error["name"]) == ("R401", "没有责任事项", "对使用电鱼方法捕捞的处罚")
        assert error["place"].startswith("事项 ")
        assert data["items"] == 1


def test_every_rule_has_a_page_with_its_examples_and_levels(tmp_path):
    pages = rule_reference_pages()
    assert set(pages) == {"index.md", *(f"{code}.md" for code in REGISTRY.codes())}
    page = pages["R402.md"]
    assert "# R402 没有追责情形或追责依据" in page
    assert "> 没有写追责情形" in page
    assert "| 已公布清单（2024） | 追责依据 | 警告 |" in page
    assert "[R402](R402.md)" in pages["index.md"]
    written = write_rule_reference(tmp_path / "rules")
    assert {path.name for path in written} == set(pages)
    assert (tmp_path / "rules" / "R402.md").read_text(encoding="utf-8") == page
    assert rule_reference_pages() == pages


def test_shipped_thresholds_and_parameter_definitions_are_one_source():
    from quanze.apps.catalog.domain.packs import THRESHOLD_CODES
    from quanze.apps.catalog.services.packs import shipped_packs

    shipped = shipped_packs().thresholds
    for code in THRESHOLD_CODES:
        latest = parameters.definition(code).shipped[-1].value
        assert Decimal(str(latest)) == getattr(shipped, code.removeprefix("lint_"))
