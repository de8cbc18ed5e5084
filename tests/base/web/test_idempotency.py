"""幂等键七天后清理。"""

from datetime import UTC, datetime, timedelta

import pytest

from quanze.base.jobs.registry import duties
from quanze.base.web.idempotency import KEPT, idempotency_prune
from quanze.base.web.models import IdempotencyKey

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.django_db
def test_keys_are_pruned_after_a_week_and_not_before():
    for name, age in (("old", KEPT), ("fresh", KEPT - timedelta(seconds=1))):
        made = NOW - age
        IdempotencyKey.objects.create(
            user_id=1,
            operation="x",
            key=name,
            digest="d",
            status=201,
            answer="{}",
            created_at=made,
            expires_at=made + KEPT,
        )
    assert idempotency_prune(NOW) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["fresh"]
    assert timedelta(days=7) == KEPT


def test_pruning_is_scheduled():
    assert "web.idempotency" in {duty.name for duty in duties()}
