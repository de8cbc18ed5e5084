"""机构名录的读取。Names of bodies, divisions and regions are open to everyone who is signed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q, QuerySet

from quanze.apps.org.domain import RegionLevel
from quanze.apps.org.models import Body, BodyFunction, Division, Region


@dataclass(frozen=True, slots=True)
class BodyView:
    """机构：编号、编码、名称、简称、种类、区划（编号、代码、名称、层级）、机关代字。"""

    id: int
    code: str
    name: str
    short_name: str
    kind: str
    region_id: int
    region_code: str
    region_name: str
    region_level: str
    document_mark: str
    valid_from: date
    valid_to: date | None

    @property
    def label(self) -> str:
        return self.short_name or self.name


@dataclass(frozen=True, slots=True)
class DivisionView:
    """内设机构：编号、机构、编码、名称。"""

    id: int
    body_id: int
    code: str
    name: str


def current(on: date) -> Q:
    """某日有效：左闭右开。"""
    return Q(valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _body_view(row: Body) -> BodyView:
    return BodyView(
        id=row.pk,
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        region_id=row.region_id,
        region_code=row.region.code,
        region_name=row.region.name,
        region_level=row.region.level,
        document_mark=row.document_mark,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def bodies(*, on: date | None = None, kinds: Iterable[str] = (), region_id: int | None = None) -> list[BodyView]:
    """机构名录，按区划与排序；``on`` 只取该日存续者。"""
    rows: QuerySet[Body] = Body.objects.select_related("region")
    if on is not None:
        rows = rows.filter(current(on))
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if region_id is not None:
        rows = rows.filter(region_id=region_id)
    return [_body_view(row) for row in rows]


def bodies_by_ids(body_ids: Iterable[int]) -> dict[int, BodyView]:
    """按编号批量取机构。"""
    return {row.pk: _body_view(row) for row in Body.objects.select_related("region").filter(id__in=list(body_ids))}


def body_named(text: str) -> BodyView | None:
    """按编码、名称或简称找一个机构；没有或不唯一时为 None。"""
    rows = list(Body.objects.select_related("region").filter(Q(code=text) | Q(name=text) | Q(short_name=text))[:2])
    return _body_view(rows[0]) if len(rows) == 1 else None


def bodies_by_codes(codes: Iterable[str]) -> dict[str, BodyView]:
    """按编码批量取机构。"""
    return {row.code: _body_view(row) for row in Body.objects.select_related("region").filter(code__in=list(codes))}


def divisions_of(body_ids: Iterable[int], *, on: date) -> list[DivisionView]:
    """某日存续的内设机构。"""
    rows = Division.objects.filter(current(on), body_id__in=list(body_ids))
    return [DivisionView(row.pk, row.body_id, row.code, row.name) for row in rows]


def subtree(body_id: int, *, on: date) -> frozenset[int]:
    """机构及其当日全部下级。One recursive query, whatever the depth."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE below(id) AS (
                SELECT CAST(%s AS BIGINT)
                UNION
                SELECT edge.body_id FROM org_bodyparent edge JOIN below ON edge.parent_id = below.id
                WHERE edge.valid_from <= %s AND (edge.valid_to IS NULL OR edge.valid_to > %s)
            ) SELECT id FROM below
            """,
            [body_id, on, on],
        )
        return frozenset(row[0] for row in cursor.fetchall())


def counties_of(body_ids: Iterable[int]) -> dict[int, str]:
    """各机构所在的县（市、区）名称；市级机构为市名。"""
    rows = Body.objects.select_related("region__parent").filter(id__in=list(body_ids))
    return {
        row.pk: row.region.parent.name
        if row.region.level == RegionLevel.TOWN and row.region.parent
        else row.region.name
        for row in rows
    }


def siblings_of(body_id: int, *, on: date) -> list[BodyView]:
    """可比机构：同区划层级、同种类、当日存续的其他机构。"""
    me = Body.objects.select_related("region").get(pk=body_id)
    rows = (
        Body.objects.select_related("region")
        .filter(current(on), kind=me.kind, region__level=me.region.level)
        .exclude(pk=body_id)
    )
    return [_body_view(row) for row in rows]


def region_chain(region_id: int) -> list[Region]:
    """区划及其各级上级，由近及远。"""
    chain: list[Region] = []
    current: Region | None = Region.objects.select_related("parent__parent__parent").get(pk=region_id)
    while current is not None:
        chain.append(current)
        current = current.parent
    return chain


def body_performing(role: str, *, for_body_id: int) -> int | None:
    """承担某审查角色的机构：自本区划逐级向上，取最近的一个。"""
    body = Body.objects.get(pk=for_body_id)
    chain = region_chain(body.region_id)
    found = dict(BodyFunction.objects.filter(role=role, region__in=chain).values_list("region_id", "body_id"))
    return next((found[region.pk] for region in chain if region.pk in found), None)
