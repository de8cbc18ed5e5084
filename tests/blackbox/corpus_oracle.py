"""上传检查的标准答案对应到本产品：改了哪些、为什么，逐条列出；其余一字不改。用法：corpus_oracle.py 文件集目录"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

# The codes of the event API are its own, documented in its OpenAPI document; the oracle proposes others.
API_CODES = "request_malformed|http_400|http_413|http_415|events_refused|body_too_large|foreign_body"


def adapted(one: dict[str, Any]) -> str:
    """改动一条标准答案，说明为什么；不改的为空。"""
    target, category = one["target"], one["category"]
    if target == "bpmn":
        one.update(target="attachment", outcome="reject", error_code="FILE_TYPE_MISMATCH", message_re="格式")
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
