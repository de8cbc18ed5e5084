"""三员互斥在并发之下：两个事务各写一半，最多一半成立。"""

import threading

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.utils import timezone

from quanze.apps.org.models import AdministratorSeat, Appointment, AppointmentRole, Body, Region
from quanze.base.iam.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="an in-memory database has one connection")
@pytest.mark.parametrize("attempt", range(5))
def test_a_seat_and_a_business_role_written_at_once_never_both_stand(attempt):
    today = timezone.localdate()
    region = Region.objects.create(code="990100", name="青禾县", level="county")
    body = Body.objects.create(code="QH", name="县局", kind="government", region=region, valid_from=today)
    user = User.objects.create(username="both", full_name="两任")
    post = Appointment.objects.create(user=user, body=body, valid_from=today)
    barrier, refused = threading.Barrier(2), []

    def write(make):
        try:
            with transaction.atomic():
                barrier.wait(10)
                make()
        except (IntegrityError, OperationalError) as error:
            refused.append(str(error))
        finally:
            connections.close_all()

    halves = (
        lambda: AdministratorSeat.objects.create(user_id=user.pk, kind="audit_admin", since=today),
        lambda: AppointmentRole.objects.create(appointment_id=post.pk, role="drafter"),
    )
    threads = [threading.Thread(target=write, args=(half,)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    standing = AdministratorSeat.objects.count() + AppointmentRole.objects.count()
    assert (standing, len(refused)) == (1, 1)
