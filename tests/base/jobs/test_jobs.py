"""A job is a leased row: queued, claimed by one, reported on, cancelled, taken over, ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanze.base.audit.models import FactRecord
from quanze.base.jobs import public as jobs
from quanze.base.jobs.context import JobContext
from quanze.base.jobs.models import Job, Schedule
from quanze.base.jobs.registry import duties
from quanze.base.jobs.services import claim, run_claimed
from quanze.base.jobs.worker import beat
from quanze.core.actor import EVERYTHING, PUBLIC, SYSTEM, Actor, Scope
from quanze.core.door import Door, current_door
from quanze.core.errors import Conflict, InvalidInput, NotFound, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
CLERK = Actor(7, "王芳", 3, "统计局", "科员", frozenset({"drafter"}), Scope(frozenset({3})))
COLLEAGUE = Actor(8, "李强", 3, "统计局", "科员", frozenset({"drafter"}), Scope(frozenset({3})))
seen: dict[str, Any] = {}


@jobs.job_handler("test.adds")
def adds(context: JobContext, left: int, right: int) -> dict[str, int]:
    seen.update(actor=context.actor, door=current_door())
    context.progress(2, 2, "加完了", skipped=1)
    return {"sum": left + right}


@jobs.job_handler("test.refuses")
def refuses(context: JobContext) -> None:
    raise InvalidInput("第 3 行没有事项名称", hint="请补填后重新上传。", code="name_missing")


@jobs.job_handler("test.breaks")
def breaks(context: JobContext) -> None:
    raise ZeroDivisionError("secret path")


@jobs.job_handler("test.is_cancelled")
def is_cancelled(context: JobContext) -> None:
    Job.objects.filter(pk=context.job_id).update(is_cancel_requested=True)
    context.stop_if_cancelled()
    raise AssertionError("went on after the cancellation")


@jobs.job_handler("test.overtaken")
def overtaken(context: JobContext) -> None:
    Job.objects.filter(pk=context.job_id).update(attempt=context.attempt + 1)
    with context.transaction():
        raise AssertionError("wrote although another worker had taken over")


def enqueue(kind: str = "test.adds", actor: Actor = CLERK, key: str | None = None, **payload: Any) -> int:
    return jobs.enqueue(
        kind=kind, payload=payload, actor=actor, label="试算", back_url="/desk/", now=NOW, idempotency_key=key
    )


def test_a_job_runs_and_its_owner_sees_the_result():
    job_id = enqueue(left=2, right=3)
    assert jobs.job_view(job_id=job_id, actor=CLERK).state_label == "排队中"

    jobs.run_now(job_id)

    view = jobs.job_view(job_id=job_id, actor=CLERK)
    assert (view.state, view.result, view.percent, view.is_finished) == ("done", {"sum": 5}, 100, True)
    assert (view.done, view.total, view.message, view.skipped, view.back_url) == (2, 2, "加完了", 1, "/desk/")


def test_the_handler_acts_as_the_one_who_enqueued_and_through_the_job_door():
    job_id = enqueue(left=2, right=3)
    jobs.run_now(job_id)

    assert seen["actor"] == CLERK
    assert seen["door"] == Door("job", f"job-{job_id}")
    assert current_door() == Door()


def test_an_expected_error_is_told_with_code_and_remedy():
    job = jobs.run_now(enqueue("test.refuses"))

    assert (job.state, job.error_code) == ("failed", "name_missing")
    assert job.error_message == "第 3 行没有事项名称 请补填后重新上传。"
    assert job.lease_until is None


def test_an_unexpected_error_leaks_nothing():
    job = jobs.run_now(enqueue("test.breaks"))

    assert (job.state, job.error_code) == ("failed", "internal_error")
    assert "secret" not in job.error_message
    assert str(job.pk) in job.error_message


def test_an_unknown_kind_is_refused_at_the_door():
    with pytest.raises(LookupError, match="未登记"):
        enqueue("test.unknown")

    assert Job.objects.count() == 0


def test_a_kind_is_registered_once():
    with pytest.raises(ValueError, match="已登记"):
        jobs.job_handler("test.adds")(adds)


def test_the_same_key_and_content_give_the_same_job():
    first = enqueue(key="k1", left=1, right=1)

    assert enqueue(key="k1", left=1, right=1) == first
    with pytest.raises(Conflict):
        enqueue(key="k1", left=1, right=2)
    with pytest.raises(Conflict):
        enqueue(key="k1", actor=COLLEAGUE, left=1, right=1)
    assert Job.objects.count() == 1


def test_others_do_not_see_or_cancel_my_job():
    job_id = enqueue(left=1, right=1)

    for stranger in (COLLEAGUE, PUBLIC):
        with pytest.raises(NotFound):
            jobs.job_view(job_id=job_id, actor=stranger)
        with pytest.raises(NotFound):
            jobs.job_cancel(actor=stranger, job_id=job_id, now=NOW)
        assert jobs.jobs_of(actor=stranger) == ()
    overseer = Actor(9, "赵敏", scope=EVERYTHING)
    assert jobs.job_view(job_id=job_id, actor=overseer).id == job_id
    with pytest.raises(NotFound):
        jobs.job_cancel(actor=overseer, job_id=job_id, now=NOW)
    assert Job.objects.get().state == "queued"


def test_a_queued_job_is_cancelled_at_once_and_not_run():
    job_id = enqueue(left=1, right=1)
    jobs.job_cancel(actor=CLERK, job_id=job_id, now=NOW)

    assert claim(worker="w", now=NOW) is None
    assert Job.objects.get().state == "cancelled"
    with pytest.raises(WrongState):
        jobs.job_cancel(actor=CLERK, job_id=job_id, now=NOW)


def test_a_running_job_stops_when_asked():
    job = jobs.run_now(enqueue("test.is_cancelled"))

    assert (job.state, job.error_code) == ("cancelled", "")


def test_a_claimed_job_cannot_be_claimed_again_before_its_lease_ends(settings):
    settings.QUANZE_JOB_LEASE_SECONDS = 60
    enqueue(left=1, right=1)
    first = claim(worker="a", now=NOW)
    assert first is not None

    assert claim(worker="b", now=NOW + timedelta(seconds=60)) is None
    second = claim(worker="b", now=NOW + timedelta(seconds=61))
    assert second is not None
    assert (second.pk, second.attempt, second.worker) == (first.pk, 2, "b")
    assert second.started_at == NOW


def test_the_overtaken_attempt_can_no_longer_write_or_finish():
    job_id = enqueue("test.overtaken")
    job = claim(worker="a", now=NOW)
    assert job is not None
    run_claimed(job)

    row = Job.objects.get(pk=job_id)
    assert (row.state, row.attempt, row.result) == ("running", 2, None)
    assert not beat(job)


def test_a_heartbeat_renews_the_lease():
    enqueue(left=1, right=1)
    job = claim(worker="a", now=NOW)
    assert job is not None

    assert beat(job)
    assert Job.objects.get().lease_until > NOW + timedelta(seconds=60)


def test_a_job_whose_workers_keep_dying_is_given_up_with_a_reason():
    enqueue(left=1, right=1)
    moment = NOW
    for attempt in (1, 2, 3):
        job = claim(worker="dying", now=moment)
        assert job is not None
        assert job.attempt == attempt
        moment += timedelta(minutes=2)

    assert claim(worker="d", now=moment) is None
    row = Job.objects.get()
    assert (row.state, row.error_code, row.lease_until) == ("failed", "worker_lost", None)


def test_an_orphan_that_was_asked_to_stop_is_cancelled_not_resumed():
    job_id = enqueue(left=1, right=1)
    claim(worker="a", now=NOW)
    jobs.job_cancel(actor=CLERK, job_id=job_id, now=NOW)
    assert Job.objects.get().state == "running"

    assert claim(worker="b", now=NOW + timedelta(minutes=2)) is None
    assert Job.objects.get().state == "cancelled"


def test_jobs_are_listed_newest_first_by_key():
    ids = [enqueue(left=n, right=0) for n in range(5)]

    page = jobs.jobs_of(actor=CLERK, limit=2)
    assert [job.id for job in page] == [ids[4], ids[3]]
    assert [job.id for job in jobs.jobs_of(actor=CLERK, before_id=page[-1].id)] == [ids[2], ids[1], ids[0]]


def test_enqueueing_leaves_no_fact_because_the_job_s_services_record_theirs():
    jobs.run_now(enqueue(left=1, right=1))

    assert FactRecord.objects.count() == 0


@pytest.fixture
def hourly(monkeypatch) -> list[datetime]:
    runs: list[datetime] = []
    monkeypatch.setattr("quanze.base.jobs.registry._duties", {})
    jobs.scheduled("test.hourly", every=timedelta(hours=1))(runs.append)
    return runs


def test_a_duty_runs_when_due_and_makes_up_for_missed_turns_once(hourly):
    assert jobs.tick(NOW) == ["test.hourly"]
    assert jobs.tick(NOW + timedelta(minutes=59)) == []
    assert jobs.tick(NOW + timedelta(hours=9)) == ["test.hourly"]
    assert jobs.tick(NOW + timedelta(hours=9, minutes=1)) == []
    assert hourly == [NOW, NOW + timedelta(hours=9)]


def test_a_clock_set_back_does_not_silence_a_duty(hourly):
    jobs.tick(NOW)
    assert jobs.tick(NOW - timedelta(days=1)) == ["test.hourly"]
    assert jobs.tick(NOW - timedelta(days=1) + timedelta(minutes=1)) == []


def test_a_failing_duty_is_noted_and_does_not_stop_the_others(hourly):
    @jobs.scheduled("test.fails", every=timedelta(minutes=5))
    def fails(now: datetime) -> None:
        raise ValueError("目录不可写")

    assert jobs.tick(NOW) == ["test.hourly", "test.fails"]
    assert Schedule.objects.get(name="test.fails").last_error == "ValueError: 目录不可写"
    assert Schedule.objects.get(name="test.hourly").last_error == ""


def test_sealing_every_ten_seconds_and_anchoring_every_hour_are_scheduled():
    every = {duty.name: duty.every for duty in duties()}

    assert every["audit.seal"] == timedelta(seconds=10)
    assert every["audit.anchor"] == timedelta(hours=1)


def test_the_system_may_cancel_any_job():
    job_id = enqueue(left=1, right=1)
    jobs.job_cancel(actor=SYSTEM, job_id=job_id, now=NOW)

    assert Job.objects.get().state == "cancelled"
