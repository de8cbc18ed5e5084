"""清单与事项的读取：工作台上看得见的清单、草稿、现行事项与历史。"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from quanze.apps.catalog.domain.base_lists import BASE_LIST, LIST_TYPE_LABELS
from quanze.apps.catalog.domain.items import ItemContent
from quanze.apps.catalog.models import ItemVersion, ListEdition, PowerItem, PowerList, Submission
from quanze.apps.catalog.selectors.contents import content_of, with_content
from quanze.core.actor import Scope
from quanze.core.errors import Conflict, NotFound

WORKING_STATES = ("draft", "frozen", "returned")


def in_force(on: date, known_at: datetime | None = None) -> Q:
    """某日有效的已公布版本；``known_at`` 限于当时已公布的情形：以后才公布的不算，以后才登记的失效不算。"""
    if known_at is None:
        return Q(state="published", valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))
    return Q(state="published", valid_from__lte=on, published_at__lte=known_at) & (
        Q(valid_to__isnull=True) | Q(valid_to__gt=on) | Q(ended_at__gt=known_at)
    )


def working_or_in_force(on: date) -> Q:
    """在编的版本，没有的取某日现行的。"""
    working = ItemVersion.objects.filter(item=OuterRef("item"), state__in=WORKING_STATES)
    return Q(state__in=WORKING_STATES) | (in_force(on) & ~Q(Exists(working)))


def _scoped(scope: Scope, path: str) -> Q:
    return Q() if scope.is_all else Q(**{f"{path}__in": scope.body_ids})


@dataclass(frozen=True, slots=True)
class ListView:
    """清单：机构、类型、模板、程序；现行与在编数量、当前版次。"""

    id: int
    body_id: int
    body_name: str
    body_kind: str
    region_name: str
    list_type: str
    template: str
    procedure: str
    in_force_items: int
    in_force_subitems: int
    working: int
    edition_number: int | None
    document_number: str
    issued_on: date | None
    valid_from: date | None
    open_submission_id: int | None
    lock_version: int

    @property
    def type_label(self) -> str:
        """权责清单，或目录范本。"""
        return LIST_TYPE_LABELS.get(self.list_type, self.list_type)

    @property
    def title(self) -> str:
        """某机构权责清单。"""
        return f"{self.body_name}{self.type_label}"

    @property
    def is_base(self) -> bool:
        return self.list_type == BASE_LIST


@dataclass(frozen=True, slots=True)
class VersionView:
    """事项版本：身份、状态、有效期、内容。"""

    id: int
    item_id: int
    item_code: str
    parent_id: int | None
    list_id: int
    body_id: int
    body_name: str
    state: str
    number: int | None
    valid_from: date | None
    valid_to: date | None
    published_at: datetime | None
    change_note: str
    author_name: str
    updated_at: datetime
    content_hash: str
    lock_version: int
    content: ItemContent


def counts_in_force(list_ids: Iterable[int], on: date) -> dict[int, tuple[int, int]]:
    """各清单某日的主项（含单项）数与子项数；没有的为 (0, 0)。"""
    found = dict.fromkeys(list_ids, (0, 0))
    rows = (
        ItemVersion.objects.filter(in_force(on), item__power_list_id__in=list(found))
        .values_list("item__power_list_id")
        .annotate(mains=Count("item_id", filter=~Q(node_kind="sub")), subs=Count("item_id", filter=Q(node_kind="sub")))
    )
    found.update({list_id: (mains, subs) for list_id, mains, subs in rows})
    return found


def lists(
    *,
    scope: Scope,
    on: date,
    list_id: int | None = None,
    list_ids: Iterable[int] | None = None,
    body_ids: Iterable[int] | None = None,
    list_type: str = "",
) -> list[ListView]:
    """看得见的清单与其数量，按区划与机构排序。A fixed number of queries whatever the number of lists."""
    rows = PowerList.objects.filter(_scoped(scope, "body_id")).select_related("body__region")
    if list_id is not None:
        rows = rows.filter(pk=list_id)
    if list_ids is not None:
        rows = rows.filter(pk__in=list(list_ids))
    if body_ids is not None:
        rows = rows.filter(body_id__in=list(body_ids))
    if list_type:
        rows = rows.filter(list_type=list_type)
    rows = rows.order_by("body__region__code", "body__ordinal", "body__code", "list_type")
    found = list(rows)
    ids = [row.pk for row in found]
    counts = counts_in_force(ids, on)
    working = dict(
        ItemVersion.objects.filter(state__in=WORKING_STATES, item__power_list_id__in=ids)
        .values_list("item__power_list_id")
        .annotate(n=Count("id"))
    )
    editions: dict[int, ListEdition] = {}
    for edition in ListEdition.objects.filter(power_list_id__in=ids).order_by("power_list_id", "number"):
        editions[edition.power_list_id] = edition
    submissions = dict(
        Submission.objects.filter(power_list_id__in=ids, state__in=["in_review", "returned"]).values_list(
            "power_list_id", "id"
        )
    )
    return [
        ListView(
            id=row.pk,
            body_id=row.body_id,
            body_name=row.body.name,
            body_kind=row.body.kind,
            region_name=row.body.region.name,
            list_type=row.list_type,
            template=row.template,
            procedure=row.procedure,
            in_force_items=counts[row.pk][0],
            in_force_subitems=counts[row.pk][1],
            working=working.get(row.pk, 0),
            edition_number=editions[row.pk].number if row.pk in editions else None,
            document_number=editions[row.pk].document_number if row.pk in editions else "",
            issued_on=editions[row.pk].issued_on if row.pk in editions else None,
            valid_from=editions[row.pk].valid_from if row.pk in editions else None,
            open_submission_id=submissions.get(row.pk),
            lock_version=row.lock_version,
        )
        for row in found
    ]


def list_view(*, list_id: int, scope: Scope, on: date) -> ListView:
    """一份清单；看不见的答为没有。"""
    found = lists(scope=scope, on=on, list_id=list_id)
    if not found:
        raise NotFound("没有这份清单", hint="请从“清单编制”中打开。")
    return found[0]


def list_for_update(*, list_id: int, scope: Scope, seen_version: int | None = None) -> PowerList:
    """锁定清单。"""
    row = PowerList.objects.select_for_update().filter(_scoped(scope, "body_id"), pk=list_id).first()
    if row is None:
        raise NotFound("没有这份清单", hint="请从“清单编制”中打开。")
    if seen_version is not None and row.lock_version != seen_version:
        raise Conflict("清单在您打开之后已被改动", hint="请刷新页面后再办。")
    return row


def lock_items(list_id: int) -> None:
    """锁定清单的事项：起草某一项的人在此之前或之后，不会两边同时各写一份草稿。"""
    list(
        PowerItem.objects.select_for_update().filter(power_list_id=list_id).order_by("id").values_list("id", flat=True)
    )


def lock_working(list_id: int) -> None:
    """锁定清单的在编版本：读过之后、写完之前，别人的改动排在后面。"""
    items = PowerItem.objects.filter(power_list_id=list_id)
    rows = ItemVersion.objects.select_for_update().filter(item__in=items, state__in=WORKING_STATES)
    list(rows.order_by("id").values_list("id", flat=True))


def version_view(row: ItemVersion) -> VersionView:
    """版本全貌。"""
    return VersionView(
        id=row.pk,
        item_id=row.item_id,
        item_code=row.item.code,
        parent_id=row.item.parent_id,
        list_id=row.item.power_list_id,
        body_id=row.item.power_list.body_id,
        body_name=row.item.power_list.body.name,
        state=row.state,
        number=row.number,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        published_at=row.published_at,
        change_note=row.change_note,
        author_name=row.author_name,
        updated_at=row.updated_at,
        content_hash=row.content_hash,
        lock_version=row.lock_version,
        content=content_of(row),
    )


def _versions(scope: Scope) -> QuerySet[ItemVersion]:
    rows = ItemVersion.objects.filter(_scoped(scope, "item__power_list__body_id"))
    return with_content(rows.select_related("item__power_list__body"))


def versions_of_item(*, item_id: int, scope: Scope) -> list[VersionView]:
    """事项的全部版本，新者在前；看不见的答为没有。"""
    # By the identity: a number beyond the column, typed into the address, is then nobody's and no database error.
    items = PowerItem.objects.filter(pk=item_id)
    rows = list(_versions(scope).filter(item__in=items).order_by("-id"))
    if not rows:
        raise NotFound("没有这个事项", hint="请从清单中打开。")
    return [version_view(row) for row in rows]


def version_id_on(*, item_id: int, scope: Scope, on: date, known_at: datetime | None = None) -> int | None:
    """某事项某日有效（按某时所知）的版本编号；没有的为 None。"""
    rows = ItemVersion.objects.filter(_scoped(scope, "item__power_list__body_id"), in_force(on, known_at))
    return rows.filter(item_id=item_id).values_list("pk", flat=True).first()


def version(*, version_id: int, scope: Scope) -> VersionView:
    """一个版本；看不见的答为没有。"""
    row = _versions(scope).filter(pk=version_id).first()
    if row is None:
        raise NotFound("没有这个事项版本", hint="请从清单中打开。")
    return version_view(row)


def versions_by_ids(version_ids: Sequence[int]) -> dict[int, VersionView]:
    """按编号批量取版本（调用者已核对范围）。"""
    rows = with_content(ItemVersion.objects.filter(id__in=list(version_ids)).select_related("item__power_list__body"))
    return {row.pk: version_view(row) for row in rows}


def item_for_update(*, item_id: int, scope: Scope) -> PowerItem:
    """锁定事项；看不见的答为没有。"""
    rows = PowerItem.objects.select_for_update(of=("self",)).filter(_scoped(scope, "power_list__body_id"), pk=item_id)
    row = rows.select_related("power_list__body").first()
    if row is None:
        raise NotFound("没有这个事项", hint="请从清单中打开。")
    return row


def version_for_update(*, version_id: int, scope: Scope, seen_version: int) -> ItemVersion:
    """锁定版本；已被他人改动的答为冲突。"""
    rows = ItemVersion.objects.select_for_update(of=("self",)).filter(
        _scoped(scope, "item__power_list__body_id"), pk=version_id
    )
    row = rows.select_related("item__power_list__body").first()
    if row is None:
        raise NotFound("没有这个事项版本", hint="请从清单中打开。")
    if row.lock_version != seen_version:
        raise Conflict("事项在您打开之后已被改动", hint="请刷新页面，核对他人的改动后再保存。")
    return row
