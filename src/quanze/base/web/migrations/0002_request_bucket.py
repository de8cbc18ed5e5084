from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("web", "0001_idempotency_key")]

    operations = [
        migrations.CreateModel(
            name="RequestBucket",
            fields=[
                (
                    "key",
                    models.CharField(
                        max_length=80, primary_key=True, serialize=False, verbose_name="用途与来处摘要"
                    ),
                ),
                ("tokens", models.FloatField(verbose_name="余下次数")),
                ("filled_at", models.DateTimeField(verbose_name="计到何时")),
            ],
            options={
                "verbose_name": "访客限频",
                "verbose_name_plural": "访客限频",
                "indexes": [models.Index(fields=["filled_at"], name="web_bucket_age")],
            },
        ),
    ]
