"""提示代码表：文档与代码一致；代码里用到的都在表内。"""

import re
from pathlib import Path

from quanze.core.listsheet.reading import WARNINGS

ROOT = Path(__file__).resolve().parents[3]


def test_the_documented_table_is_the_one_in_the_code():
    text = (ROOT / "docs" / "explanation" / "reading-lists.md").read_text(encoding="utf-8")
    table = text.split("warnings:begin")[1].split("warnings:end")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", table, re.MULTILINE))
    assert documented == WARNINGS


def test_every_code_that_is_reported_is_in_the_table_and_every_code_is_used():
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src" / "quanze" / "core" / "listsheet").glob("*.py")
        if path.name != "reading.py"
    )
    reported = set(re.findall(r"report\(\s*\"(\w+)\"", source)) | set(re.findall(r"ReadWarning\(\s*\"(\w+)\"", source))
    assert reported == WARNINGS.keys()
