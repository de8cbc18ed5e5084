"""由生成的字段到事项内容与快照。"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanze.apps.catalog.public import AssistContent, BasisContent, DutyContent, ItemContent


def content(fields: Mapping[str, Any]) -> ItemContent:
    """生成的字段写成事项内容。"""
    plain = dict(fields)
    bases = tuple(BasisContent(law, locator, quote) for law, locator, quote in plain.pop("bases"))
    duties = tuple(DutyContent(stage, text) for stage, text in plain.pop("duties"))
    assists = tuple(AssistContent(division, duty) for division, duty in plain.pop("assists"))
    return ItemContent(**plain, bases=bases, duties=duties, assists=assists)
