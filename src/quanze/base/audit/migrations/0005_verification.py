"""核验结果。"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_text_index")]
    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField("核验时间")),
                ("actor_name", models.CharField("核验人", max_length=100)),
                ("milliseconds", models.BigIntegerField("用时（毫秒）")),
                ("records", models.BigIntegerField("已封存条数")),
                ("unsealed", models.BigIntegerField("未封存条数")),
                ("unanchored", models.BigIntegerField("未下锚条数")),
                ("anchors", models.IntegerField("下锚次数")),
                ("is_sound", models.BooleanField("是否完好")),
                ("first_bad_row", models.BigIntegerField("第一处不符的记录", null=True)),
                ("problem", models.TextField("不符", blank=True)),
            ],
            options={"verbose_name": "核验结果", "verbose_name_plural": "核验结果"},
        ),
    ]
