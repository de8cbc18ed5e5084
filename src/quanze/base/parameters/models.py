"""政策参数的表：本地设定的值与版本。The shipped values stay in the packs and are never copied into a table."""

from __future__ import annotations

from django.db import models


class ParameterValue(models.Model):
    """参数值：自某日起的值及其依据。Text as typed; the definition says how to read it."""

    code = models.CharField("参数代码", max_length=100)
    valid_from = models.DateField("生效日期")
    value = models.TextField("值")
    source = models.CharField("依据", max_length=500)
    set_by = models.BigIntegerField("设定人编号", null=True)
    set_by_name = models.CharField("设定人", max_length=100)
    at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "参数值"
        verbose_name_plural = "参数值"
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="parameters_value_once_a_day")]

    def __str__(self) -> str:
        return f"{self.code} = {self.value}（自 {self.valid_from}）"


class ParameterVersion(models.Model):
    """参数版本：每次改动换一个新标记，各进程据此更新缓存。"""

    id = models.SmallIntegerField(primary_key=True, default=1)
    token = models.CharField("标记", max_length=32)

    class Meta:
        verbose_name = "参数版本"
        verbose_name_plural = "参数版本"

    def __str__(self) -> str:
        return self.token
