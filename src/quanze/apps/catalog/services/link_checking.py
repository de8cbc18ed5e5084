"""办事指南链接核查：探看（不碰数据库），记下（不碰网络）。默认关闭，设置里写明网站才开。"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from quanze.apps.catalog.models import LinkCheck
from quanze.base.audit import public as audit
from quanze.base.jobs import public as jobs
from quanze.base.links import public as links
from quanze.core.actor import SYSTEM, Actor
from quanze.core.errors import NotPermitted, WrongState

audit.register_action("catalog.links.checked", "核查办事指南链接")

JOB_KIND = "catalog.links.check"
SUBJECT = "catalog.links"
BATCH, AT_ONCE = 40, 4
Ask = Callable[[str], links.Answer]


def hosts() -> tuple[str, ...]:
    """可以核查的网站；空即关闭。"""
    return tuple(settings.QUANZE_LINK_CHECK_HOSTS)


def links_ask(urls: Sequence[str], *, ask: Ask | None = None) -> dict[str, links.Answer]:
    """探看一批网址；打不开的当场再试一次，免得一时的抖动算作打不开。No database is touched here, nothing is written."""
    allowed = hosts()
    if not allowed:
        return {}

    def one(url: str) -> links.Answer:
        asking = ask or (lambda address: links.probe(address, hosts=allowed))
        answer = asking(url)
        return asking(url) if answer.outcome in ("timeout", "unreachable", "failed") else answer

    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        return dict(zip(urls, pool.map(one, urls), strict=True))


@transaction.atomic
def links_record(*, actor: Actor, answers: Mapping[str, links.Answer], now: datetime) -> int:
    """记下一批结果，返回打不开的数目。"""
    present = {row.url: row for row in LinkCheck.objects.select_for_update().filter(url__in=list(answers))}
    fresh: list[LinkCheck] = []
    changed: list[LinkCheck] = []
    newly = 0
    for url, answer in answers.items():
        row = present.get(url) or LinkCheck(url=url)
        newly += answer.is_dead and not row.is_dead
        row.outcome, row.status, row.detail = answer.outcome, answer.status, answer.detail[:300]
        row.is_dead, row.checked_at = answer.is_dead, now
        row.dead_since = (row.dead_since or now) if answer.is_dead else None
        row.failures = row.failures + 1 if answer.is_dead else 0
        if answer.outcome not in links.NOT_ASKED and not answer.is_dead:
            row.last_ok_at = now
        (changed if row.pk else fresh).append(row)
    LinkCheck.objects.bulk_create(fresh)
    names = ["outcome", "status", "detail", "is_dead", "dead_since", "failures", "checked_at", "last_ok_at"]
    LinkCheck.objects.bulk_update(changed, names)
    dead = sum(one.is_dead for one in answers.values())
    audit.record(
        actor=actor,
        action="catalog.links.checked",
        subject=audit.SubjectRef(SUBJECT, localdate(now).isoformat(), "办事指南链接"),
        after={"checked": len(answers), "dead": dead, "newly_dead": newly},
        now=now,
    )
    return dead


def links_check_request(*, actor: Actor, now: datetime) -> int | None:
    """排队核查，返回任务编号；关闭时定时的不做事（None），人要求的说明怎样开。"""
    if not hosts():
        if actor is SYSTEM:
            return None
        raise WrongState(
            "链接核查没有打开",
            hint="请系统管理员在设置 QUANZE_LINK_CHECK_HOSTS 里写明可以核查的网站，如 .hnzwfw.gov.cn。",
            code="link_check_off",
        )
    if actor is not SYSTEM and not actor.has("establishment", "system_admin"):
        raise NotPermitted("核查由编办或系统管理员发起", hint="系统每天自动核查一次。")
    return jobs.enqueue(
        kind=JOB_KIND,
        payload={},
        actor=actor,
        label="核查办事指南链接",
        now=now,
        back_url="/lists/guides/links/",
        idempotency_key=f"links-{localdate(now).isoformat()}" if actor is SYSTEM else None,
    )
