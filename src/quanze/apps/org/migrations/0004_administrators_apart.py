"""三员互斥：触发器保证席位与业务角色不会在一人身上相遇，从任何一道门写入都一样。

A seat is unique per person (constraint); the triggers keep roles and seats in step. On PostgreSQL they lock the person's
row first, so that two transactions cannot each write one half of a forbidden pair; on SQLite writers wait for each other.
A later migration that rebuilds one of these tables on SQLite must create the triggers again.
"""

from django.db import migrations

ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
_LIST = ", ".join(f"'{code}'" for code in ADMINISTRATORS)

_APART = "三员互斥：一人不能既任三员之一又持有其他角色"
_SEAT_FIRST = "三员角色须先有席位"

# Conditions in terms of NEW, the same on both databases.
_SEAT_MEETS_ROLE = """EXISTS (SELECT 1 FROM org_appointmentrole r JOIN org_appointment a ON a.id = r.appointment_id
    WHERE a.user_id = NEW.user_id AND r.role <> NEW.kind AND (a.valid_to IS NULL OR a.valid_to > NEW.since))"""
_ROLE_WITHOUT_SEAT = f"""NEW.role IN ({_LIST}) AND NOT EXISTS (SELECT 1 FROM org_administratorseat s
    JOIN org_appointment a ON a.user_id = s.user_id WHERE a.id = NEW.appointment_id AND s.kind = NEW.role)"""
_ROLE_MEETS_SEAT = """EXISTS (SELECT 1 FROM org_administratorseat s JOIN org_appointment a ON a.user_id = s.user_id
    WHERE a.id = NEW.appointment_id AND s.kind <> NEW.role AND (a.valid_to IS NULL OR a.valid_to > s.since))"""
_TERM_MEETS_SEAT = """EXISTS (SELECT 1 FROM org_administratorseat s JOIN org_appointmentrole r ON r.appointment_id = NEW.id
    WHERE s.user_id = NEW.user_id AND s.kind <> r.role AND (NEW.valid_to IS NULL OR NEW.valid_to > s.since))"""

# table, columns that matter, [(condition, message)], where the person is found
_GUARDS = {
    "org_administratorseat": ("", [(_SEAT_MEETS_ROLE, _APART)], "NEW.user_id"),
    "org_appointmentrole": (
        "",
        [(_ROLE_WITHOUT_SEAT, _SEAT_FIRST), (_ROLE_MEETS_SEAT, _APART)],
        "(SELECT user_id FROM org_appointment WHERE id = NEW.appointment_id)",
    ),
    "org_appointment": ("OF user_id, valid_to", [(_TERM_MEETS_SEAT, _APART)], "NEW.user_id"),
}


def create_triggers(apps, editor):
    vendor = editor.connection.vendor
    with editor.connection.cursor() as cursor:
        for table, (columns, checks, person) in _GUARDS.items():
            for statement in _statements(vendor, table, columns, checks, person):
                cursor.execute(statement)


def drop_triggers(apps, editor):
    vendor = editor.connection.vendor
    with editor.connection.cursor() as cursor:
        for table in _GUARDS:
            if vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_apart ON {table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS {table}_apart()")
            else:
                for verb in ("insert", "update"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {table}_apart_{verb}")


def _statements(vendor, table, columns, checks, person):
    if vendor == "postgresql":
        body = " ".join(
            f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = '23514'; END IF;"
            for condition, message in checks
        )
        yield (
            f"CREATE OR REPLACE FUNCTION {table}_apart() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"PERFORM 1 FROM iam_user WHERE id = {person} FOR UPDATE; {body} RETURN NEW; END $$"
        )
        yield (
            f"CREATE TRIGGER {table}_apart BEFORE INSERT OR UPDATE {columns} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_apart()"
        )
    elif vendor == "sqlite":
        for verb in ("INSERT", f"UPDATE {columns}"):
            name = f"{table}_apart_{verb.split()[0].lower()}"
            body = " ".join(f"SELECT RAISE(ABORT, '{message}') WHERE {condition};" for condition, message in checks)
            yield f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW BEGIN {body} END"
    else:
        raise NotImplementedError(f"三员互斥不支持数据库 {vendor}")


class Migration(migrations.Migration):
    dependencies = [("org", "0003_seats_for_the_three")]
    operations = [migrations.RunPython(create_triggers, drop_triggers)]
