from datetime import date

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("adjustment", "0005_office_templates")]

    operations = [
        migrations.AddField("meetingtopic", "note", models.TextField(blank=True, default="", verbose_name="送审说明"), preserve_default=False),
        migrations.AddField("meetingtopic", "procedure", models.CharField(default="", max_length=100, verbose_name="程序"), preserve_default=False),
        migrations.AddField("meetingtopic", "submitted_on", models.DateField(default=date(2000, 1, 1), verbose_name="送审日期"), preserve_default=False),
        migrations.AddField("meetingtopic", "reviews", models.JSONField(default=list, verbose_name="会前审查")),
    ]
