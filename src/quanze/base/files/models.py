"""文件的表。The bytes lie under their digest in ``settings.QUANZE_FILES_DIR``; rows of equal content share them."""

from __future__ import annotations

from django.db import models


class StoredFile(models.Model):
    """文件：内容摘要、大小、按内容判定的种类、原名、所属机构、上传人。"""

    sha256 = models.CharField("摘要", max_length=64, db_index=True)
    size = models.BigIntegerField("字节数")
    kind = models.CharField("种类", max_length=10)
    original_name = models.CharField("原文件名", max_length=255)
    purpose = models.CharField("用途", max_length=60)
    body_id = models.BigIntegerField("所属机构编号", null=True)
    uploaded_by = models.BigIntegerField("上传人编号", null=True)
    uploaded_by_name = models.CharField("上传人", max_length=100)
    at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "文件"
        verbose_name_plural = "文件"
        indexes = [models.Index(fields=["body_id", "-id"], name="files_body")]

    def __str__(self) -> str:
        return self.original_name
