"""公开的读取：任何人可见的现行清单、事项、历史与变化。Only published versions; no scope, because all of it is public.

What is withheld by law (``selectors/withheld``) is left out and counted; ``with_withheld`` is for callers of the desk.
``on`` is the date asked for. ``known_at`` answers what the public site would have shown at that moment: publications made later
are left out and endings registered later are undone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db.models import Count, Max, Q, QuerySet

from quanze.apps.catalog.domain.base_lists import POWER_LIST
from quanze.apps.catalog.domain.drafts import FieldChange, changes
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS
from quanze.apps.catalog.models import ItemVersion, ListEdition, PowerItem, PublishRecord
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.apps.catalog.selectors.lists import VersionView, in_force, version_view
from quanze.apps.catalog.selectors.withheld import disclosed, withheld
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class PublicList:
    """公开清单：机构、现行数量、版次、文号、施行日期、摘要；``withheld`` 为依法不公开而没有计入的项数（含子项）。"""

    list_id: int
    body_id: int
    body_code: str
    body_name: str
    body_kind: str
    region_name: str
    items: int
    subitems: int
    edition: EditionView
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class EditionView:
    """清单版次。"""

    id: int
    list_id: int
    number: int
    document_number: str
    issued_on: date
    valid_from: date
    is_correction: bool
    note: str
    items: int
    subitems: int
    digest: str
    digest_algorithm: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class PublicItem:
    """公开事项一行。"""

    item_id: int
    code: str
    parent_id: int | None
    version_id: int
    number: int
    name: str
    power_type: str
    node_kind: str
    seq: str
    exercising_body: str
    lead_division: str
    body_id: int
    body_name: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class PublishedChange:
    """一次公布中某事项的变化，逐字段新旧对照。"""

    edition: EditionView
    item_code: str
    name: str
    action: str
    action_label: str
    changes: tuple[FieldChange, ...]


def published(on: date, known_at: datetime | None = None) -> Q:
    """某日有效的已公布版本；``known_at`` 限于当时已公布的情形。"""
    return in_force(on, known_at)


# A base (目录范本) is what lists are made from: it holds powers of nobody, so nothing of it counts or shows as one.
_POWERS = Q(item__power_list__list_type=POWER_LIST)


def edition_view(row: ListEdition) -> EditionView:
    """版次。"""
    return EditionView(
        id=row.pk,
        list_id=row.power_list_id,
        number=row.number,
        document_number=row.document_number,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        is_correction=row.is_correction,
        note=row.note,
        items=row.item_count,
        subitems=row.subitem_count,
        digest=row.digest,
        digest_algorithm=row.digest_algorithm,
        published_at=row.published_at,
    )


def editions(list_id: int) -> list[EditionView]:
    """清单的全部版次，新者在前。"""
    return [edition_view(row) for row in ListEdition.objects.filter(power_list_id=list_id).order_by("-number")]


def edition(edition_id: int) -> EditionView:
    """一个版次。"""
    row = ListEdition.objects.filter(pk=edition_id).first()
    if row is None:
        raise NotFound("没有这个版次", hint="请从清单的版次列表中打开。")
    return edition_view(row)


def public_lists(
    *,
    on: date,
    known_at: datetime | None = None,
    body_ids: Iterable[int] | None = None,
    with_withheld: bool = False,
) -> list[PublicList]:
    """某日已施行的清单，每机构一份，含当日版次与数量；``known_at`` 限于当时已公布的情形。"""
    rows = ListEdition.objects.filter(valid_from__lte=on, power_list__list_type=POWER_LIST)
    if known_at is not None:
        rows = rows.filter(published_at__lte=known_at)
    if body_ids is not None:
        rows = rows.filter(power_list__body_id__in=list(body_ids))
    latest = rows.values("power_list_id").annotate(n=Max("number")).values_list("power_list_id", "n")
    wanted = dict(latest)
    found = [
        row
        for row in rows.select_related("power_list__body__region").order_by(
            "power_list__body__region__code", "power_list__body__ordinal", "power_list__body__code", "-number"
        )
        if wanted.get(row.power_list_id) == row.number
    ]
    counts = _counts(wanted, on, known_at, with_withheld=with_withheld)
    return [
        PublicList(
            list_id=row.power_list_id,
            body_id=row.power_list.body_id,
            body_code=row.power_list.body.code,
            body_name=row.power_list.body.name,
            body_kind=row.power_list.body.kind,
            region_name=row.power_list.body.region.name,
            items=counts[row.power_list_id][0],
            subitems=counts[row.power_list_id][1],
            edition=edition_view(row),
            withheld=counts[row.power_list_id][2],
        )
        for row in found
    ]


def _counts(
    list_ids: Iterable[int], on: date, known_at: datetime | None, *, with_withheld: bool
) -> dict[int, tuple[int, int, int]]:
    """各清单某日的主项（含单项）数、子项数、依法不公开而没有计入的项数。"""
    found = dict.fromkeys(list_ids, (0, 0, 0))
    rows = ItemVersion.objects.filter(published(on, known_at), item__power_list_id__in=list(found))
    is_sub, is_hidden = Q(node_kind="sub"), Q(pk__in=[]) if with_withheld else withheld()
    counted = rows.values_list("item__power_list_id").annotate(
        mains=Count("item_id", filter=~is_sub & ~is_hidden),
        subs=Count("item_id", filter=is_sub & ~is_hidden),
        hidden=Count("item_id", filter=is_hidden),
    )
    found.update({list_id: (mains, subs, hidden) for list_id, mains, subs, hidden in counted})
    return found


def public_list(*, body_code: str, on: date, known_at: datetime | None = None) -> PublicList:
    """某机构某日的清单；没有施行的答为没有。"""
    body_ids = PowerItem.objects.filter(power_list__body__code=body_code).values_list("power_list__body_id", flat=True)[
        :1
    ]
    found = public_lists(on=on, known_at=known_at, body_ids=list(body_ids))
    if not found:
        raise NotFound("该机构在这一天没有施行的清单", hint="请换一个日期，或从机构名录中选择。")
    return found[0]


def _items(rows: QuerySet[ItemVersion]) -> list[PublicItem]:
    return [
        PublicItem(
            item_id=row.item_id,
            code=row.item.code,
            parent_id=row.item.parent_id,
            version_id=row.pk,
            number=row.number or 0,
            name=row.name,
            power_type=row.power_type,
            node_kind=row.node_kind,
            seq=row.seq,
            exercising_body=row.exercising_body,
            lead_division=row.lead_division,
            body_id=row.item.power_list.body_id,
            body_name=row.item.power_list.body.name,
            ordinal=row.item.ordinal,
        )
        for row in rows
    ]


def public_items(
    *,
    on: date,
    known_at: datetime | None = None,
    list_id: int | None = None,
    text: str = "",
    any_word: Iterable[str] = (),
    power_type: str = "",
    body_id: int | None = None,
    after: tuple[int, int] | None = None,
    limit: int = 50,
) -> list[PublicItem]:
    """某日现行事项的一页；按清单内次序，跨清单搜索时按事项编号。

    Every word of ``text`` must occur; of ``any_word`` one in the name is enough. ``after`` is the (ordinal, item_id) of
    the last row of the page before.
    """
    rows = ItemVersion.objects.filter(published(on, known_at), _POWERS, disclosed())
    rows = rows.select_related("item__power_list__body")
    if list_id is not None:
        rows = rows.filter(item__power_list_id=list_id)
    if body_id is not None:
        rows = rows.filter(item__power_list__body_id=body_id)
    for word in text.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(plain_summary__icontains=word) | Q(power_code=word) | Q(item__code=word)
        )
    words = [Q(name__contains=word) for word in any_word]
    if words:
        rows = rows.filter(reduce(or_, words))
    if power_type:
        rows = rows.filter(power_type=power_type)
    if after is not None:
        rows = rows.filter(Q(item__ordinal__gt=after[0]) | Q(item__ordinal=after[0], item_id__gt=after[1]))
    return _items(rows.order_by("item__ordinal", "item_id")[:limit])


def public_item(*, code: str, on: date, known_at: datetime | None = None) -> VersionView:
    """某事项某日的现行版本；当日未施行的，取已公布版本中最近的一个（页面说明其状态）。"""
    rows = with_content(
        ItemVersion.objects.filter(_POWERS, disclosed(), item__code=code, state="published").select_related(
            "item__power_list__body"
        )
    )
    row = rows.filter(published(on, known_at)).first() or rows.order_by("-number").first()
    if row is None:
        raise NotFound("没有这个事项", hint="请从清单或搜索中打开。")
    return version_view(row)


def public_versions(*, code: str) -> list[VersionView]:
    """某事项的全部已公布版本，新者在前。"""
    rows = with_content(
        ItemVersion.objects.filter(_POWERS, disclosed(), item__code=code, state="published").select_related(
            "item__power_list__body"
        )
    )
    return [version_view(row) for row in rows.order_by("-number")]


def public_names(item_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """公布过、没有依法不公开的事项：编号 → 标识与最近公布的名称。Drafts are not looked at."""
    rows = ItemVersion.objects.filter(_POWERS, disclosed(), item_id__in=list(item_ids), state="published")
    found: dict[int, tuple[str, str]] = {}
    for item_id, code, name in rows.order_by("item_id", "number").values_list("item_id", "item__code", "name"):
        found[item_id] = (code, name)
    return found


def list_contents(
    *, list_id: int, on: date, known_at: datetime | None = None, with_withheld: bool = False
) -> list[VersionView]:
    """清单某日的全部现行事项与内容，供下载、打印与归档。Five queries, whatever the size."""
    rows = with_content(
        ItemVersion.objects.filter(published(on, known_at), item__power_list_id=list_id).select_related(
            "item__power_list__body"
        )
    )
    if not with_withheld:
        rows = rows.filter(disclosed())
    return [version_view(row) for row in rows.order_by("item__ordinal", "item_id")]


def published_changes(
    *,
    list_id: int | None = None,
    item_code: str = "",
    edition_ids: Iterable[int] | None = None,
    before_id: int | None = None,
    limit: int = 50,
    with_withheld: bool = False,
) -> list[tuple[int, PublishedChange]]:
    """公布的变化，新者在前；首项为翻页用的日志编号。"""
    rows = PublishRecord.objects.select_related("edition", "item").order_by("-id")
    if not with_withheld:
        rows = rows.filter(disclosed())
    if list_id is not None:
        rows = rows.filter(edition__power_list_id=list_id)
    else:
        rows = rows.filter(edition__power_list__list_type=POWER_LIST)
    if item_code:
        rows = rows.filter(item__code=item_code)
    if edition_ids is not None:
        rows = rows.filter(edition_id__in=list(edition_ids))
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    records = list(rows[:limit])
    ids = {v for record in records for v in (record.old_version_id, record.new_version_id) if v is not None}
    versions = {row.pk: row for row in with_content(ItemVersion.objects.filter(id__in=ids))}
    found = []
    for record in records:
        old = versions.get(record.old_version_id) if record.old_version_id else None
        new = versions.get(record.new_version_id) if record.new_version_id else None
        shown = new or old
        found.append(
            (
                record.pk,
                PublishedChange(
                    edition=edition_view(record.edition),
                    item_code=record.item.code,
                    name=shown.name if shown else record.item.code,
                    action=record.action,
                    action_label=ENTRY_ACTIONS[record.action],
                    changes=_told(changes(content_of(old) if old else None, content_of(new))) if new else (),
                ),
            )
        )
    return found


def type_counts(
    *,
    on: date,
    known_at: datetime | None = None,
    list_ids: Iterable[int] | None = None,
    with_withheld: bool = False,
) -> dict[str, int]:
    """某日各类型的主项与单项数。"""
    rows = ItemVersion.objects.filter(published(on, known_at), _POWERS).exclude(node_kind="sub")
    if not with_withheld:
        rows = rows.filter(disclosed())
    if list_ids is not None:
        rows = rows.filter(item__power_list_id__in=list(list_ids))
    return dict(rows.values_list("power_type").annotate(n=Count("id")).order_by("power_type"))


def hotline_of(*, list_id: int, on: date) -> str:
    """清单写得最多的监督电话；都没有写为空。"""
    rows = ItemVersion.objects.filter(published(on), disclosed(), item__power_list_id=list_id).exclude(hotline="")
    found = rows.values_list("hotline").annotate(times=Count("id")).order_by("-times", "hotline").first()
    return found[0] if found else ""


def version_periods() -> dict[str, tuple[tuple[int, date, date | None], ...]]:
    """事项编号 → 各公布版本的版本号与有效期 [起, 止)，先者在前。"""
    rows = ItemVersion.objects.filter(_POWERS, disclosed(), state="published")
    rows = rows.order_by("item__code", "valid_from", "id")
    found: dict[str, list[tuple[int, date, date | None]]] = {}
    for code, number, start, end in rows.values_list("item__code", "number", "valid_from", "valid_to"):
        if start is not None:
            found.setdefault(code, []).append((number or 0, start, end))
    return {code: tuple(periods) for code, periods in found.items()}


def _told(found: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    """对外说的改动：不公开的要素不说。"""
    return tuple(one for one in found if one.field not in FIELDS.private)
