"""看过的版本：接口的每个更新操作没有 If-Match 都答 428；页面与接口传给服务的版本都来自请求。"""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "quanze"
DOORS = sorted(p for p in SOURCE.rglob("*.py") if {"web", "api", "api.py"} & set(p.relative_to(SOURCE).parts))
BODIES = {
    "correction_publish": {"document_number": "x", "issued_on": "2026-11-02", "reason": "x"},
    "submission_decide": {"verb": "pass"},
    "derived_entry_refresh": {"valid_from": "2026-11-02"},
}


def _operations():
    from quanze.portal.api_urls import api

    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


UPDATES = [
    (method, path, operation["operationId"])
    for method, path, operation in _operations()
    if "428" in {str(status) for status in operation["responses"]}
]


def test_every_update_of_the_interface_declares_that_it_needs_the_version():
    assert {name for _, _, name in UPDATES} >= {
        "draft_save",
        "draft_discard",
        "correction_publish",
        "submission_withdraw",
        "submission_resubmit",
        "submission_decide",
    }
    silent = [
        (method, path)
        for method, path, operation in _operations()
        if method in ("PUT", "PATCH", "DELETE") and "428" not in {str(status) for status in operation["responses"]}
    ]
    assert silent == []


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "path", "name"), UPDATES)
def test_an_update_without_the_version_is_refused_before_anything_is_looked_up(county, keyed, method, path, name):
    address = re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1"))
    answer = keyed("drafter").send(method, address, BODIES.get(name, {}))
    assert (answer.status_code, answer.json()["code"]) == (428, "version_required")


def test_operations_have_stable_names_and_chinese_words():
    names = [operation["operationId"] for _, path, operation in _operations() if "/work/" in path or "/events" in path]
    assert len(names) == len(set(names))
    assert all(len(name) <= 24 and name.islower() for name in names)
    assert all(any("一" <= letter <= "鿿" for letter in one["summary"]) for _, _, one in _operations())


def _from_request(value: ast.expr, function: ast.AST) -> bool:
    """``seen_version(request)`` 本身，或由它赋值的名字。"""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "seen_version"
    if not isinstance(value, ast.Name):
        return False
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets = [e for t in node.targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
            values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            for target, given in zip(targets, values, strict=False):
                if isinstance(target, ast.Name) and target.id == value.id and _from_request(given, function):
                    return True
    return False


def test_no_door_makes_up_the_version_it_hands_to_a_service():
    wrong, seen = [], 0
    for path in DOORS:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for function in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
            for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
                for keyword in call.keywords:
                    if keyword.arg == "seen_version":
                        seen += 1
                        if not _from_request(keyword.value, function):
                            wrong.append(f"{path.relative_to(SOURCE)}:{call.lineno}")
    assert seen >= 12
    assert wrong == []
