"""机构名录的载入：区划、机构、隶属、内设机构与职能承担，成批写入，一批一条记录。"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from quanze.apps.org.models import Body, BodyFunction, BodyParent, Division, Region
from quanze.apps.org.services.body_history import bodies_begun
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput

audit.register_action("org.directory.loaded", "载入机构名录")


@dataclass(frozen=True, slots=True)
class RegionRow:
    """区划行：上级以代码指明，须先于下级出现。"""

    code: str
    name: str
    level: str
    parent_code: str = ""


@dataclass(frozen=True, slots=True)
class BodyRow:
    """机构行：区划与上级机构以代码指明。"""

    code: str
    name: str
    kind: str
    region_code: str
    valid_from: date
    short_name: str = ""
    parent_code: str = ""
    document_mark: str = ""
    ordinal: int = 0
    divisions: tuple[tuple[str, str], ...] = ()
    functions: tuple[str, ...] = ()


@transaction.atomic
def directory_load(
    *, actor: Actor, regions: Sequence[RegionRow], bodies: Sequence[BodyRow], now: datetime
) -> dict[str, int]:
    """载入名录：区划、机构、隶属、内设机构、职能承担。已有的编码不重复建立。返回机构编码到编号的对照。"""
    for region in regions:
        if region.parent_code and not Region.objects.filter(code=region.parent_code).exists():
            raise InvalidInput(
                f"区划“{region.name}”的上级代码“{region.parent_code}”不存在",
                hint="请先列出上级区划。",
                code="region_parent_unknown",
            )
        parent = Region.objects.get(code=region.parent_code) if region.parent_code else None
        Region.objects.get_or_create(
            code=region.code, defaults={"name": region.name, "level": region.level, "parent": parent}
        )
    region_ids = dict(Region.objects.values_list("code", "id"))
    known = set(Body.objects.values_list("code", flat=True))
    fresh = [row for row in bodies if row.code not in known]
    for row in fresh:
        if row.region_code not in region_ids:
            raise InvalidInput(
                f"机构“{row.name}”的区划代码“{row.region_code}”不存在",
                hint="请先载入该区划。",
                code="body_region_unknown",
            )
    Body.objects.bulk_create(
        Body(
            code=row.code,
            name=row.name,
            short_name=row.short_name,
            kind=row.kind,
            region_id=region_ids[row.region_code],
            document_mark=row.document_mark,
            ordinal=row.ordinal,
            valid_from=row.valid_from,
        )
        for row in fresh
    )
    body_ids = dict(Body.objects.values_list("code", "id"))
    edges = []
    for row in fresh:
        if not row.parent_code:
            continue
        if row.parent_code not in body_ids:
            raise InvalidInput(
                f"机构“{row.name}”的上级机构编码“{row.parent_code}”不存在",
                hint="请先列出上级机构。",
                code="body_parent_unknown",
            )
        edges.append(
            BodyParent(body_id=body_ids[row.code], parent_id=body_ids[row.parent_code], valid_from=row.valid_from)
        )
    BodyParent.objects.bulk_create(edges)
    bodies_begun(
        Body.objects.filter(code__in=[row.code for row in fresh]),
        parents={edge.body_id: edge.parent_id for edge in edges},
        actor=actor,
        now=now,
    )
    Division.objects.bulk_create(
        Division(body_id=body_ids[row.code], code=code, name=name, ordinal=ordinal, valid_from=row.valid_from)
        for row in fresh
        for ordinal, (code, name) in enumerate(row.divisions)
    )
    BodyFunction.objects.bulk_create(
        BodyFunction(region_id=region_ids[row.region_code], role=role, body_id=body_ids[row.code])
        for row in fresh
        for role in row.functions
    )
    audit.record(
        actor=actor,
        action="org.directory.loaded",
        subject=audit.SubjectRef("org.directory", 0, "机构名录", None),
        after={"regions": len(regions), "bodies": len(fresh)},
        now=now,
    )
    return body_ids
