"""办事指南链接的核查结果。"""

from django.db import models
from django.db.models import Q

from quanze.base.links.public import OUTCOMES


class LinkCheck(models.Model):
    """链接核查：一个办事指南网址最近一次核查的结果；打不开的自何时起。Which items carry it is asked of their versions."""

    url = models.CharField("网址", max_length=500, unique=True)
    outcome = models.CharField("结果", max_length=20, choices=list(OUTCOMES.items()))
    status = models.PositiveIntegerField("应答", null=True, blank=True)
    detail = models.CharField("说明", max_length=300, blank=True)
    is_dead = models.BooleanField("打不开", default=False)
    dead_since = models.DateTimeField("自何时打不开", null=True, blank=True)
    failures = models.PositiveIntegerField("连续打不开的次数", default=0)
    checked_at = models.DateTimeField("核查时间")
    last_ok_at = models.DateTimeField("最近打开的时间", null=True, blank=True)

    class Meta:
        verbose_name = "链接核查"
        ordering = ["url"]
        indexes = [models.Index(fields=["is_dead"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_dead=False, dead_since__isnull=True, failures=0)
                | Q(is_dead=True, dead_since__isnull=False, failures__gt=0),
                name="dead_link_is_dated",
            )
        ]
