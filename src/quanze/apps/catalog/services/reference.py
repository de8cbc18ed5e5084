"""规则参考页的写出：资料包在此读入，页面由规则声明生成。"""

from __future__ import annotations

from pathlib import Path

from quanze.apps.catalog.rules import reference
from quanze.apps.catalog.services.packs import shipped_packs


def rule_reference_pages() -> dict[str, str]:
    """文件名 → Markdown，按随系统提供的资料包。"""
    return reference.rule_reference_pages(shipped_packs())


def write_rule_reference(folder: Path) -> list[Path]:
    """写到文件夹（通常是 docs/reference/rules），返回写了哪些。"""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in rule_reference_pages().items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written
