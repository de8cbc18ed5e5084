"""设定参数。"""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.db import transaction

from quanze.base.audit import public as audit
from quanze.base.parameters.definitions import definition
from quanze.base.parameters.models import ParameterValue, ParameterVersion
from quanze.base.parameters.selectors import encode
from quanze.core.actor import Actor
from quanze.core.errors import InvalidInput


@transaction.atomic
def parameter_set(*, actor: Actor, code: str, valid_from: date, value: object, source: str, now: datetime) -> None:
    """设定参数自某日起的值；同日再设即为更正，前后值都留在记录里。The caller's door decides who may."""
    item = definition(code)
    if not source.strip():
        raise InvalidInput(f"设定“{item.label}”须写明依据", hint="请填写文件名称或文号。")
    parsed = item.parse(value)
    before = ParameterValue.objects.select_for_update().filter(code=code, valid_from=valid_from).first()
    content = None if before is None else {"value": before.value, "source": before.source}
    ParameterValue.objects.update_or_create(
        code=code,
        valid_from=valid_from,
        defaults={
            "value": encode(parsed),
            "source": source.strip(),
            "set_by": actor.user_id,
            "set_by_name": actor.name,
            "at": now,
        },
    )
    ParameterVersion.objects.update_or_create(pk=1, defaults={"token": secrets.token_hex(16)})
    audit.record(
        actor=actor,
        action="parameters.value.set",
        subject=audit.SubjectRef("parameter", code, item.label),
        before=content,
        after={"valid_from": valid_from, "value": encode(parsed), "source": source.strip()},
        now=now,
    )
