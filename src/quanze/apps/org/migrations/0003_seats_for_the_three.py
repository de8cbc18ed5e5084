"""已有的三员各得一席。Apart from the triggers (0004): PostgreSQL makes none on a table with unfinished writes."""

from django.db import migrations

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


def give_seats(apps, editor):
    """已有的三员各得一席；兼任的只留一席，其余角色从任职中去掉（原先在同一任职里也不生效）。"""
    Role = apps.get_model("org", "AppointmentRole")
    Seat = apps.get_model("org", "AdministratorSeat")
    held = {}
    for row in Role.objects.filter(role__in=ADMINISTRATORS).select_related("appointment").order_by("id"):
        held.setdefault(row.appointment.user_id, row)
    for user_id, row in held.items():
        Role.objects.filter(appointment__user_id=user_id).exclude(role=row.role).delete()
        Seat.objects.create(user_id=user_id, kind=row.role, since=row.appointment.valid_from)


class Migration(migrations.Migration):
    dependencies = [("org", "0002_people_and_roles")]
    operations = [migrations.RunPython(give_seats, migrations.RunPython.noop)]
