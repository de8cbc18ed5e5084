"""机构变更的表。Rows are only added: what was once said about a body, and when, stays readable."""

from django.conf import settings
from django.db import models

from quanze.apps.org.models.directory import Body


class BodyChange(models.Model):
    """机构变更：自哪天起，机构的哪几项是什么；谁在何时记录。"""

    body = models.ForeignKey(Body, models.CASCADE, related_name="changes", verbose_name="机构")
    valid_from = models.DateField("自")
    values = models.JSONField("各项")
    reason = models.CharField("理由", max_length=500, blank=True)
    recorded_at = models.DateTimeField("记录时间", null=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人"
    )

    class Meta:
        verbose_name = "机构变更"
        ordering = ["body", "valid_from", "id"]
        indexes = [models.Index(fields=["body", "valid_from"])]
