"""由实有的清单提议范本事项：读取来源、提议、把选定的写成范本的草稿。

What is proposed is computed anew each time from what the lists say; nothing of it is stored until somebody takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.domain.base_lists import BASE_LIST
from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.naming import canonical_name
from quanze.apps.catalog.domain.proposing import Proposal, ProposedItem, SourceList, propose
from quanze.apps.catalog.domain.read_items import snapshots_of
from quanze.apps.catalog.domain.template_proposing import FileContents, TemplateProposal, propose_template
from quanze.apps.catalog.selectors import base_proposing as selectors
from quanze.apps.catalog.selectors import lists as list_selectors
from quanze.apps.catalog.services.drafting import NewItem, items_create, require_drafter
from quanze.apps.catalog.services.packs import shipped_packs
from quanze.base.audit import public as audit
from quanze.core.actor import Actor, Scope
from quanze.core.errors import InvalidInput, WrongState
from quanze.core.listsheet.reading import ListReading

audit.register_action("catalog.base.proposed", "由清单提议范本事项")


def proposal_of(sources: Sequence[SourceList], *, share: float) -> Proposal:
    """按随系统提供的名称用语归并同一事项。Raises InvalidInput for fewer than two lists or a share outside (0, 1]."""
    if len(sources) < 2:
        raise InvalidInput("至少要两份清单才能提议范本", hint="请再选一份清单。", code="too_few_lists")
    if not 0 < share <= 1:
        raise InvalidInput("份额应大于 0、至多 1", hint="如 0.5 表示半数以上清单都有的。", code="bad_share")
    naming = shipped_packs().naming
    return propose(sources, share=share, fillers=naming.fillers, variants=naming.variants)


def proposal_of_readings(readings: Iterable[ListReading], *, share: float) -> Proposal:
    """由读到的几个文件提议，不查数据库。"""
    return proposal_of([SourceList(one.file, snapshots_of(one)) for one in readings], share=share)


def template_of_readings(readings: Iterable[ListReading], *, share: float) -> TemplateProposal:
    """由读到的几个文件提议清单模板，不查数据库。"""
    files = [
        FileContents(
            one.file,
            [item.content for item in snapshots_of(one) if item.parent_key is None],
            [header for sheet in one.sheets for number, header in sheet.headers.items() if number not in sheet.columns],
        )
        for one in readings
    ]
    return propose_template(files, share=share, further=FIELDS.labels)


def proposal_of_lists(*, list_ids: Sequence[int], scope: Scope, on: date, share: float) -> Proposal:
    """由某日现行的几份清单提议。"""
    return proposal_of(selectors.sources(list_ids=list_ids, scope=scope, on=on), share=share)


@transaction.atomic
def base_items_take(
    *, actor: Actor, base_list_id: int, list_ids: Sequence[int], share: float, keys: Sequence[str], now: datetime
) -> int:
    """把选定的提议写成范本的草稿，连同子项；范本里已有的不重写。返回新增的主项数。

    The proposal is computed again under the lock: who takes what is no longer proposed is told, and nothing is written.
    """
    proposal = proposal_of_lists(list_ids=list_ids, scope=actor.scope, on=localdate(now), share=share)
    by_key = {one.key: one for one in proposal.items}
    wanted = list(dict.fromkeys(keys))
    if not wanted or any(key not in by_key for key in wanted):
        raise InvalidInput(
            "所选的有些已不在提议之中", hint="清单在您打开之后有变化，请刷新页面后重新选择。", code="not_proposed"
        )
    return proposed_items_write(
        actor=actor,
        base_list_id=base_list_id,
        items=[by_key[key] for key in wanted],
        sources=proposal.lists,
        now=now,
    )


@transaction.atomic
def proposed_items_write(
    *, actor: Actor, base_list_id: int, items: Sequence[ProposedItem], sources: Sequence[str], now: datetime
) -> int:
    """把提议的各项写成范本的草稿；同名的已在范本之中则略过。"""
    base = list_selectors.list_for_update(list_id=base_list_id, scope=actor.scope)
    require_drafter(actor, base.body_id)
    if base.list_type != BASE_LIST:
        raise WrongState("这不是目录范本", hint="请打开编办制定的目录范本。", code="not_a_base")
    held = selectors.names_held(list_id=base.pk, scope=actor.scope, on=localdate(now))
    new: list[NewItem] = []
    taken = 0
    for one in items:
        if canonical_name(one.content.name) in held:
            continue
        held.add(canonical_name(one.content.name))
        main = len(new)
        new.append(NewItem(one.content))
        new.extend(NewItem(content, parent_index=main) for content, _ in one.subitems)
        taken += 1
    if new:
        items_create(actor=actor, list_id=base.pk, items=new, now=now)
        audit.record(
            actor=actor,
            action="catalog.base.proposed",
            subject=audit.SubjectRef("catalog.list", base.pk, f"{base.body.name}目录范本", base.body_id),
            after={"lists": list(sources), "items": taken, "subitems": len(new) - taken},
            now=now,
        )
    return taken
