"""代谁办理、来访地址、所据版本；访问记录的次数。

The columns are added by plain ALTER TABLE: Django's way on SQLite copies the whole table, which would drop the triggers
and take minutes where the record is long. Rows that are sealed already hold the empty values and verify unchanged.
"""

from django.db import migrations, models

_COLUMNS = {
    "audit_factrecord": (
        ("on_behalf_of", "varchar(200) NOT NULL DEFAULT ''"),
        ("client_address", "varchar(64) NOT NULL DEFAULT ''"),
        ("versions", "text NOT NULL DEFAULT ''"),
    ),
    "audit_accessrecord": (
        ("on_behalf_of", "varchar(200) NOT NULL DEFAULT ''"),
        ("client_address", "varchar(64) NOT NULL DEFAULT ''"),
        ("repeats", "integer NOT NULL DEFAULT 1"),
    ),
}


def add_columns(apps, editor):
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            editor.execute(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {kind}')


def remove_columns(apps, editor):
    for table, columns in _COLUMNS.items():
        for name, _ in columns:
            editor.execute(f'ALTER TABLE "{table}" DROP COLUMN "{name}"')


def _text(label, length):
    return models.CharField(label, max_length=length, blank=True, db_default="")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_insert_only")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_columns, remove_columns)],
            state_operations=[
                migrations.AddField("factrecord", "on_behalf_of", _text("代谁办理", 200)),
                migrations.AddField("factrecord", "client_address", _text("来访地址", 64)),
                migrations.AddField(
                    "factrecord", "versions", models.TextField("所据版本", blank=True, db_default="")
                ),
                migrations.AddField("accessrecord", "on_behalf_of", _text("代谁办理", 200)),
                migrations.AddField("accessrecord", "client_address", _text("来访地址", 64)),
                migrations.AddField("accessrecord", "repeats", models.IntegerField("次数", db_default=1)),
            ],
        ),
        migrations.RemoveIndex("factrecord", "audit_fact_subject"),
        migrations.RemoveIndex("factrecord", "audit_fact_body"),
        migrations.RemoveIndex("factrecord", "audit_fact_actor"),
        migrations.RemoveIndex("accessrecord", "audit_access_body"),
        migrations.RemoveIndex("accessrecord", "audit_access_actor"),
        *(
            migrations.AddIndex(model, models.Index(fields=[*fields, "at", "id"], name=name))
            for model, fields, name in (
                ("factrecord", ["subject_kind", "subject_id"], "audit_fact_subject_at"),
                ("factrecord", ["body_id"], "audit_fact_body_at"),
                ("factrecord", ["actor_user_id"], "audit_fact_actor_at"),
                ("factrecord", ["action"], "audit_fact_action_at"),
                ("factrecord", [], "audit_fact_at"),
                ("accessrecord", ["body_id"], "audit_access_body_at"),
                ("accessrecord", ["actor_user_id"], "audit_access_actor_at"),
                ("accessrecord", ["outcome"], "audit_access_outcome_at"),
                ("accessrecord", [], "audit_access_at"),
            )
        ),
    ]
