"""读取都有范围：每个选择器收行为人或范围并用到它；不收的逐个列出，写明为什么可以不收。

A new selector that asks for neither fails here until somebody has said why. What the pages then make of it is probed from
outside by the address matrix.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APPS = Path(__file__).resolve().parents[2] / "src" / "quanze" / "apps"
BOUND = {"scope", "actor"}

# Reason → module → functions. Names, not patterns: a new function is a new decision.
WITHOUT_SCOPE: dict[str, dict[str, str]] = {
    "公开内容：公布出去的，谁都看得到": {
        "catalog/selectors/disclosure.py": "published edition_view editions edition public_lists public_list public_items "
        "public_item public_versions list_contents published_changes type_counts hotline_of version_periods "
        "public_names",
        "catalog/selectors/recent_editions.py": "recent_editions recent_edition",
        "catalog/selectors/report_status.py": "report_status",
        "catalog/selectors/levels.py": "levels_of",
        "catalog/selectors/limits.py": "item_limits_by_codes",
        "catalog/selectors/town_comparison.py": "counties county_comparison",
        "catalog/selectors/derived_disclosure.py": "public_derived_lists public_derived_list public_entries "
        "withheld_entries",
        "catalog/selectors/withheld.py": "withheld_counts withheld_seal",
        "catalog/selectors/guides.py": "public_guide",
        "catalog/selectors/channel_states.py": "channel_states",
        "catalog/selectors/first_issues.py": "first_issues",
    },
    "随程序发放或全市共用的资料，不属于任何机构": {
        "catalog/selectors/bases.py": "base_name base_choices base_list_named unbound_towns",
        "catalog/selectors/list_types.py": "list_types on_application_types power_type_labels",
        "catalog/selectors/nondisclosure_grounds.py": "grounds",
        "catalog/selectors/pack_files.py": "read_pack",
        "catalog/selectors/snapshots.py": "base_nodes",
        "evaluation/selectors/packs.py": "shipped_packs pack_view packs pack",
        "evaluation/selectors/reference.py": "reference_text",
        "evaluation/selectors/schemes.py": "schemes scheme_view scheme_for_update",
        "adjustment/selectors/packs.py": "packs extract_systems extract_system",
        "adjustment/selectors/clocks.py": "limits_on",
        "performance/selectors/mappings.py": "mapping_packs mapping_pack",
        "performance/selectors/runs.py": "thresholds",
        "performance/selectors/warnings.py": "warning_limits",
        "org/selectors/workbook.py": "directory_template",
        "org/selectors/roster_workbook.py": "roster_template",
        "workflow/selectors.py": "procedures procedure",
    },
    "机构名录：机构、内设机构、区划的名称对登录的人公开": {
        "catalog/selectors/town_comparison.py": "county_choices",
        "org/selectors/directory.py": "bodies bodies_by_ids body_named bodies_by_codes divisions_of subtree counties_of "
        "siblings_of region_chain body_performing",
        "org/selectors/body_history.py": "statements_of bodies_on body_name_on body_names_on parent_on",
        "org/selectors/people.py": "regions",
    },
    "算范围、定身份的：在它之前还没有范围": {
        "org/selectors/acting.py": "appointments_of seat_of actor_for_user duties_missing holders_of",
    },
    "只由服务器上的命令、服务内部的核对使用": {
        "org/selectors/seat_states.py": "seat_states",
        "org/selectors/loading.py": "present_directory",
        "catalog/selectors/lists.py": "lock_items lock_working",
        "catalog/selectors/imports.py": "existing_items",
        "catalog/selectors/item_facts.py": "item_facts item_facts_by_codes",
        "catalog/selectors/withheld.py": "withheld_ids withheld_items",
        "catalog/selectors/links.py": "linked urls_to_check",
        "performance/selectors/warnings.py": "warning_findings existing_keys",
    },
    "所给的行或编号，调用者已按范围取得": {
        "adjustment/selectors/adjustments.py": "rows_of",
        "adjustment/selectors/campaigns.py": "is_late",
        "adjustment/selectors/clocks.py": "pauses_of clock_of clocks_of",
        "adjustment/selectors/lineage.py": "descents_of successors_of",
        "adjustment/selectors/meetings.py": "compared reviews_of state_label",
        "adjustment/selectors/yearly.py": "lines_of contents_of digest_of changes_of totals state_label",
        "catalog/selectors/bases.py": "compared_items omissions_of list_conformance claims_waiting claims_waiting_rows",
        "catalog/selectors/dependants.py": "dependants_of item_states",
        "catalog/selectors/briefs.py": "ending_reasons",
        "catalog/selectors/candidates.py": "candidates_of parent_sources",
        "catalog/selectors/entry_choices.py": "power_items_named",
        "catalog/selectors/derived.py": "edition_view",
        "catalog/selectors/drift_findings.py": "drift_rows_of drifting_rows drifting_for",
        "catalog/selectors/entry_lists.py": "rows_of with_sources",
        "catalog/selectors/drift.py": "held_sources drift_of_entries",
        "catalog/selectors/powerless.py": "powerless",
        "catalog/selectors/entry_dependants.py": "entries_on entry_versions_in_force",
        "catalog/selectors/rests_on.py": "items_in_force entries_in_force sources_in_force values_of entry_layers chunks",
        "catalog/selectors/attention.py": "reports_counted named",
        "catalog/selectors/guides.py": "guide_view",
        "catalog/selectors/links.py": "link_of",
        "catalog/selectors/base_merges.py": "choices_of items_of local_contents waiting waiting_rows misplaced base_content",
        "catalog/selectors/contents.py": "with_content content_of contents_of",
        "catalog/selectors/findings.py": "findings_of_versions",
        "catalog/selectors/item_lists.py": "rows_of",
        "catalog/selectors/items.py": "sources_of was_published",
        "catalog/selectors/nondisclosures.py": "name_of",
        "catalog/selectors/lists.py": "counts_in_force version_view versions_by_ids",
        "catalog/selectors/snapshots.py": "base_list_of",
        "evaluation/selectors/conclusions.py": "conclusion_view",
        "evaluation/selectors/results.py": "current_entries automatic_readings",
        "evaluation/selectors/figures.py": "body_figures",
        "evaluation/selectors/rounds.py": "frozen_set unexplained_bodies bodies_holding_powers",
        "org/selectors/loading.py": "plan_of",
        "org/selectors/mandates.py": "in_force_row clauses_of view_of mandate_keys",
        "org/selectors/people.py": "is_system_account colleagues",
        "performance/selectors/explanations.py": "view flagged_without_explanation",
        "performance/selectors/figures.py": "body_run_figures",
        "performance/selectors/runs.py": "cases_by_item runnable_items special_cases case_months items_counted special_cases_of "
        "item_figures month_closings last_month_with_data division_names recorded_in",
        "performance/selectors/warnings.py": "warning_view warnings_matching warning_counts",
        "workflow/selectors.py": "stored_procedure case_view item_opinions",
    },
    "不查数据库：由所给的值算出": {
        "catalog/selectors/imports.py": "fingerprint",
        "catalog/selectors/lists.py": "in_force working_or_in_force",
        "catalog/selectors/mandate_links.py": "pieces_of",
        "catalog/selectors/withheld.py": "marked withheld disclosed",
        "catalog/selectors/workbook.py": "list_sheet",
        "evaluation/selectors/results.py": "scored results_payload",
        "evaluation/selectors/rounds.py": "period_label",
        "org/selectors/directory.py": "current",
        "org/selectors/loading.py": "rows_from",
        "org/selectors/people.py": "role_words",
        "performance/selectors/runs.py": "span_of months_between cases_of",
        "workflow/selectors.py": "procedure_as_json",
    },
}
LISTED = {
    (module, name) for modules in WITHOUT_SCOPE.values() for module, names in modules.items() for name in names.split()
}


def _selectors(folder: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(folder.rglob("*.py")):
        module = str(path.relative_to(folder))
        if "selectors" not in module:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield module, node


def _is_bounded(node: ast.FunctionDef) -> bool:
    """收行为人或范围，并且在函数里用到。"""
    asked = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)} & BOUND
    used = {part.id for line in node.body for part in ast.walk(line) if isinstance(part, ast.Name)}
    return bool(asked & used)


FOUND = {(module, node.name): node for module, node in _selectors(APPS)}


@pytest.mark.parametrize(("module", "name"), sorted(FOUND.keys() - LISTED))
def test_a_selector_is_bounded_by_the_scope_of_its_caller(module: str, name: str) -> None:
    assert _is_bounded(FOUND[module, name]), f"{module} 的 {name} 没有用到 actor 或 scope；可以不用的请写明理由"


def test_the_exceptions_still_exist_and_are_needed() -> None:
    assert LISTED - FOUND.keys() == set()
    assert {key for key in LISTED if _is_bounded(FOUND[key])} == set()


@pytest.mark.parametrize(
    "text",
    ["def rows(list_id):\n    return list_id", "def rows(*, scope, list_id):\n    return list_id"],
    ids=["asks for none", "does not use it"],
)
def test_what_has_no_scope_would_be_found(text: str) -> None:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    assert not _is_bounded(node)
