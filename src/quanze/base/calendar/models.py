"""工作日历的表：年度、日期、版本。"""

from __future__ import annotations

from django.db import models


class CalendarStatus(models.TextChoices):
    PUBLISHED = "published", "已公布"
    PROJECTED = "projected", "尚未公布（按周末推算）"


class CalendarYear(models.Model):
    """年度放假安排：一份通知一行。``year`` names the notice; its days may reach into the year before."""

    year = models.IntegerField("年份", primary_key=True)
    status = models.CharField("状态", max_length=10, choices=CalendarStatus)
    source = models.CharField("依据", max_length=300, blank=True)
    note = models.CharField("备注", max_length=300, blank=True)

    class Meta:
        verbose_name = "年度放假安排"
        verbose_name_plural = "年度放假安排"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="projected") | ~models.Q(source=""), name="calendar_published_has_source"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year} 年"


class CalendarDay(models.Model):
    """特殊日期：放假日或调休上班日。Ordinary weekdays and weekends have no row."""

    year = models.ForeignKey(CalendarYear, on_delete=models.CASCADE, related_name="days", verbose_name="年度")
    date = models.DateField("日期")
    is_off = models.BooleanField("放假")
    name = models.CharField("名称", max_length=50)

    class Meta:
        verbose_name = "特殊日期"
        verbose_name_plural = "特殊日期"
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["year", "date"], name="calendar_day_once")]

    def __str__(self) -> str:
        return f"{self.date} {self.name}{'放假' if self.is_off else '上班'}"


class CalendarVersion(models.Model):
    """日历版本：每次改动换一个新标记，各进程据此更新缓存。Random, so that a rolled back change cannot collide."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token = models.CharField("标记", max_length=32)

    class Meta:
        verbose_name = "日历版本"
        verbose_name_plural = "日历版本"

    def __str__(self) -> str:
        return self.token
