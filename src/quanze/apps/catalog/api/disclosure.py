"""公开接口：清单、事项、版次与变化，只读，不需登录。

Thin: parse → one selector → schema. Lists of rows are cut by key (``after``), never by offset; every integer is bounded.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from quanze.apps.catalog.domain.drafts import readable
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import CONTENT_LABELS
from quanze.apps.catalog.selectors import disclosure
from quanze.apps.catalog.selectors.lists import VersionView
from quanze.core.errors import InvalidInput

router = Router(tags=["公开清单"])

LARGEST_ID = 2**53 - 1
Limit = Annotated[int, Query(ge=1, le=200, description="一页行数")]


class Edition(Schema):
    """清单版次。"""

    number: int
    document_number: str
    issued_on: date
    valid_from: date
    is_correction: bool
    items: int
    subitems: int
    digest: str
    digest_algorithm: str
    published_at: datetime


class PublishedList(Schema):
    """公开清单。"""

    body_code: str
    body_name: str
    body_kind: str
    region_name: str
    items: int
    subitems: int
    withheld: int = Field(description="依法不公开而没有计入、没有列出的项数（含子项）")
    edition: Edition


class ItemRow(Schema):
    """事项一行。"""

    code: str
    number: int
    name: str
    power_type: str
    node_kind: str
    seq: str
    exercising_body: str
    lead_division: str
    body_name: str


class ItemPage(Schema):
    """一页事项；``next_after`` 为空表示到底。"""

    on: date
    items: list[ItemRow]
    next_after: str


class Basis(Schema):
    """依据条款。"""

    law: str
    locator: str
    quote: str
    document_number: str


class Item(Schema):
    """事项全部公开要素；``fields`` 以中文名为键。"""

    code: str
    body_name: str
    number: int
    valid_from: date
    valid_to: date | None
    content_hash: str
    name: str
    power_type: str
    bases: list[Basis]
    fields: dict[str, str]


class Change(Schema):
    """字段变化。"""

    field: str
    label: str
    old: str
    new: str


class PublishedChange(Schema):
    """一次公布中某事项的变化。"""

    id: int = Field(description="翻页用的编号")
    edition: Edition
    item_code: str
    name: str
    action: str
    action_label: str
    changes: list[Change]


class ChangePage(Schema):
    """一页变化，新者在前；``next_before`` 为空表示到底。"""

    changes: list[PublishedChange]
    next_before: int | None


def item_schema(view: VersionView) -> Item:
    """版本 → 接口形式。"""
    content = view.content
    shown = {
        label: text
        for field, label in CONTENT_LABELS.items()
        if field not in FIELDS.private and (text := readable(content, field))
    }
    if view.valid_from is None:
        raise ValueError("未公布的版本不能公开")
    return Item(
        code=view.item_code,
        body_name=view.body_name,
        number=view.number or 0,
        valid_from=view.valid_from,
        valid_to=view.valid_to,
        content_hash=view.content_hash,
        name=content.name,
        power_type=content.power_type,
        bases=[
            Basis(law=b.law, locator=b.locator, quote=b.quote, document_number=b.document_number) for b in content.bases
        ],
        fields=shown,
    )


def _after(cursor: str) -> tuple[int, int] | None:
    if not cursor:
        return None
    ordinal, _, item_id = cursor.partition("-")
    if not (ordinal.isdecimal() and item_id.isdecimal() and len(cursor) <= 32):
        raise InvalidInput("翻页标记有误", hint="请使用上一页返回的 next_after。", code="cursor_invalid")
    return min(int(ordinal), LARGEST_ID), min(int(item_id), LARGEST_ID)


@router.get("/lists", response=list[PublishedList], summary="某日施行的全部清单")
def lists(request: HttpRequest, on: date | None = None) -> list[disclosure.PublicList]:
    return disclosure.public_lists(on=on or localdate())


@router.get("/lists/{body_code}", response=PublishedList, summary="某机构某日的清单")
def list_of_body(request: HttpRequest, body_code: str, on: date | None = None) -> disclosure.PublicList:
    return disclosure.public_list(body_code=body_code, on=on or localdate())


@router.get("/lists/{body_code}/editions", response=list[Edition], summary="某机构清单的全部版次")
def editions(request: HttpRequest, body_code: str) -> list[disclosure.EditionView]:
    found = disclosure.public_list(body_code=body_code, on=localdate())
    return disclosure.editions(found.list_id)


@router.get("/lists/{body_code}/items", response=ItemPage, summary="某机构某日的现行事项")
def items_of_body(
    request: HttpRequest,
    body_code: str,
    on: date | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    power_type: Annotated[str, Query(max_length=24)] = "",
    after: Annotated[str, Query(max_length=32)] = "",
    limit: Limit = 50,
) -> ItemPage:
    day = on or localdate()
    found = disclosure.public_list(body_code=body_code, on=day)
    rows = disclosure.public_items(
        on=day, list_id=found.list_id, text=q, power_type=power_type, after=_after(after), limit=limit + 1
    )
    shown = rows[:limit]
    return ItemPage(
        on=day,
        items=[ItemRow.from_orm(row) for row in shown],
        next_after=f"{shown[-1].ordinal}-{shown[-1].item_id}" if len(rows) > limit else "",
    )


@router.get("/items/{code}", response=Item, summary="某事项某日的内容")
def item(request: HttpRequest, code: str, on: date | None = None) -> Item:
    return item_schema(disclosure.public_item(code=code, on=on or localdate()))


@router.get("/items/{code}/versions", response=list[Item], summary="某事项的全部已公布版本")
def versions(request: HttpRequest, code: str) -> list[Item]:
    return [item_schema(view) for view in disclosure.public_versions(code=code)]


@router.get("/changes", response=ChangePage, summary="公布的变化，新者在前")
def changes(
    request: HttpRequest,
    body_code: Annotated[str, Query(max_length=32)] = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    limit: Limit = 50,
) -> ChangePage:
    list_id = disclosure.public_list(body_code=body_code, on=localdate()).list_id if body_code else None
    rows = disclosure.published_changes(list_id=list_id, before_id=before, limit=limit + 1)
    shown = rows[:limit]
    return ChangePage(
        changes=[
            PublishedChange(
                id=number,
                edition=Edition.from_orm(one.edition),
                item_code=one.item_code,
                name=one.name,
                action=one.action,
                action_label=one.action_label,
                changes=[Change.from_orm(change) for change in one.changes],
            )
            for number, one in shown
        ],
        next_before=shown[-1][0] if len(rows) > limit else None,
    )
