"""审查人自己的文字：常用意见，未决意见（决定之前随写随存，只有本人看得见）。

Nothing of it is entered in the record: before the decision it is nobody's opinion yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from quanze.apps.workflow import domain, selectors
from quanze.apps.workflow.domain import ItemOpinion
from quanze.apps.workflow.models import OpinionDraft, OpinionPhrase
from quanze.apps.workflow.services.casework import open_step
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput, NotPermitted


@transaction.atomic
def opinion_draft_save(
    *,
    actor: Actor,
    case_id: int,
    step_id: int,
    opinion: str = "",
    item_opinions: Mapping[int, ItemOpinion] | None = None,
    details: Mapping[str, str] | None = None,
    now: datetime,
) -> None:
    """存下未决意见：只有能办当前步骤的人，为自己存；同一步后存的盖掉先存的。"""
    if actor.user_id is None:
        raise NotPermitted("未决意见须由具体的人书写", hint="请登录后办理。")
    case = selectors.case_seen(case_id=case_id, actor=actor)
    step = open_step(case, actor)
    if step.pk != step_id:
        raise InvalidInput("这一步已经办过，意见没有存下", hint="请刷新页面查看最新状态。", code="step_gone")
    domain.require_reviewer_is_not_author(person_ids=actor.person_ids, author_ids=case.author_ids)
    in_view = set(step.items.values_list("item_id", flat=True))
    items = {
        str(item_id): [given.verdict, given.opinion]
        for item_id, given in (item_opinions or {}).items()
        if item_id in in_view
    }
    OpinionDraft.objects.update_or_create(
        step=step,
        user_id=actor.user_id,
        defaults={
            "opinion": opinion,
            "items": items,
            "details": {key: str(value) for key, value in (details or {}).items()},
            "saved_at": now,
        },
    )


@transaction.atomic
def phrase_save(*, actor: Actor, text: str) -> None:
    """收存常用意见；已有的不重复。"""
    if actor.user_id is None or not text.strip():
        raise InvalidInput("常用意见不能为空", hint="请先写好意见再收存。", code="phrase_empty")
    OpinionPhrase.objects.get_or_create(user_id=actor.user_id, text=text.strip()[:200])
