"""记录的文字索引与按姓名查找的索引。"""

from django.db import migrations, models

from quanze.base.audit.searching import create_index, drop_index


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_who_whence_and_versions")]
    operations = [
        migrations.RunPython(
            lambda apps, editor: create_index(editor.connection),
            lambda apps, editor: drop_index(editor.connection),
        ),
        migrations.AddIndex(
            "factrecord", models.Index(fields=["actor_name", "at", "id"], name="audit_fact_name_at")
        ),
        migrations.AddIndex(
            "factrecord", models.Index(fields=["subject_kind", "at", "id"], name="audit_fact_kind_at")
        ),
    ]
