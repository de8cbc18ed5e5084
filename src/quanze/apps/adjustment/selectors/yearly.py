"""年度目录的读取：截止日现行的各清单，全年的调整，部门核对的情况。"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quanze.apps.adjustment.domain.lifecycles import YEARLY_FLOW
from quanze.apps.adjustment.models import CatalogueCheck, YearlyCatalogue
from quanze.apps.catalog import public as catalog
from quanze.core.actor import Actor, Scope
from quanze.core.errors import Conflict, NotFound
from quanze.core.sealing import content_digest


@dataclass(frozen=True, slots=True)
class CatalogueLine:
    """目录里一个机构的一行：清单、版次、文号、项数、各类项数。"""

    body_id: int
    body_code: str
    body_name: str
    list_id: int
    edition_number: int
    document_number: str
    items: int
    subitems: int
    types: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class YearChange:
    """全年的一次公布：机构、文号、施行日、各种改动的项数。"""

    body_name: str
    document_number: str
    valid_from: date
    counts: tuple[tuple[str, int], ...]


def _seen(scope: Scope, row: YearlyCatalogue) -> bool:
    """编制机构、所含机构看得见；印发之后人人看得见。"""
    return (
        row.state == "issued"
        or scope.covers(row.owner_body_id)
        or any(scope.covers(body_id) for body_id in row.body_ids)
    )


def find(*, catalogue_id: int, actor: Actor, seen_version: int | None = None, lock: bool = False) -> YearlyCatalogue:
    """看得见的年度目录（可锁定）；看不见的答为没有。"""
    rows = YearlyCatalogue.objects.all()
    if lock:
        rows = rows.select_for_update()
    row = rows.filter(pk=catalogue_id).first()
    if row is None or not _seen(actor.scope, row):
        raise NotFound("没有这本年度目录", hint="请从“动态调整 → 年度目录”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("年度目录在您打开之后已有办理", hint="请刷新页面后再办。")
    return row


def catalogues(*, scope: Scope) -> list[YearlyCatalogue]:
    """看得见的年度目录，新者在前。"""
    return [row for row in YearlyCatalogue.objects.all() if _seen(scope, row)]


def checks_of(*, catalogue_id: int, scope: Scope) -> list[CatalogueCheck]:
    """部门核对的情况：本范围的机构。"""
    rows = CatalogueCheck.objects.filter(catalogue_id=catalogue_id)
    if not scope.is_all:
        rows = rows.filter(body_id__in=scope.body_ids)
    return list(rows)


def _lists(row: YearlyCatalogue) -> list[catalog.PublicList]:
    """截止日现行的清单，依法不公开的也在内：目录是内部文件，要与现行的全部事项一致。"""
    return catalog.public_lists(on=row.cut_off, known_at=row.issued_at, with_withheld=True)


def lines_of(row: YearlyCatalogue) -> list[CatalogueLine]:
    """目录的各行：截止日现行的清单。Issued: as known when it was issued, so that what came later changes nothing."""
    known_at = row.issued_at
    wanted = set(row.body_ids)
    lists = [one for one in _lists(row) if one.body_id in wanted]
    labels = {one.code: one.label for one in catalog.power_types().types}
    found = []
    for one in lists:
        counts = catalog.type_counts(on=row.cut_off, known_at=known_at, list_ids=[one.list_id], with_withheld=True)
        types = tuple((label, counts[code]) for code, label in labels.items() if counts.get(code))
        found.append(
            CatalogueLine(
                one.body_id,
                one.body_code,
                one.body_name,
                one.list_id,
                one.edition.number,
                one.edition.document_number,
                one.items,
                one.subitems,
                types,
            )
        )
    return found


def contents_of(row: YearlyCatalogue, list_id: int) -> list[catalog.VersionView]:
    """一份清单截止日现行的全部事项。"""
    return catalog.list_contents(list_id=list_id, on=row.cut_off, known_at=row.issued_at, with_withheld=True)


def digest_of(row: YearlyCatalogue, lines: Sequence[CatalogueLine], algorithm: str) -> str:
    """目录摘要：各机构、各事项的标识、版本与内容摘要，连同年度与截止日。"""
    entries = [
        [
            line.body_code,
            line.edition_number,
            [[one.item_code, one.number, one.content_hash] for one in contents_of(row, line.list_id)],
        ]
        for line in lines
    ]
    return content_digest({"year": row.year, "cut_off": row.cut_off.isoformat(), "lists": entries}, algorithm)


def changes_of(row: YearlyCatalogue, lines: Sequence[CatalogueLine], *, limit: int = 500) -> list[YearChange]:
    """全年各清单的公布：施行日在本年度截止日之前的。"""
    start = date(row.year, 1, 1)
    found = []
    for line in lines:
        for recent in catalog.recent_editions(list_id=line.list_id, limit=limit, with_withheld=True):
            if start <= recent.edition.valid_from <= row.cut_off:
                found.append(
                    YearChange(
                        line.body_name, recent.edition.document_number, recent.edition.valid_from, recent.counted
                    )
                )
    return sorted(found, key=lambda one: (one.valid_from, one.body_name))


def totals(changes: Sequence[YearChange]) -> list[tuple[str, int]]:
    """全年各种改动的项数。"""
    counted: Counter[str] = Counter()
    for one in changes:
        counted.update(dict(one.counts))
    return sorted(counted.items(), key=lambda pair: -pair[1])


def state_label(row: YearlyCatalogue) -> str:
    return YEARLY_FLOW.states[row.state]
