"""需求对照：哪一条由哪些测试证明，哪些还没有。

``python tests/requirements_report.py`` writes ``docs/reference/requirements.md``. Which rows exist is read from the
requirement table beside the project when it is there, otherwise from the page written last; which tests prove a row is
read from ``@pytest.mark.req`` without running or importing anything.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TABLE = PROJECT.parent / "shared" / "domain" / "requirements.md"
PAGE = PROJECT / "docs" / "reference" / "requirements.md"
ROW = re.compile(r"^\| ([WTHJL]-\d+) \| ([^|]*) \|(.*)$")
SOURCES = {"W": "无锡", "T": "天长", "H": "衡水", "J": "济源", "L": "临沂"}


def known_rows() -> dict[str, str]:
    """编号 → 所属模块，按原表的顺序。"""
    source = TABLE if TABLE.is_file() else PAGE
    if not source.is_file():
        return {}
    found = (ROW.match(line) for line in source.read_text(encoding="utf-8").splitlines())
    return {match[1]: match[2].strip() for match in found if match}


def proofs() -> dict[str, list[str]]:
    """编号 → 证明它的测试。"""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = path.relative_to(PROJECT / "tests").as_posix()
        of_module = [
            row
            for node in tree.body
            if isinstance(node, ast.Assign)
            and any(getattr(target, "id", "") == "pytestmark" for target in node.targets)
            for row in _rows_in(node.value)
        ]
        for owner, test in _tests(tree):
            for row in dict.fromkeys([*of_module, *(row for mark in owner for row in _rows_in(mark))]):
                found[row].append(f"{place}::{test}")
    return found


def page(rows: dict[str, str], proved: dict[str, list[str]]) -> str:
    """需求对照页。"""
    shown = [row for row in rows if row in proved]
    lines = [
        "<!-- 由 `make requirements` 生成，请勿手改 -->",
        "# 需求对照",
        "",
        f"共 {len(rows)} 条需求，{len(shown)} 条有测试证明（{len(shown) * 100 // max(len(rows), 1)} %）。"
        "一条需求可能要多个测试才算完全证明；这里只说有没有，不说够不够。",
        "",
    ]
    for letter, place in SOURCES.items():
        own = [row for row in rows if row.startswith(f"{letter}-")]
        if not own:
            continue
        lines += [f"## {letter} · {place}", "", "| 编号 | 模块 | 测试 |", "|---|---|---|"]
        lines += [
            f"| {row} | {rows[row]} | {'<br>'.join(_code(test) for test in proved.get(row, ()))} |" for row in own
        ]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    rows, proved = known_rows(), proofs()
    unknown = sorted(set(proved) - set(rows))
    if unknown:
        sys.stderr.write(f"测试提到不存在的需求编号：{'、'.join(unknown)}\n")
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(rows, proved), encoding="utf-8")
    sys.stdout.write(f"{len(rows)} 条需求，{len(set(proved))} 条有测试证明：{PAGE.relative_to(PROJECT)}\n")
    return 0


def _tests(tree: ast.Module) -> list[tuple[list[ast.expr], str]]:
    found: list[tuple[list[ast.expr], str]] = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            found.append((node.decorator_list, node.name))
        elif isinstance(node, ast.ClassDef):
            found += [
                ([*node.decorator_list, *inner.decorator_list], f"{node.name}::{inner.name}")
                for inner in node.body
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name.startswith("test")
            ]
    return found


def _rows_in(mark: ast.expr) -> list[str]:
    """``pytest.mark.req("W-26", …)`` 里的编号，也看得进列表。"""
    return [
        argument.value
        for call in ast.walk(mark)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "req"
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


def _code(test: str) -> str:
    return f"`{test}`"


if __name__ == "__main__":
    sys.exit(main())
