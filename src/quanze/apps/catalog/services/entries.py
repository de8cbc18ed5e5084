"""关联清单与条目的编制：建清单，列入条目，保存、放弃草稿，起草修改。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.entry_content import content_hash, not_tightened, read_content
from quanze.apps.catalog.domain.entry_lifecycles import ENTRY_FLOW
from quanze.apps.catalog.domain.list_types import ListType
from quanze.apps.catalog.models import DerivedEntry, DerivedEntryVersion, DerivedList
from quanze.apps.catalog.selectors.entry_locks import (
    derived_list_for_update,
    entries_for_update,
    entry_version_for_update,
)
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.apps.catalog.selectors.rests_on import sources_in_force, values_of
from quanze.apps.catalog.services.drift_storing import drift_listed
from quanze.apps.catalog.services.entry_storing import (
    REFERENCES,
    Basis,
    NewEntryVersion,
    bases_on,
    bump,
    current_sources,
    entry_code,
    entry_ref,
    held_of,
    kind_of,
    list_ref,
    next_ordinals,
    require_keeper,
    write_drafts,
    write_references,
)
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

for _code, _label in {
    "catalog.derived_list.created": "建立关联清单",
    "catalog.entry.created": "列入条目",
    "catalog.entry.saved": "保存条目草稿",
    "catalog.entry.discarded": "放弃条目草稿",
    "catalog.entry.revised": "起草修改条目",
}.items():
    audit.register_action(_code, _label)


@dataclass(frozen=True, slots=True)
class Reference:
    """一处依据：``item``（事项编号）或 ``entry``（上级条目编号），该方的角色与职责。"""

    kind: str
    identity: int
    role: str = ""
    duty: str = ""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """拟列入的条目：依据（第一处为主）、自有要素、名称（继承名称的种类不写）、情形。"""

    references: tuple[Reference, ...]
    content: Mapping[str, Any]
    name: str = ""
    variant: str = ""


@transaction.atomic
def derived_list_create(*, actor: Actor, body_id: int, list_type: str, procedure: str = "", now: datetime) -> int:
    """建立关联清单：一个机构每种一份，已有的直接返回。由本机构业务口、编办或系统管理员建立。"""
    kind = list_types().of(list_type)
    if not actor.scope.covers(body_id):
        raise NotFound("没有这个机构", hint="请核对机构。")
    is_own_drafter = actor.body_id == body_id and actor.has("drafter")
    if not is_own_drafter and not actor.has("establishment", "system_admin", "system"):
        raise NotPermitted("您的岗位不能建立关联清单", hint="请由本机构业务口、编办或系统管理员建立。")
    body = org.bodies_by_ids([body_id])[body_id]
    if body.kind not in kind.owner_kinds:
        raise InvalidInput(
            f"{kind.label}由{kind.owner_label}牵头，{body.name}是{org.BODY_KIND_LABELS.get(org.BodyKind(body.kind))}",
            hint="请选择牵头机构。",
            code="owner_kind_other",
        )
    procedure = workflow.procedure(procedure or kind.procedure).code
    row, created = DerivedList.objects.get_or_create(
        body_id=body_id, list_type=kind.code, defaults={"procedure": procedure, "created_at": now}
    )
    if created:
        audit.record(
            actor=actor,
            action="catalog.derived_list.created",
            subject=list_ref(row),
            after={"type": kind.code, "procedure": procedure},
            now=now,
        )
    return row.pk


@transaction.atomic
def entries_create(*, actor: Actor, list_id: int, entries: Sequence[NewEntry], now: datetime) -> list[tuple[int, int]]:
    """成批列入条目，写成草稿。返回各条的（条目编号，版本编号），次序如所给。

    Whether an entry is complete is asked when it is submitted; what can be known now (the basis is in force and of the right
    kind, nothing looser than it) is asked now.
    """
    derived_list = derived_list_for_update(list_id=list_id, scope=actor.scope)
    require_keeper(actor, derived_list)
    kind = kind_of(derived_list)
    if kind.is_taking_back:
        raise WrongState(f"{kind.label}由收回办理列入", hint="请在镇（街道）清单页办理收回。", code="by_taking_back")
    return entries_store(actor=actor, derived_list=derived_list, entries=entries, now=now)


def entries_store(
    *, actor: Actor, derived_list: DerivedList, entries: Sequence[NewEntry], now: datetime
) -> list[tuple[int, int]]:
    """列入条目的后半：核对依据、写身份与草稿、记录。The list is locked and the right to it checked by the caller."""
    kind, on = kind_of(derived_list), localdate(now)
    rows = _new_rows(derived_list, kind, entries, on=on, now=now)
    try:
        with transaction.atomic():
            DerivedEntry.objects.bulk_create([row.entry for row in rows], batch_size=500)
    except IntegrityError:
        raise Conflict(
            "所选事项有的已经列入本清单", hint="请刷新页面；同一事项的另一情形请写明情形名称。", code="entry_exists"
        ) from None
    versions = write_drafts(rows, actor=actor, now=now)
    audit.record_many(
        actor=actor,
        action="catalog.entry.created",
        changes=[
            audit.Change(
                entry_ref(row.entry, row.shown_name),
                after={"code": row.entry.code, "version": version.pk, "hash": version.content_hash},
            )
            for row, version in zip(rows, versions, strict=True)
        ],
        now=now,
    )
    drift_listed(derived_list.pk, {row.bases[0].source.key for row in rows if row.bases}, now=now)
    return [(row.entry.pk, version.pk) for row, version in zip(rows, versions, strict=True)]


def _new_rows(
    derived_list: DerivedList, kind: ListType, entries: Sequence[NewEntry], *, on: Any, now: datetime
) -> list[NewEntryVersion]:
    sources = sources_in_force({(ref.kind, ref.identity) for new in entries for ref in new.references}, on)
    ordinals = next_ordinals(derived_list, len(entries))
    rows = []
    for new, ordinal in zip(entries, ordinals, strict=True):
        if new.variant and not kind.many_per_parent:
            raise InvalidInput(f"{kind.label}的一个来源只列一条，不分情形", code="variant_not_allowed")
        bases = []
        for ref in new.references:
            source = sources.get((ref.kind, ref.identity))
            if source is None:
                raise NotFound("所选依据不是现行的", hint="依据须为现行的事项或上级条目，请重新选择。")
            bases.append(Basis(source, ref.role, ref.duty))
        _require_right_bases(derived_list, kind, bases)
        first = bases[0].source if bases else None
        entry = DerivedEntry(
            derived_list=derived_list,
            code=entry_code(kind, derived_list.body.code, ordinal),
            subject_item_id=first.identity if first is not None and first.kind == "item" and _is_single(kind) else None,
            parent_entry_id=first.identity
            if first is not None and first.kind == "entry" and _is_single(kind)
            else None,
            variant=new.variant,
            ordinal=ordinal,
            created_at=now,
        )
        rows.append(NewEntryVersion(entry, new.name.strip(), read_content(kind, new.content), tuple(bases)))
    values = iter(values_of([row.bases[0].source for row in rows if row.bases]))
    for row in rows:
        if row.bases:
            _refuse_looser(kind, row, next(values))
    return rows


def _is_single(kind: ListType) -> bool:
    """一个来源一条；多处依据的种类（边界、属地管理）不按来源认身份。"""
    return kind.minimum_references <= 1


def _refuse_looser(kind: ListType, row: NewEntryVersion, parent: Mapping[str, Any]) -> None:
    defects = not_tightened(kind, row.content, parent)
    if defects:
        raise RulesNotMet(
            f"“{row.shown_name}”比上级放宽：" + "；".join(one.message for one in defects),
            defects=defects,
            hint="本级只能收紧，请改正。",
            code="looser_than_parent",
        )


def _require_right_bases(derived_list: DerivedList, kind: ListType, bases: Sequence[Basis]) -> None:
    """依据的种类与机构对不对：由哪种清单派生、本镇的还是部门的。"""
    for one in bases:
        if kind.from_list and one.source.kind != "entry":
            raise InvalidInput(
                f"{kind.label}由{list_types().of(kind.from_list).label}的条目派生，不能直接依据事项",
                hint="请先列入上一级清单。",
                code="parent_wrong_kind",
            )
    if kind.own_item_only and any(one.source.body_id != derived_list.body_id for one in bases):
        raise InvalidInput(
            f"{kind.label}行使职权的，须对应本机构自己的权责事项",
            hint="请改选本镇（街道）的事项。",
            code="item_of_other",
        )
    if kind.lead_item_elsewhere and any(one.source.body_id == derived_list.body_id for one in bases):
        raise InvalidInput(
            f"{kind.label}的牵头事项须是部门的，不能是本镇（街道）自己的",
            hint="请改选牵头部门的事项。",
            code="item_of_own",
        )
    wrong = [one for one in bases if one.source.kind == "entry" and kind.from_list]
    if wrong:
        parents = DerivedEntry.objects.filter(id__in=[one.source.identity for one in wrong])
        other = parents.exclude(derived_list__list_type=kind.from_list).first()
        if other is not None:
            raise InvalidInput(
                f"条目 {other.code} 不属于{list_types().of(kind.from_list).label}",
                hint="请从上一级清单中选择。",
                code="parent_wrong_kind",
            )


@transaction.atomic
def entry_save(
    *,
    actor: Actor,
    version_id: int,
    seen_version: int,
    content: Mapping[str, Any],
    name: str | None = None,
    change_note: str = "",
    now: datetime,
) -> int:
    """保存条目草稿；比上级放宽的拒绝，缺的送审时再问。返回新的修改次数。"""
    version = entry_version_for_update(version_id=version_id, scope=actor.scope, seen_version=seen_version)
    derived_list = version.entry.derived_list
    require_keeper(actor, derived_list)
    if version.state != "draft":
        raise WrongState(f"该版本为“{ENTRY_FLOW.states[version.state]}”，不能修改", hint="现行的请先起草修改。")
    kind = kind_of(derived_list)
    held = held_of(DerivedEntryVersion.objects.prefetch_related(*REFERENCES).get(pk=version.pk))
    bases, _ = bases_on(held, current_sources([held], localdate(now)))
    kept = version.name if name is None or not kind.names_itself else name.strip()
    row = NewEntryVersion(version.entry, kept, read_content(kind, content), bases)
    if bases:
        _refuse_looser(kind, row, values_of([bases[0].source])[0])
    if (row.name, dict(row.content), change_note) == (version.name, version.content, version.change_note):
        return version.lock_version
    before = {"name": version.name, **version.content}
    version.name, version.content, version.change_note = row.name, dict(row.content), change_note
    if len(bases) == len(held.keys):
        version.references.all().delete()
        write_references([(version, bases)])
        version.item_version_id = bases[0].source.item_version_id if bases else None
    version.content_hash = content_hash(row.name, row.content, [one.source.digest for one in bases])
    version.author_id, version.author_name, version.updated_at = actor.user_id, actor.name, now
    version.lock_version += 1
    version.save()
    audit.record(
        actor=actor,
        action="catalog.entry.saved",
        subject=entry_ref(version.entry, row.shown_name),
        before=before,
        after={"name": row.name, **row.content},
        now=now,
    )
    return version.lock_version


@transaction.atomic
def entry_revise(*, actor: Actor, entry_id: int, seen_version: int, now: datetime) -> int:
    """起草修改：以现行版本为底另立草稿，已有草稿则返回它。返回版本编号。"""
    entry = entries_for_update(seen={entry_id: seen_version}, scope=actor.scope)[0]
    require_keeper(actor, entry.derived_list)
    working = entry.versions.filter(state__in=["draft", "frozen"]).first()
    if working is not None and working.state == "draft":
        return working.pk
    if working is not None:
        raise WrongState("条目正在审查中，不能修改", hint="可先撤回送审，或等待审查结果。")
    present = entry.versions.filter(state="published", valid_to__isnull=True).prefetch_related(*REFERENCES).first()
    if present is None:
        raise WrongState("条目已终止，不能修改", hint="请重新列入。", code="entry_not_in_force")
    held = held_of(present)
    bases, gone = bases_on(held, current_sources([held], localdate(now)))
    if gone:
        raise RulesNotMet("所依据的事项已失效", hint="请终止该条目。", code="source_ended")
    version = write_drafts([NewEntryVersion(entry, present.name, present.content, bases)], actor=actor, now=now)[0]
    bump([entry])
    audit.record(
        actor=actor,
        action="catalog.entry.revised",
        subject=entry_ref(entry, present.name),
        after={"base_version": present.pk, "version": version.pk},
        now=now,
    )
    return version.pk


@transaction.atomic
def entry_discard(*, actor: Actor, version_id: int, seen_version: int, now: datetime) -> None:
    """放弃条目草稿。"""
    version = entry_version_for_update(version_id=version_id, scope=actor.scope, seen_version=seen_version)
    require_keeper(actor, version.entry.derived_list)
    version.state = ENTRY_FLOW.decide(version.state, "discard", roles=actor.roles).target
    version.lock_version += 1
    version.save(update_fields=["state", "lock_version"])
    audit.record(
        actor=actor,
        action="catalog.entry.discarded",
        subject=entry_ref(version.entry, version.name),
        after={"version": version.pk},
        now=now,
    )
