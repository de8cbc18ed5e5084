"""REPLACE INTO on SQLite passed by the triggers of UPDATE and DELETE: the rows are now guarded on INSERT, too."""

from django.db import migrations

from quanze.base.audit.triggers import create_triggers, drop_triggers


def renew(apps, editor):
    # An installation of before has two of the three, a fresh one all of them.
    drop_triggers(editor.connection)
    create_triggers(editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_verification")]
    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
