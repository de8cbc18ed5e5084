"""六十四个同时办同一步：只有一个办成，效果一次，其余得到说得清的拒绝（PostgreSQL；SQLite 由 tests/blackbox/race_check.sh 对真实服务检查）。"""

import threading
import uuid

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion, ListEdition, Submission
from quanze.apps.performance.services import receiving
from quanze.apps.workflow import public as workflow
from quanze.base.audit.models import FactRecord
from quanze.core.errors import Conflict, DomainError, WrongState
from quanze.warehouse import public as warehouse
from quanze.warehouse.models import ReceivedEvent

CROWD = 64
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _many_writers():
    if connection.vendor != "postgresql":
        pytest.skip("many writers at once: PostgreSQL only (the in-memory database has one connection)")


def together(act):
    """全部同时去办；返回办成的个数与各自的错误。"""
    barrier, done, refused, broken = threading.Barrier(CROWD), [], [], []

    def one(number):
        try:
            barrier.wait()
            done.append(act(number))
        except DomainError as error:
            refused.append(error)
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(CROWD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert broken == []
    return len(done), refused


def case_version(county, number):
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=number, actor=county.actor("establishment")
    )
    return case.lock_version


def test_one_draft_is_saved_by_one(county):
    (version,) = county.draft(county.content())
    actor, base = county.actor("drafter"), county.content()
    from dataclasses import replace

    won, refused = together(
        lambda n: catalog.draft_save(
            actor=actor,
            version_id=version,
            seen_version=1,
            content=replace(base, remark=f"第{n}人"),
            now=timezone.now(),
        )
    )
    assert (won, {type(error) for error in refused}) == (1, {Conflict})
    assert ItemVersion.objects.get(pk=version).lock_version == 2
    assert FactRecord.objects.filter(action="catalog.draft.saved").count() == 1


def test_one_draft_is_started_and_shared(county):
    county.publish(county.content())
    item_id = ItemVersion.objects.get().item_id
    actor = county.actor("drafter")
    won, refused = together(lambda n: catalog.draft_start(actor=actor, item_id=item_id, now=timezone.now()))
    assert won + len(refused) == CROWD
    assert won >= 1
    assert ItemVersion.objects.filter(state="draft").count() == 1
    assert FactRecord.objects.filter(action="catalog.draft.started").count() == 1


def test_a_list_is_submitted_withdrawn_and_decided_once_each(county):
    county.draft(county.content())
    list_id, drafter, legal = county.power_list(), county.actor("drafter"), county.actor("legal")

    def submit(n):
        return catalog.submission_submit(actor=drafter, list_id=list_id, title=f"第{n}人", now=timezone.now())

    won, refused = together(submit)
    assert (won, {type(error) for error in refused}) == (1, {WrongState})
    number = Submission.objects.get().pk

    def withdraw(n):
        return catalog.submission_withdraw(actor=drafter, submission_id=number, seen_version=1, now=timezone.now())

    won, refused = together(withdraw)
    assert won == 1
    assert {type(error) for error in refused} <= {Conflict, WrongState}
    assert ItemVersion.objects.get().state == "draft"
    assert together(submit)[0] == 1
    number = Submission.objects.get(state="in_review").pk

    def decide(n):
        return catalog.submission_decide(
            actor=legal, submission_id=number, seen_version=1, verb="pass", opinion="同意", now=timezone.now()
        )

    won, refused = together(decide)
    assert (won, {type(error) for error in refused}) == (1, {Conflict})
    assert FactRecord.objects.filter(action="workflow.step.passed").count() == 1


def test_an_edition_is_published_once(county):
    county.draft(county.content())
    number = county.submit()
    county.pass_until(number, stop_before="publisher")
    actor, seen = county.actor("publisher"), case_version(county, number)
    details = {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"}
    won, refused = together(
        lambda n: catalog.submission_decide(
            actor=actor, submission_id=number, seen_version=seen, verb="pass", details=details, now=county.now
        )
    )
    assert (won, {type(error) for error in refused}) == (1, {Conflict})
    assert ListEdition.objects.count() == 1
    assert FactRecord.objects.filter(action="catalog.edition.published").count() == 1


def test_an_event_sent_by_everybody_at_once_is_stored_once(county):
    actor = county.actor("drafter")
    row = warehouse.EventRow(
        case_id="C1",
        step_code="受理",
        item_code="QH-NY-00001",
        body_code="QH-NY",
        occurred_at=county.now,
        step_no=1,
    )
    won, refused = together(
        lambda n: (
            receiving.events_receive(actor=actor, events=[receiving.SentEvent("E1", row)], now=timezone.now()).accepted
        )
    )
    assert (won, refused) == (CROWD, [])
    assert ReceivedEvent.objects.count() == 1


def test_one_idempotency_key_at_once_is_carried_out_once(county, keyed):
    key = keyed("drafter")
    list_id, name = county.power_list(), uuid.uuid4().hex
    answers = []

    def create(n):
        from keyed import Keyed

        answer = Keyed(key.token).post(
            f"/work/lists/{list_id}/items", {"content": {"name": name}}, Idempotency_Key="one"
        )
        answers.append((answer.status_code, answer.json().get("id") or answer.json()["code"]))

    together(create)
    assert {status for status, _ in answers} <= {201, 409}
    assert {said for status, said in answers if status == 409} <= {"idempotency_in_progress"}
    assert len({said for status, said in answers if status == 201}) == 1
    assert ItemVersion.objects.count() == 1
