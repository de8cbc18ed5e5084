"""接口收到的文字：换行统一、首尾空白去掉；含控制字符与半个代理对的拒收（数据库存不下，表格与文书也显示不出）。"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(text: str) -> str:
    """清理后的文字；含控制字符的不收。"""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text):
        raise ValueError("含有不可见的控制字符，请清除后再提交")
    return text


PlainText = Annotated[str, AfterValidator(plain)]
