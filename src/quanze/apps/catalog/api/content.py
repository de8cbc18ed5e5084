"""事项内容的接口形式：与表单同样的要素、同样的长度、同样的清理。

A patch names what changes and leaves the rest alone; rows (``bases`` …) are replaced whole. What the form does not offer
(kind of node, template item) cannot be set here either.
"""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import (
    CONTENT_LABELS,
    AssistContent,
    BasisContent,
    DutyContent,
    ItemContent,
)
from quanze.apps.catalog.services.packs import power_types
from quanze.base.web.api_texts import PlainText
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

LONGEST_TEXT = 20000
_ROWS = 300
_WEB = re.compile(r"^https?://[^\s/$.?#][^\s]*$", re.IGNORECASE)


def _web_address(text: str) -> str:
    if text and not _WEB.match(text):
        raise ValueError("应为以 http:// 或 https:// 开头的网址")
    return text


def _field(name: str, length: int = LONGEST_TEXT) -> Any:
    return Field(None, description=CONTENT_LABELS[name], max_length=length)


class BasisIn(Schema):
    """设定依据的一条。"""

    law: PlainText = Field(description="法规名称，不带书名号", max_length=300)
    locator: PlainText = Field("", description="条款项", max_length=300)
    quote: PlainText = Field("", description="引文", max_length=LONGEST_TEXT)
    document_number: PlainText = Field("", description="文号", max_length=100)


class DutyIn(Schema):
    """责任事项的一条。"""

    stage: PlainText = Field("", description="环节", max_length=64)
    text: PlainText = Field(description="内容", max_length=LONGEST_TEXT)


class AssistIn(Schema):
    """协办机构及其分工。"""

    division: PlainText = Field(description="协办机构", max_length=300)
    duty: PlainText = Field("", description="分工", max_length=LONGEST_TEXT)


class ContentPatch(Schema):
    """要改的要素；没有写的不动。"""

    name: PlainText | None = _field("name", 600)
    power_type: PlainText | None = _field("power_type", 24)
    seq: PlainText | None = _field("seq", 64)
    power_code: PlainText | None = _field("power_code", 64)
    exercising_body: PlainText | None = _field("exercising_body", 300)
    responsible_body: PlainText | None = _field("responsible_body", 300)
    authority_source: Literal["", "own", "conferred", "entrusted", "stationed"] | None = Field(
        None, description=CONTENT_LABELS["authority_source"]
    )
    lead_division: PlainText | None = _field("lead_division", 300)
    assists: list[AssistIn] | None = _field("assists", _ROWS)
    exercise_level: PlainText | None = _field("exercise_level", 300)
    level_split: PlainText | None = _field("level_split")
    target: PlainText | None = _field("target", 300)
    basis_text: PlainText | None = _field("basis_text")
    bases: list[BasisIn] | None = _field("bases", _ROWS)
    duty_text: PlainText | None = _field("duty_text")
    duties: list[DutyIn] | None = _field("duties", _ROWS)
    duty_basis_text: PlainText | None = _field("duty_basis_text")
    accountability_text: PlainText | None = _field("accountability_text")
    accountability_cases: list[Annotated[PlainText, Field(max_length=LONGEST_TEXT)]] | None = _field(
        "accountability_cases", _ROWS
    )
    accountability_basis_text: PlainText | None = _field("accountability_basis_text")
    legal_limit_days: int | None = Field(None, description=CONTENT_LABELS["legal_limit_days"], ge=0, le=3650)
    promised_limit_days: int | None = Field(None, description=CONTENT_LABELS["promised_limit_days"], ge=0, le=3650)
    limit_note: PlainText | None = _field("limit_note")
    has_fee: bool | None = Field(None, description=CONTENT_LABELS["has_fee"])
    guide_url: Annotated[PlainText, AfterValidator(_web_address)] | None = _field("guide_url", 500)
    hotline: PlainText | None = _field("hotline", 300)
    remedy: PlainText | None = _field("remedy")
    plain_summary: PlainText | None = _field("plain_summary")
    is_local_addition: bool | None = Field(None, description=CONTENT_LABELS["is_local_addition"])
    addition_reason: PlainText | None = _field("addition_reason", 500)
    is_city_set: bool | None = Field(None, description=CONTENT_LABELS["is_city_set"])
    remark: PlainText | None = _field("remark")
    extra: dict[str, Any] | None = Field(
        None, description="补充要素：键见要素登记表，只写要改的，值为 null 或空即去掉", max_length=_ROWS
    )

    model_config = ConfigDict(extra="forbid")


class NewContent(ContentPatch):
    """新事项的要素；名称必填。"""

    name: PlainText = Field(description=CONTENT_LABELS["name"], min_length=1, max_length=600)


# A number or a yes/no may be taken away again; a text is emptied with "".
_CLEARABLE = ("legal_limit_days", "promised_limit_days", "has_fee")
_ROW_TYPES: dict[str, Any] = {"bases": BasisContent, "duties": DutyContent, "assists": AssistContent}


def patched(base: ItemContent, patch: ContentPatch) -> ItemContent:
    """改后的内容。Raises RulesNotMet where two elements contradict each other or a code is unknown."""
    given: dict[str, Any] = {}
    for name in patch.model_fields_set:
        value = getattr(patch, name)
        if value is None and name not in _CLEARABLE:
            continue
        if name == "extra":
            value = FIELDS.merged(base.extra, value)
        if name in _ROW_TYPES:
            value = tuple(_ROW_TYPES[name](**row.model_dump()) for row in value)
        given[name] = tuple(value) if name == "accountability_cases" else value
    content = replace(base, **given)
    _require_sound(content)
    return content


def _require_sound(content: ItemContent) -> None:
    defects = []
    if content.power_type and content.power_type not in power_types().by_code:
        defects.append(
            Defect("power_type_unknown", f"没有“{content.power_type}”这种职权类型", ErrorPlace(field="power_type"))
        )
    legal, promised = content.legal_limit_days, content.promised_limit_days
    if legal is not None and promised is not None and promised > legal:
        defects.append(Defect("promise_too_long", "承诺时限不得长于法定时限", ErrorPlace(field="promised_limit_days")))
    if defects:
        raise RulesNotMet("事项不能保存", defects=defects, hint="请按提示修改后再保存。", code="item_not_storable")


def as_json(content: ItemContent) -> dict[str, Any]:
    """内容 → JSON，字段名与提交时相同。"""
    return asdict(content)
