"""命令行 ``quanze``：把各能力的命令挂在一起，设好环境，把领域错误说成人话。

A command loads only its own group, so that ``quanze lists read`` starts without Django and without a database. Modules
are named as text because this table must not import what it lists: neither higher layers nor what is not asked for.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
import typer.main

from quanze.core.door import through_door
from quanze.core.errors import DomainError, RulesNotMet

REFUSED = 2
INTERRUPTED = 130
_SHOWN_DEFECTS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """一组命令：所在模块（其中的 ``app``）、说明、哪些命令不需要框架，哪些在对着文件时不需要。"""

    module: str
    help: str
    without_framework: frozenset[str] = frozenset()
    at_files_without_framework: frozenset[str] = frozenset()


GROUPS = {
    "setup": Group("quanze.apps.org.cli", "首次设置：令牌、在控制台办理、是否完成"),
    "org": Group("quanze.apps.org.cli.directory", "机构与人员：名录空白表、核对、载入；三定规定的核对"),
    "lists": Group("quanze.apps.catalog.cli", "权责清单：读取、检查", frozenset({"read"}), frozenset({"check"})),
    "derived": Group("quanze.apps.catalog.cli.derived", "关联清单：总览、同步情况、派生、导出、导入"),
    "adjust": Group("quanze.apps.adjustment.cli", "动态调整：上级清单的核对"),
    "events": Group("quanze.apps.performance.cli", "行权数据：报送、统计集"),
    "evaluate": Group("quanze.apps.evaluation.cli", "监督评估：指标包、计分、核验、导出"),
    "audit": Group("quanze.base.audit.cli", "记录仪：核验、封存、导出"),
    "jobs": Group("quanze.base.jobs.cli", "后台任务：执行、查看"),
    "calendar": Group("quanze.base.calendar.cli", "工作日历：查看、按文件导入放假安排"),
    "database": Group("quanze.portal.commands.safekeeping", "数据库：迁到另一个数据库"),
    "public": Group("quanze.portal.commands.public_site", "公开站点：导出为静态文件"),
    "docs": Group("quanze.portal.commands.docs", "参考手册：由代码写出"),
    "demo": Group("quanze.demo.cli", "示范城市：装入、账号、运行数据、真值"),
}
# Commands at the root: name → module with a function of that name (dashes become underscores).
COMMANDS = {
    "run": "quanze.portal.commands.start",
    "seed": "quanze.portal.commands.start",
    "check-setup": "quanze.portal.commands.start",
    "backup": "quanze.portal.commands.safekeeping",
    "restore": "quanze.portal.commands.safekeeping",
    "digest": "quanze.portal.commands.safekeeping",
}
# A real installation names its settings in the environment of its service; at a desk it is the demonstration.
_SETTINGS = "quanze.conf.demo"


def build(only: str = "") -> typer.Typer:
    """命令树；``only`` 指明一组时只载入那一组。"""
    root = typer.Typer(
        help="权责清单：编制、检查、审查、公布、运行、评估。",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @root.callback()
    def quanze() -> None:
        """权责清单：编制、检查、审查、公布、运行、评估。"""

    for name, module in COMMANDS.items():
        if only in ("", name):
            root.command(name)(getattr(import_module(module), name.replace("-", "_")))
    for name, group in GROUPS.items():
        if only in ("", name):
            root.add_typer(import_module(group.module).app, name=name, help=group.help)
    return root


def __getattr__(name: str) -> Any:
    """``cli.app``：全部命令，供参考手册使用。"""
    if name == "app":
        return build()
    raise AttributeError(name)


def main(arguments: Sequence[str] | None = None) -> int:
    """入口。退出码：0 办成，1 办成但有问题须看，2 被拒绝或用法不对，130 中断。"""
    args = list(sys.argv[1:] if arguments is None else arguments)
    names = [word for word in args if not word.startswith("-")]
    name = names[0] if names and (names[0] in GROUPS or names[0] in COMMANDS) else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", _SETTINGS)
    if _needs_framework(name, names[1:]):
        import django

        django.setup()
    try:
        with through_door("cli"):
            typer.main.get_command(build(name))(args=args, prog_name="quanze")
    except DomainError as error:
        _show(error)
        return REFUSED
    except KeyboardInterrupt:
        typer.echo("已中断", err=True)
        return INTERRUPTED
    except Exception as error:
        if not _is_without_tables(error):
            raise
        typer.echo(
            "数据库还没有建立：请先运行 make run（或 quanze run），它会建好数据库。（DATABASE_NOT_READY）", err=True
        )
        return REFUSED
    except SystemExit as ended:
        # The command tree has already shown what was wrong with the words.
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


def _is_without_tables(error: Exception) -> bool:
    """两种数据库对“没有这张表”的说法。Asked by name: the framework may not even be loaded."""
    kind = type(error)
    said = str(error)
    return kind.__module__ == "django.db.utils" and (
        "no such table" in said or ("relation" in said and "does not exist" in said)
    )


def _needs_framework(name: str, rest: Sequence[str]) -> bool:
    if not name:
        return True
    group = GROUPS.get(name)
    if group is None or not rest:
        return True
    if rest[0] in group.at_files_without_framework:
        return not any(_is_file(word) for word in rest[1:])
    return rest[0] not in group.without_framework


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False


def _show(error: DomainError) -> None:
    """说明何事、何处、怎么办；逐条缺陷各一行。"""
    typer.echo(f"{error}（{error.code}）", err=True)
    if isinstance(error, RulesNotMet):
        for defect in error.defects[:_SHOWN_DEFECTS]:
            place = f"{defect.place}：" if str(defect.place) else ""
            typer.echo(f"  {place}{defect.message}", err=True)
        if len(error.defects) > _SHOWN_DEFECTS:
            typer.echo(f"  ……共 {len(error.defects)} 处", err=True)


if __name__ == "__main__":
    sys.exit(main())
