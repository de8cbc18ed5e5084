"""装入随系统提供的指标包。"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from quanze.apps.evaluation.models import IndicatorPack
from quanze.apps.evaluation.selectors.packs import PackView, pack_view, shipped_packs
from quanze.base.audit import public as audit
from quanze.core.actor import Actor
from quanze.core.sealing import content_digest


@transaction.atomic
def packs_install(*, actor: Actor, now: datetime) -> list[PackView]:
    """装入指标包；内容已装过的跳过，内容有变的另成一次修订，旧修订不动。返回新装入的。"""
    installed = []
    for data, indicators in shipped_packs():
        # The file's numbers may be YAML floats; text keeps the stored content exact and canonical.
        content = _exact(data)
        digest = content_digest(content)
        same = IndicatorPack.objects.filter(key=indicators.key, edition=indicators.edition)
        if same.filter(digest=digest).exists():
            continue
        row = IndicatorPack.objects.create(
            key=indicators.key,
            edition=indicators.edition,
            revision=(same.aggregate(last=Max("revision"))["last"] or 0) + 1,
            name=indicators.name,
            source=indicators.source,
            data=content,
            digest=digest,
            installed_at=now,
        )
        audit.record(
            actor=actor,
            action="evaluation.pack.installed",
            subject=audit.SubjectRef("evaluation.pack", row.pk, str(row)),
            after={"key": row.key, "edition": row.edition, "revision": row.revision, "digest": digest},
            now=now,
        )
        installed.append(pack_view(row))
    return installed


def _exact(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _exact(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return str(value) if isinstance(value, float) else value
