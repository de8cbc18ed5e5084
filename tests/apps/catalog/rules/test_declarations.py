"""每条规则自带的正反例都真的运行一遍；声明与资料包、参考页相符。"""

from __future__ import annotations

import pytest

from quanze.apps.catalog.rules import REGISTRY, check_list
from quanze.apps.catalog.rules.base import FIELD_LABELS, AnyRule
from quanze.apps.catalog.rules.reference import rule_reference_pages
from quanze.apps.catalog.services.packs import shipped_packs

PACKS = shipped_packs()
RULES = list(REGISTRY)
IDS = [rule.code for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_bad_example_is_found(rule: AnyRule) -> None:
    found = check_list(rule.bad.subject, PACKS).of(rule.code)
    assert found, f"{rule.code} 的反例没有被查出"
    assert {finding.severity for finding in found} == {rule.severity}
    assert all(finding.message and finding.suggestion and finding.content_hash for finding in found)
    keys = {item.key for item in rule.bad.subject.items} | {""}
    assert {finding.key for finding in found} <= keys


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_good_example_is_clean(rule: AnyRule) -> None:
    assert check_list(rule.good.subject, PACKS).of(rule.code) == ()


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_every_finding_points_to_a_declared_or_known_field(rule: AnyRule) -> None:
    assert set(rule.fields) <= FIELD_LABELS.keys()
    for finding in check_list(rule.bad.subject, PACKS).of(rule.code):
        assert finding.field in FIELD_LABELS


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_reference_page_names_every_field_in_chinese(rule: AnyRule) -> None:
    page = rule_reference_pages(PACKS)[f"{rule.code}.md"]
    named = next(line for line in page.splitlines() if "涉及：" in line).partition("涉及：")[2].split("、")
    assert len(named) == len(rule.fields)
    assert [word for word in named if word.isascii()] == []


def test_the_rules_the_issue_asks_for_are_there() -> None:
    asked = [
        "S001",
        "S002",
        "S003",
        "S004",
        "S005",
        "S007",
        "S008",
        "S009",
        "S010",
        "N102",
        "N103",
        "N104",
        "N105",
        "C201",
        "C203",
        "C205",
        "B307",
        "R401",
        "R402",
        "R403",
        "O501",
        "O502",
        "O503",
        "X801",
        "X802",
        "X803",
    ]
    assert set(asked) <= set(REGISTRY.codes())


def test_class_names_are_defects_and_unique() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
