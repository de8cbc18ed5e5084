"""只办一次：带 Idempotency-Key 的请求重送时，得到首次的答复。

The key, the change and the answer are committed together: after a crash either all three are there or none. Same key and
same body give the first answer with ``Idempotency-Replayed: true``; another body is refused (422); while the first
request is still at work, PostgreSQL answers 409 and SQLite, which has one writer at a time, waits for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from quanze.base.web.concurrency import etag
from quanze.base.web.models import IdempotencyKey
from quanze.core.errors import InvalidInput, NotSignedIn, WrongState

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(days=7)
_LONGEST = 200


@dataclass(frozen=True)
class Answer:
    """一次办理的答复：状态码、内容、版本。"""

    status: int
    body: Any
    version: int | None = None


def answered_once(request: HttpRequest, operation: str, run: Callable[[], Answer], *, now: datetime) -> HttpResponse:
    """办理并答复；带幂等键的只办一次。Without a key the request is simply carried out."""
    key = request.headers.get(HEADER, "").strip()
    if not key:
        return _response(run())
    if len(key) > _LONGEST or not key.isprintable():
        raise InvalidInput("幂等键须为 1 到 200 个可见字符", hint="建议用 UUID。", code="idempotency_key_invalid")
    user_id = request.actor.user_id  # type: ignore[attr-defined]
    if user_id is None:
        raise NotSignedIn("须登录或出示接口密钥", hint="请带上 Authorization: Bearer。")
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
    with transaction.atomic():
        _take_turn(user_id, operation, key)
        known = IdempotencyKey.objects.filter(user_id=user_id, operation=operation, key=key).first()
        if known is not None:
            return _replay(known, digest)
        answer = run()
        text = json.dumps(answer.body, ensure_ascii=False, cls=DjangoJSONEncoder)
        IdempotencyKey.objects.create(
            user_id=user_id,
            operation=operation,
            key=key,
            digest=digest,
            status=answer.status,
            answer=text,
            etag="" if answer.version is None else etag(answer.version),
            created_at=now,
            expires_at=now + KEPT,
        )
    return _response(answer)


def _take_turn(user_id: int, operation: str, key: str) -> None:
    """同一个键同时只办一个；正在办的，后来者答 409。"""
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(hashlib.sha256(f"{user_id}\0{operation}\0{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise WrongState(
                "同一个幂等键的请求正在办理", hint="请稍候用同一个键再试。", code="idempotency_in_progress"
            )


def _replay(known: IdempotencyKey, digest: str) -> HttpResponse:
    if known.digest != digest:
        raise InvalidInput(
            "这个幂等键已用于另一份内容",
            hint="新的请求请换一个幂等键；重送原请求请保持内容不变。",
            code="idempotency_mismatch",
        )
    response = HttpResponse(known.answer, status=known.status, content_type="application/json; charset=utf-8")
    response[REPLAYED] = "true"
    if known.etag:
        response["ETag"] = known.etag
    return response


def _response(answer: Answer) -> HttpResponse:
    text = json.dumps(answer.body, ensure_ascii=False, cls=DjangoJSONEncoder)
    response = HttpResponse(text, status=answer.status, content_type="application/json; charset=utf-8")
    if answer.version is not None:
        response["ETag"] = etag(answer.version)
    return response


def idempotency_prune(now: datetime) -> int:
    """清理过期的幂等键。"""
    return IdempotencyKey.objects.filter(expires_at__lte=now).delete()[0]
