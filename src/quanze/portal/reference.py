"""参考手册：凡代码才是事实的，由代码写出（规则、状态、程序、参数、指标、命令、接口、审计动作）。"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer.main

from quanze.apps.adjustment import public as adjustment
from quanze.apps.catalog import public as catalog
from quanze.apps.evaluation import public as evaluation
from quanze.apps.org import public as org
from quanze.apps.performance import public as performance
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.base.parameters import public as parameters
from quanze.core.glossary import TERMS
from quanze.core.statemachine import Lifecycle

_NOTE = "<!-- 由 `make docs` 生成，请勿手改 -->\n"


def _table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(header)
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += [
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join(lines) + "\n"


def _lifecycle(flow: Lifecycle) -> str:
    diagram = ["```mermaid", "stateDiagram-v2", f"    [*] --> {flow.initial}"]
    diagram += [f"    {state} : {label}" for state, label in flow.states.items()]
    diagram += [f"    {t.source} --> {t.target} : {t.label}" for t in flow.transitions]
    diagram.append("```")
    rows = (
        (
            flow.states[t.source],
            t.label,
            flow.states[t.target],
            "、".join(org.ROLE_LABELS.get(role, role) for role in sorted(t.roles)) or "由所在步骤或系统",
            "必填" if t.reason_required else "",
        )
        for t in flow.transitions
    )
    return (
        f"## {flow.label}（`{flow.name}`）\n\n"
        + "\n".join(diagram)
        + "\n\n"
        + _table(("状态", "动作", "到", "角色", "理由"), rows)
    )


def states_page() -> str:
    """状态：全部生命周期的图与表。"""
    flows = (
        *catalog.LIFECYCLES,
        workflow.CASE_FLOW,
        workflow.STEP_FLOW,
        *adjustment.LIFECYCLES,
        *performance.LIFECYCLES,
        *evaluation.LIFECYCLES,
        *org.LIFECYCLES,
    )
    return _NOTE + "# 状态与转换\n\n" + "\n".join(_lifecycle(flow) for flow in flows)


def procedures_page() -> str:
    """审查程序：步骤、角色、时限、必填要素。"""
    parts = [_NOTE + "# 审查程序\n\n程序是数据：`src/quanze/apps/workflow/packs/procedures/`。\n"]
    for procedure in workflow.procedures().values():
        rows = (
            (
                number,
                step.label,
                org.ROLE_LABELS.get(step.role, step.role),
                "本机构" if step.where == "own_body" else "本地区承担该职能的机构",
                step.due_workdays,
                step.pass_label,
                "、".join(step.requires.values()),
            )
            for number, step in enumerate(procedure.steps, start=1)
        )
        parts.append(
            f"## {procedure.label}（`{procedure.code}` 第 {procedure.version} 版）\n\n来源：{procedure.source}。\n\n"
            + _table(("步", "名称", "角色", "办理机构", "时限（工作日）", "通过", "必填要素"), rows)
        )
    return "\n".join(parts)


def parameters_page() -> str:
    """政策参数：代码、含义、历次值与来源。"""
    rows = (
        (
            f"`{d.code}`",
            d.label,
            "；".join(f"{v.valid_from} 起 {v.value}{d.unit}" for v in d.shipped),
            d.shipped[-1].source,
        )
        for d in sorted(parameters.definitions(), key=lambda d: d.code)
        if d.shipped
    )
    return _NOTE + "# 政策参数\n\n" + _table(("代码", "含义", "出厂值", "来源"), rows)


def actions_page() -> str:
    """记录仪的动作。"""
    return _NOTE + "# 记录的动作\n\n" + _table(("代码", "含义"), sorted(audit.action_labels().items()))


def glossary_page() -> str:
    """术语。"""
    rows = ((term.chinese, f"`{term.code}`", term.meaning) for term in TERMS)
    return _NOTE + "# 术语\n\n" + _table(("中文", "代码名", "释义"), rows)


def _command(command: Any, path: str) -> list[str]:
    # By shape and not by class: the command line library brings its own copy of click.
    if hasattr(command, "commands"):
        return [
            line for name in sorted(command.commands) for line in _command(command.commands[name], f"{path} {name}")
        ]
    if command.hidden:
        return []
    lines = [f"## `{path}`\n", (command.help or "").replace("\b", "").strip() + "\n"]
    rows = [
        (
            f"`{' '.join(parameter.opts)}`"
            if parameter.param_type_name == "option"
            else f"`{(parameter.metavar or parameter.name or '').upper()}`",
            "必填" if parameter.required else "",
            getattr(parameter, "help", "") or "",
        )
        for parameter in command.params
        if parameter.name != "help"
    ]
    if rows:
        lines.append(_table(("参数", "", "说明"), rows))
    return lines


def cli_page() -> str:
    """命令行。"""
    from quanze.portal.cli import app

    return _NOTE + "# 命令行\n\n" + "\n".join(_command(typer.main.get_command(app), "quanze"))


def openapi() -> str:
    """接口描述（OpenAPI 3.1）。"""
    from quanze.portal.api_urls import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str) + "\n"


def list_types_page() -> str:
    """关联清单种类：层级、来源、要素、只能收紧的、要几处依据。"""
    types = catalog.list_types()
    parts = [
        _NOTE
        + "# 关联清单种类\n\n种类是数据：`src/quanze/apps/catalog/packs/list_types.yaml`"
        + f"（{types.version}）。来源：{types.source}\n"
    ]
    for one in types.types:
        parent = types.of(one.from_list).label if one.from_list else "权责清单"
        facts = [
            f"层级：{one.tier_label}",
            f"由{parent}派生",
            "自动提出" if one.is_automatic else "逐项列入",
            f"牵头：{one.owner_label}",
            f"依据至少 {one.minimum_references} 处",
            f"审查程序：`{one.procedure}`",
        ]
        inherited = "、".join(catalog.CONTENT_LABELS[name] for name in one.inherited) or "无"
        rows = (
            (
                f"`{field.name}`",
                field.label,
                catalog.FIELD_KINDS[field.kind],
                "是" if field.required else "",
                catalog.TIGHTEN_RULES[field.tighten.rule] if field.tighten else "",
                "、".join((field.choices or {}).values()) or field.help,
            )
            for field in one.fields
        )
        parts.append(
            f"## {one.label}（`{one.code}`）\n\n"
            + "；".join(facts)
            + f"。继承：{inherited}。\n\n"
            + _table(("要素", "名称", "种类", "必填", "只能收紧", "取值或说明"), rows)
        )
    return "\n".join(parts)


def write(folder: Path) -> list[Path]:
    """写出全部参考页，返回写了哪些文件。"""
    pages = {
        "states.md": states_page(),
        "procedures.md": procedures_page(),
        "list-types.md": list_types_page(),
        "parameters.md": parameters_page(),
        "actions.md": actions_page(),
        "glossary.md": glossary_page(),
        "indicators.md": evaluation.indicator_reference(),
        "cli.md": cli_page(),
        "openapi.json": openapi(),
        **{f"rules/{name}": text for name, text in catalog.rule_reference_pages().items()},
    }
    written = []
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
