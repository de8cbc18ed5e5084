"""数据仓的登记表：批次、事件文件、统计集版本。

The manifest is the store's truth: a file that no active row names does not exist for any reader. It is written in the
same transaction as the idempotency key of the batch.
"""

from django.db import models


class EventBatch(models.Model):
    """批次：一次送入的一组事件，凭幂等键只生效一次。Text columns are copies, so a batch outlives what it names."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", "已入库"
        WITHDRAWN = "withdrawn", "已撤回"

    key = models.CharField("幂等键", max_length=200, unique=True)
    source = models.CharField("来源", max_length=60)
    file_name = models.CharField("文件名", max_length=300, blank=True)
    payload_digest = models.CharField("内容摘要", max_length=64)
    rows_read = models.BigIntegerField("读入行数", default=0)
    rows_accepted = models.BigIntegerField("入库行数", default=0)
    rows_duplicate = models.BigIntegerField("重复行数", default=0)
    rows_conflicting = models.BigIntegerField("冲突行数", default=0)
    rows_quarantined = models.BigIntegerField("待核实行数", default=0)
    conflicts = models.JSONField("冲突样例", default=list)
    months = models.JSONField("涉及月份", default=list)
    state = models.CharField("状态", max_length=20, choices=State, default=State.ACCEPTED)
    actor_name = models.CharField("送入人", max_length=100)
    created_at = models.DateTimeField("送入时间")

    class Meta:
        verbose_name = "批次"
        verbose_name_plural = "批次"
        indexes = [models.Index(fields=["source", "-created_at"], name="warehouse_batch_source")]

    def __str__(self) -> str:
        return f"{self.source} {self.file_name or self.key}"


class EventFile(models.Model):
    """事件文件：某月若干完整办件的一个 Parquet 文件。Replaced files stay until no reader can still hold them."""

    class Status(models.TextChoices):
        ACTIVE = "active", "在用"
        REPLACED = "replaced", "已替换"
        WITHDRAWN = "withdrawn", "已撤回"

    month = models.CharField("月份", max_length=7)
    path = models.CharField("相对路径", max_length=200, unique=True)
    case_path = models.CharField("办件索引路径", max_length=200)
    rows = models.BigIntegerField("行数")
    cases = models.BigIntegerField("办件数")
    size = models.BigIntegerField("字节数")
    min_occurred_at = models.DateTimeField("最早事件")
    max_occurred_at = models.DateTimeField("最晚事件")
    digest = models.CharField("内容摘要", max_length=64)
    batch_ids = models.JSONField("批次", default=list)
    status = models.CharField("状态", max_length=20, choices=Status, default=Status.ACTIVE)
    created_at = models.DateTimeField("登记时间")
    replaced_at = models.DateTimeField("替换时间", null=True)

    class Meta:
        verbose_name = "事件文件"
        verbose_name_plural = "事件文件"
        indexes = [models.Index(fields=["status", "month"], name="warehouse_file_month")]

    def __str__(self) -> str:
        return f"{self.month} {self.path}"


class Generation(models.Model):
    """世代：登记每变一次加一；也是写入者互斥的锁行。One row."""

    id = models.PositiveSmallIntegerField("编号", primary_key=True, default=1)
    number = models.BigIntegerField("世代号", default=0)

    class Meta:
        verbose_name = "世代"
        verbose_name_plural = "世代"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="warehouse_generation_single")]

    def __str__(self) -> str:
        return str(self.number)


class MartVersion(models.Model):
    """统计集版本：由某一世代的全部文件算出；页面只读现行版本。"""

    generation = models.BigIntegerField("世代号")
    folder = models.CharField("相对目录", max_length=200)
    files = models.IntegerField("文件数")
    rows = models.BigIntegerField("事件数")
    cases = models.BigIntegerField("办件数")
    newest_event_at = models.DateTimeField("最晚事件", null=True)
    is_current = models.BooleanField("现行", default=False)
    engine = models.CharField("计算引擎", max_length=20)
    built_at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "统计集版本"
        verbose_name_plural = "统计集版本"
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="warehouse_mart_single_current"
            )
        ]

    def __str__(self) -> str:
        return f"第 {self.generation} 世代"


class ReceivedBatch(models.Model):
    """接收批次：接口送来的一批事件，已随确认落盘，等待并入事件文件。

    A small batch is one row here instead of two small files; a duty joins many of them into whole files. ``payload`` is
    emptied when that has been committed.
    """

    source = models.CharField("来源", max_length=64)
    digest = models.CharField("内容摘要", max_length=64)
    rows = models.PositiveIntegerField("行数")
    duplicates = models.PositiveIntegerField("重复行数", default=0)
    payload = models.BinaryField("事件", default=bytes)
    sender_id = models.BigIntegerField("送入账号", null=True)
    sender_name = models.CharField("送入人", max_length=100)
    sender_body_id = models.BigIntegerField("送入机构", null=True)
    sender_body_name = models.CharField("送入机构名称", max_length=200, blank=True)
    received_at = models.DateTimeField("收到时间")
    settled_at = models.DateTimeField("并入时间", null=True)
    event_batch = models.ForeignKey(
        EventBatch, models.PROTECT, null=True, related_name="received", verbose_name="并入的批次"
    )

    class Meta:
        verbose_name = "接收批次"
        verbose_name_plural = "接收批次"
        indexes = [
            models.Index(fields=["source", "id"], name="warehouse_received_source"),
            models.Index(fields=["id"], condition=models.Q(settled_at__isnull=True), name="warehouse_received_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.pk}"


class ReceivedEvent(models.Model):
    """已收事件：来源与事件编号只收一次，内容摘要用来分辨重送与冲突。"""

    source = models.CharField("来源", max_length=64)
    event_id = models.CharField("事件编号", max_length=100)
    digest = models.BinaryField("内容摘要", max_length=16)
    batch = models.ForeignKey(ReceivedBatch, models.PROTECT, related_name="events", verbose_name="接收批次")

    class Meta:
        verbose_name = "已收事件"
        verbose_name_plural = "已收事件"
        constraints = [models.UniqueConstraint(fields=["source", "event_id"], name="warehouse_event_received_once")]

    def __str__(self) -> str:
        return self.event_id
