"""关联清单导入。"""

from django.db import models

from quanze.apps.catalog.models.derived import DerivedList


class EntryImport(models.Model):
    """关联清单导入：上传的表格逐行会怎样；看过之后一次写成草稿。"""

    derived_list = models.ForeignKey(DerivedList, models.CASCADE, related_name="imports", verbose_name="关联清单")
    file_name = models.CharField("文件名", max_length=300)
    rows = models.JSONField("逐行", default=list)
    unchanged = models.PositiveIntegerField("不变", default=0)
    changes = models.PositiveIntegerField("修改", default=0)
    new = models.PositiveIntegerField("列入", default=0)
    refused = models.PositiveIntegerField("不能导入", default=0)
    created_by_name = models.CharField("上传人", max_length=64)
    created_at = models.DateTimeField("上传时间")
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "关联清单导入"
        ordering = ["-id"]
