"""命令行办理关联清单：按种类与机构找到清单与办理的人，再交给同一个服务。"""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.drift import ListDrift
from quanze.apps.catalog.models import DerivedList, EntryImport
from quanze.apps.catalog.selectors import derived as selectors
from quanze.apps.catalog.selectors.drift import drift_of
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.services import deriving, entry_importing
from quanze.apps.catalog.services.acting import actor_named
from quanze.apps.org import public as org
from quanze.core.actor import EVERYTHING
from quanze.core.errors import NotFound


def derived_list_named(*, kind: str, body: str) -> selectors.DerivedListView:
    """某机构的某种关联清单；种类写代码或名称，机构写名称或编码。"""
    types = list_types()
    code = next((one.code for one in types.types if kind in (one.code, one.label)), kind)
    label = types.of(code).label
    found = org.body_named(body)
    if found is None:
        raise NotFound(f"没有机构“{body}”，或不止一个", hint="请写机构全称或编码。")
    row = DerivedList.objects.filter(body_id=found.id, list_type=code).first()
    if row is None:
        raise NotFound(f"{found.name}没有{label}", hint="用 quanze derived list 看有哪些。")
    return selectors.derived_list_view(list_id=row.pk, scope=EVERYTHING, on=localdate(timezone.now()))


def all_derived_lists() -> list[selectors.DerivedListView]:
    """全部关联清单。"""
    return selectors.derived_lists(scope=EVERYTHING, on=localdate(timezone.now()))


def drift_named(*, kind: str, body: str) -> tuple[selectors.DerivedListView, ListDrift]:
    """现在核对一份清单，不写下。"""
    view = derived_list_named(kind=kind, body=body)
    (found,) = drift_of(scope=EVERYTHING, on=localdate(timezone.now()), list_ids=[view.id])
    return view, found


def proposal_named(
    *, kind: str, body: str, username: str, what: tuple[str, ...]
) -> tuple[deriving.Proposal, deriving.Derived | None]:
    """派生提议；写了以谁的名义的，落实所选几类。"""
    view, now = derived_list_named(kind=kind, body=body), timezone.now()
    if not username:
        return deriving.proposal_from(drift_named(kind=kind, body=body)[1]), None
    actor = actor_named(username, view.body_id, localdate(now))
    proposal = deriving.derived_propose(actor=actor, list_id=view.id, on=localdate(now))
    done = deriving.derived_apply(actor=actor, list_id=view.id, seen_token=proposal.token, what=what, now=now)
    return proposal, done


def table_named(*, kind: str, body: str, on: date | None) -> tuple[selectors.DerivedListView, list[list[str]]]:
    """一份清单的表头与各行；给了日期的只写那天现行的。"""
    view = derived_list_named(kind=kind, body=body)
    day = on or localdate(timezone.now())
    return view, entry_importing.table_rows(view, scope=EVERYTHING, on=day, is_in_force=on is not None)


def import_named(
    *, kind: str, body: str, username: str, data: bytes, file_name: str, is_applied: bool
) -> tuple[EntryImport, tuple[int, int] | None]:
    """读入一份表：逐行会怎样；``is_applied`` 写成草稿。"""
    view, now = derived_list_named(kind=kind, body=body), timezone.now()
    actor = actor_named(username, view.body_id, localdate(now))
    import_id = entry_importing.entries_import_preview(
        actor=actor, list_id=view.id, data=data, file_name=file_name, now=now
    )
    row = EntryImport.objects.get(pk=import_id)
    if not is_applied or not (row.changes or row.new):
        return row, None
    return row, entry_importing.entries_import_apply(actor=actor, import_id=import_id, seen_version=1, now=now)
