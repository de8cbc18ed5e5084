from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_base_binding")]

    operations = [
        migrations.AddField("listimport", "failure", models.JSONField(default=dict, verbose_name="失败的代码与位置")),
    ]
