"""检查发现与豁免。"""

from django.db import models

from quanze.apps.catalog.models.items import ItemVersion, PowerItem
from quanze.apps.catalog.models.lists import PowerList


class StoredFinding(models.Model):
    """检查发现：规则、级别、对象、位置、证据、建议；内容变了便作废重查。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="findings", verbose_name="清单")
    version = models.ForeignKey(
        ItemVersion, models.CASCADE, null=True, blank=True, related_name="findings", verbose_name="事项版本"
    )
    code = models.CharField("规则", max_length=8)
    severity = models.CharField("级别", max_length=8)
    field = models.CharField("字段", max_length=48, blank=True)
    message = models.TextField("说明")
    evidence = models.TextField("证据", blank=True)
    suggestion = models.TextField("建议", blank=True)
    fix = models.JSONField("可自动修正", null=True, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    found_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = "检查发现"
        ordering = ["id"]
        indexes = [models.Index(fields=["power_list", "severity", "code"]), models.Index(fields=["version"])]


class FindingWaiver(models.Model):
    """豁免：对某事项某规则写明理由；内容改变即失效。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="waivers", verbose_name="清单")
    item = models.ForeignKey(
        PowerItem, models.CASCADE, null=True, blank=True, related_name="waivers", verbose_name="事项"
    )
    code = models.CharField("规则", max_length=8)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    reason = models.CharField("理由", max_length=500)
    granted_by_id = models.BigIntegerField("豁免人")
    granted_by_name = models.CharField("豁免人姓名", max_length=64)
    granted_at = models.DateTimeField("豁免时间")

    class Meta:
        verbose_name = "豁免"
        ordering = ["-id"]
        indexes = [models.Index(fields=["power_list", "code"])]
