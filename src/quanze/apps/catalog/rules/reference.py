"""规则参考页：由规则的声明写出，一条规则一页，另有总目。"""

from __future__ import annotations

from collections.abc import Iterable

from quanze.apps.catalog.domain.items import ListSnapshot
from quanze.apps.catalog.domain.packs import RulePacks
from quanze.apps.catalog.rules import REGISTRY, check_list
from quanze.apps.catalog.rules.base import AnyRule, label
from quanze.core.lint import SEVERITY_LABELS, Example, Severity
from quanze.core.lint.rules import SCOPE_LABELS

FAMILIES = {
    "S": "结构与文字",
    "N": "名称",
    "C": "分类",
    "B": "依据",
    "R": "责任",
    "O": "机构",
    "X": "比较",
}
_NOTE = "<!-- 由 `make docs` 按规则的声明生成，请勿手改 -->\n"


def rule_reference_pages(packs: RulePacks) -> dict[str, str]:
    """文件名 → Markdown：``index.md`` 与每条规则一页。"""
    pages = {f"{rule.code}.md": _page(rule, packs) for rule in REGISTRY}
    return {"index.md": _index(packs), **pages}


def _index(packs: RulePacks) -> str:
    templates = sorted(packs.templates)
    lines = [
        _NOTE,
        "# 检查规则",
        "",
        "严重程度：**错误**须改正（或由编办写明理由豁免）后方可送审，**警告**须说明，**提示**供参考。豁免以内容为准，内容一改即失效。",
        "“—”表示在该模板中不查。带 † 的，个别要素另有级别，见各页。",
    ]
    for family, name in FAMILIES.items():
        lines += ["", f"## {family} {name}", ""]
        rows = [rule for rule in REGISTRY if rule.code.startswith(family)]
        lines += _table(
            ["代码", "缺陷", "范围", "默认", *(packs.templates[code].label for code in templates)],
            (
                [
                    f"[{rule.code}]({rule.code}.md)",
                    rule.title,
                    SCOPE_LABELS[rule.scope],
                    SEVERITY_LABELS[rule.severity],
                    *(_cell(rule, packs, code) for code in templates),
                ]
                for rule in rows
            ),
        )
    if REGISTRY.redirects:
        lines += ["", "## 停用的代码", ""]
        lines += _table(["旧代码", "现代码"], ([old, new] for old, new in sorted(REGISTRY.redirects.items())))
    return "\n".join(lines) + "\n"


def _page(rule: AnyRule, packs: RulePacks) -> str:
    narrowed = _narrowed(rule, packs)
    lines = [
        _NOTE,
        f"# {rule.code} {rule.title}",
        "",
        f"`{rule.name}` · {SCOPE_LABELS[rule.scope]} · 默认{SEVERITY_LABELS[rule.severity]} · "
        f"涉及：{'、'.join(label(field) for field in rule.fields)}",
        "",
        "## 含义",
        "",
        rule.meaning,
        "",
        "## 为什么要查",
        "",
        rule.reason,
        "",
        "## 怎样查出",
        "",
        rule.method,
        "",
        "## 示例",
        "",
        *_example("不合格", rule, rule.bad, packs),
        *_example("合格", rule, rule.good, packs),
        "## 怎样改正",
        "",
        rule.remedy,
        "",
        "## 各模板中的级别",
        "",
        *_table(
            ["模板", "级别"],
            (
                [packs.templates[code].label, _cell(rule, packs, code).replace("†", "")]
                for code in sorted(packs.templates)
            ),
        ),
        *(["", *_table(["模板", "要素", "级别"], narrowed)] if narrowed else []),
        "",
        "## 来源",
        "",
        rule.source,
    ]
    return "\n".join(lines) + "\n"


def _cell(rule: AnyRule, packs: RulePacks, template: str) -> str:
    severities = packs.templates[template].severities
    mark = "†" if any(key.startswith(f"{rule.code}.") for key in severities) else ""
    return _severity(severities.get(rule.code, rule.severity)) + mark


def _narrowed(rule: AnyRule, packs: RulePacks) -> list[list[str]]:
    rows = []
    for code in sorted(packs.templates):
        for key, severity in packs.templates[code].severities.items():
            family, _, field = key.partition(".")
            if family == rule.code and field:
                rows.append([packs.templates[code].label, label(field), _severity(severity)])
    return rows


def _severity(severity: Severity | None) -> str:
    return SEVERITY_LABELS[severity] if severity is not None else "—"


def _example(word: str, rule: AnyRule, example: Example[ListSnapshot], packs: RulePacks) -> list[str]:
    """示例一句话；不合格的附上规则对它真正说的话。"""
    lines = [f"**{word}**：{example.text}", ""]
    for finding in check_list(example.subject, packs).of(rule.code)[:2]:
        lines += [f"> {finding.message}", f"> 建议：{finding.suggestion}", ""]
    return lines


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    names = list(header)
    return [
        "| " + " | ".join(names) + " |",
        "|" + "---|" * len(names),
        *("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows),
    ]
