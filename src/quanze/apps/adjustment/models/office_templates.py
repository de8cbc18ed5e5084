"""公文样式：办公室自己的 Word 样式文件。"""

from django.db import models


class OfficeTemplate(models.Model):
    """公文样式：上传的 docx，里面的 {{字段}} 套用时填入；同名再传，旧的停用而不删。"""

    owner_body_id = models.BigIntegerField("所属机构", db_index=True)
    title = models.CharField("名称", max_length=100)
    file_id = models.BigIntegerField("文件")
    file_name = models.CharField("文件名", max_length=255)
    fields = models.JSONField("字段", default=list)
    is_retired = models.BooleanField("停用", default=False)
    uploaded_by_name = models.CharField("上传人", max_length=64)
    uploaded_at = models.DateTimeField("上传时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "公文样式"
        ordering = ["title", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner_body_id", "title"],
                condition=models.Q(is_retired=False),
                name="one_template_in_use_per_title",
            )
        ]
