"""清单导入。"""

from django.db import models

from quanze.apps.catalog.domain.lifecycles import IMPORT_FLOW
from quanze.apps.catalog.models.lists import PowerList


class ListImport(models.Model):
    """清单导入：上传的工作簿、读取结果、与现有草稿和现行清单的对照。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="imports", verbose_name="清单")
    file_id = models.BigIntegerField("文件")
    file_name = models.CharField("文件名", max_length=300)
    state = models.CharField("状态", max_length=12, choices=list(IMPORT_FLOW.states.items()), default="uploaded")
    reading = models.JSONField("读取结果", default=dict)
    difference = models.JSONField("对照", default=dict)
    error = models.TextField("失败原因", blank=True)
    failure = models.JSONField("失败的代码与位置", default=dict)
    job_id = models.BigIntegerField("后台任务", null=True, blank=True)
    created_by_id = models.BigIntegerField("上传人")
    created_by_name = models.CharField("上传人姓名", max_length=64)
    created_at = models.DateTimeField("上传时间")
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "清单导入"
        ordering = ["-id"]
