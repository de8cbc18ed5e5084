"""事项页所需：主项与子项、拟取消、原始单元格。"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from quanze.apps.catalog.models import ItemVersion, PowerItem, SourceCell
from quanze.apps.catalog.selectors.lists import _scoped
from quanze.core.actor import Scope
from quanze.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Relative:
    """同一家族的事项：主项或子项。"""

    item_id: int
    code: str
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Family:
    """事项的主项、子项、拟取消理由；``is_ending_under_review`` 表示取消正在送审，不能撤销。"""

    parent: Relative | None
    subitems: tuple[Relative, ...]
    ending_reason: str
    ending_at: datetime | None
    is_ending_under_review: bool = False


@dataclass(frozen=True, slots=True)
class SourceView:
    """原始单元格：版本、文件、工作表、行、原文。"""

    version_id: int
    file_name: str
    sheet: str
    row: int
    cells: Mapping[str, str]


def family_of(*, item_id: int, scope: Scope) -> Family:
    """主项、子项与拟取消；看不见的答为没有。"""
    item = (
        PowerItem.objects.filter(_scoped(scope, "power_list__body_id"), pk=item_id)
        .select_related("parent", "ending")
        .first()
    )
    if item is None:
        raise NotFound("没有这个事项", hint="请从清单中打开。")
    relatives = list(item.subitems.all())
    wanted = [*(relative.pk for relative in relatives), *([item.parent_id] if item.parent_id else [])]
    newest: dict[int, ItemVersion] = {}
    for version in ItemVersion.objects.filter(item_id__in=wanted).exclude(state="discarded").order_by("id"):
        newest[version.item_id] = version

    def relative(row: PowerItem) -> Relative | None:
        version = newest.get(row.pk)
        return Relative(row.pk, row.code, version.name, version.state) if version else None

    ending = getattr(item, "ending", None)
    return Family(
        parent=relative(item.parent) if item.parent else None,
        subitems=tuple(found for row in relatives if (found := relative(row)) is not None),
        ending_reason=ending.reason if ending else "",
        ending_at=ending.created_at if ending else None,
        is_ending_under_review=ending is not None
        and item.submission_items.filter(action="cancel", submission__state__in=["in_review", "returned"]).exists(),
    )


def sources_of(version_ids: Iterable[int]) -> list[SourceView]:
    """各版本的原始单元格，新者在前（调用者已核对范围）。"""
    rows = SourceCell.objects.filter(version_id__in=list(version_ids)).order_by("-version_id")
    return [SourceView(row.version_id, row.file_name, row.sheet, row.row, row.cells) for row in rows]


@dataclass(frozen=True, slots=True)
class ParentChoice:
    """可选的主项。"""

    item_id: int
    name: str


def was_published(*, item_id: int) -> bool:
    """公布过没有（调用者已核对范围）。"""
    return ItemVersion.objects.filter(item_id=item_id, number__isnull=False).exists()


def parent_choices(*, list_id: int, scope: Scope, without: int | None = None) -> list[ParentChoice]:
    """本清单可作主项的事项，按清单次序；``without`` 为事项自己。"""
    rows = PowerItem.objects.filter(
        _scoped(scope, "power_list__body_id"), power_list_id=list_id, parent__isnull=True
    ).order_by("ordinal", "id")
    names: dict[int, str] = {}
    versions = ItemVersion.objects.filter(item__in=rows).exclude(state__in=["discarded", "superseded"]).order_by("id")
    for item_id, name in versions.values_list("item_id", "name"):
        names[item_id] = name
    return [ParentChoice(row.pk, names[row.pk]) for row in rows if row.pk in names and row.pk != without]
