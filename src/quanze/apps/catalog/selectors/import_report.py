"""导入的逐行报告：上传的各行照原样，旁边写明每行怎么办、哪里有问题；改好后可直接再上传。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quanze.apps.catalog.selectors.imports import import_view
from quanze.core.actor import Scope
from quanze.core.errors import WrongState

OUTCOME_LABELS = {"new": "新增", "changed": "变更", "unchanged": "无变化"}
SIDE_HEADERS = ("所在工作表", "所在行", "导入结果", "问题与提示")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """逐行报告：文件名、栏目（原表头在前，报告各栏在后）、各行。"""

    file_name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def import_report(*, import_id: int, scope: Scope) -> ImportReport:
    """一次导入的逐行报告。一行对应上传表格的一行；没有读成的文件没有报告。

    Raises WrongState before the file has been read, NotFound for an import out of sight.
    """
    view = import_view(import_id=import_id, scope=scope)
    if not view.reading:
        raise WrongState("这次导入没有读成，没有逐行报告", hint="请按页面写明的原因改好文件，重新上传。")
    rows = view.reading["rows"]
    said = _said(view.reading, view.difference)
    by_place: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in rows:
        by_place.setdefault((row["source"]["sheet"], row["source"]["row"]), []).append(row)
    headers = tuple(dict.fromkeys(header for row in rows for header in row["source"]["cells"]))
    lines = []
    for (sheet, number), here in by_place.items():
        cells = here[0]["source"]["cells"]
        outcomes = dict.fromkeys(one for row in here for one in said[row["key"]][0])
        notes = dict.fromkeys(one for row in here for one in said[row["key"]][1])
        lines.append(
            (
                *(str(cells.get(header, "")) for header in headers),
                sheet,
                str(number),
                "；".join(outcomes),
                "\n".join(notes),
            )
        )
    return ImportReport(view.row.file_name, (*headers, *SIDE_HEADERS), tuple(lines))


def _said(
    reading: Mapping[str, Any], difference: Mapping[str, Any]
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """各行的结果与问题：对照、存疑、检查发现、读表时的提示。"""
    entries = {entry["key"]: entry for entry in difference.get("entries", ())}
    # Readings kept from before the findings were told row by row have none.
    findings = reading.get("row_findings", {})
    warnings: dict[tuple[str, int], list[str]] = {}
    for warning in reading["summary"]["warnings"]:
        if warning["row"] is not None:
            warnings.setdefault((warning["sheet"], warning["row"]), []).append(warning["message"])
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for row in reading["rows"]:
        key, entry = row["key"], entries.get(row["key"])
        outcome: tuple[str, ...] = () if entry is None else (_outcome(entry),)
        place = (row["source"]["sheet"], row["source"]["row"])
        notes = (*row["doubts"], *warnings.get(place, ()), *findings.get(key, ()))
        found[key] = (outcome, tuple(dict.fromkeys(notes)))
    return found


def _outcome(entry: Mapping[str, Any]) -> str:
    label = OUTCOME_LABELS[entry["kind"]]
    if entry["kind"] == "unchanged":
        return label
    if entry["blocked"]:
        return f"不能导入：{entry['blocked']}"
    changed = "、".join(change["label"] for change in entry["changes"])
    if entry["kind"] == "changed" and changed:
        label = f"{label}（{changed}）"
    if entry.get("overwrites_draft"):
        return f"{label}，会盖掉在编草稿，不勾选不导入"
    return f"{label}，存疑，不勾选不导入" if entry["doubts"] else label
