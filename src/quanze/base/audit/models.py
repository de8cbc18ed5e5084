"""记录仪的三张表：事实记录、访问记录、封条。Rows are only ever inserted; nothing here points at other tables.

``before`` and ``after`` are canonical JSON kept as text: a JSON column would be re-ordered by PostgreSQL, and a seal
over bytes that the database rewrites is worth nothing.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.db import models


class InsertOnlyError(RuntimeError):
    """只增不改：有程序试图修改或删除记录。A programming error, never the clerk's."""


class InsertOnlyQuerySet(models.QuerySet[Any]):
    """拒绝批量修改与删除。"""

    def update(self, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError("记录只能新增，不能修改。")

    def delete(self) -> NoReturn:
        raise InsertOnlyError("记录只能新增，不能删除。")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError("记录只能新增，不能修改。")


class InsertOnlyModel(models.Model):
    """只增表的共同约束。The database triggers of migration 0001 refuse the same from any other door."""

    objects = InsertOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise InsertOnlyError("记录只能新增，不能修改。")
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise InsertOnlyError("记录只能新增，不能删除。")


class FactRecord(InsertOnlyModel):
    """事实记录：谁、何时、以何岗位、对什么、做了什么、前后如何。"""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间")
    action = models.CharField("动作", max_length=100)
    actor_user_id = models.BigIntegerField("用户编号", null=True)
    actor_name = models.CharField("行为人", max_length=100)
    actor_body_id = models.BigIntegerField("行为人机构编号", null=True)
    actor_body_name = models.CharField("行为人机构", max_length=200, blank=True)
    actor_post = models.CharField("岗位", max_length=100, blank=True)
    actor_roles = models.CharField("角色", max_length=400, blank=True)
    subject_kind = models.CharField("客体种类", max_length=60)
    subject_id = models.CharField("客体编号", max_length=64)
    subject_label = models.CharField("客体名称", max_length=500, blank=True)
    body_id = models.BigIntegerField("客体所属机构编号", null=True)
    before = models.TextField("变更前", blank=True)
    after = models.TextField("变更后", blank=True)
    reason = models.TextField("理由", blank=True)
    source = models.CharField("来源", max_length=20)
    request_id = models.CharField("请求编号", max_length=64, blank=True)
    on_behalf_of = models.CharField("代谁办理", max_length=200, blank=True, db_default="")
    client_address = models.CharField("来访地址", max_length=64, blank=True, db_default="")
    versions = models.TextField("所据版本", blank=True, db_default="")

    class Meta:
        verbose_name = "事实记录"
        verbose_name_plural = "事实记录"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "at", "id"], name="audit_fact_subject_at"),
            models.Index(fields=["body_id", "at", "id"], name="audit_fact_body_at"),
            models.Index(fields=["actor_user_id", "at", "id"], name="audit_fact_actor_at"),
            models.Index(fields=["action", "at", "id"], name="audit_fact_action_at"),
            models.Index(fields=["at", "id"], name="audit_fact_at"),
            models.Index(fields=["actor_name", "at", "id"], name="audit_fact_name_at"),
            models.Index(fields=["subject_kind", "at", "id"], name="audit_fact_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject_label}"

    @property
    def before_data(self) -> Any:
        return json.loads(self.before) if self.before else None

    @property
    def after_data(self) -> Any:
        return json.loads(self.after) if self.after else None

    @property
    def versions_data(self) -> Any:
        return json.loads(self.versions) if self.versions else {}


class AccessRecord(InsertOnlyModel):
    """访问记录：被拒绝的请求、敏感查阅、导出、登录。

    ``repeats`` above one: a row that stands for so many equal attempts, which a flood would otherwise write one by one.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间")
    action = models.CharField("动作", max_length=200)
    outcome = models.CharField("结果", max_length=20)
    actor_user_id = models.BigIntegerField("用户编号", null=True)
    actor_name = models.CharField("行为人", max_length=100)
    actor_body_id = models.BigIntegerField("行为人机构编号", null=True)
    actor_body_name = models.CharField("行为人机构", max_length=200, blank=True)
    actor_post = models.CharField("岗位", max_length=100, blank=True)
    actor_roles = models.CharField("角色", max_length=400, blank=True)
    subject_label = models.CharField("客体名称", max_length=500, blank=True)
    body_id = models.BigIntegerField("客体所属机构编号", null=True)
    detail = models.TextField("说明", blank=True)
    source = models.CharField("来源", max_length=20)
    request_id = models.CharField("请求编号", max_length=64, blank=True)
    on_behalf_of = models.CharField("代谁办理", max_length=200, blank=True, db_default="")
    client_address = models.CharField("来访地址", max_length=64, blank=True, db_default="")
    repeats = models.IntegerField("次数", db_default=1)

    class Meta:
        verbose_name = "访问记录"
        verbose_name_plural = "访问记录"
        indexes = [
            models.Index(fields=["body_id", "at", "id"], name="audit_access_body_at"),
            models.Index(fields=["actor_user_id", "at", "id"], name="audit_access_actor_at"),
            models.Index(fields=["outcome", "at", "id"], name="audit_access_outcome_at"),
            models.Index(fields=["at", "id"], name="audit_access_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.outcome}"


class Seal(InsertOnlyModel):
    """封条：一批已提交记录的链值；每本日志各成一链。

    ``marks`` holds the id and the first eight digest bytes of every row of the batch, so that a broken batch can name
    the row. The key is log and number, without a surrogate: every column of a seal is bound by its value.
    """

    pk = models.CompositePrimaryKey("log", "number")
    log = models.CharField("日志", max_length=10)
    number = models.BigIntegerField("序号")
    from_id = models.BigIntegerField("起始记录")
    to_id = models.BigIntegerField("截止记录")
    count = models.IntegerField("记录数")
    algorithm = models.CharField("摘要算法", max_length=10)
    previous = models.CharField("前一封条", max_length=64)
    value = models.CharField("封条值", max_length=64)
    marks = models.BinaryField("逐条标记")
    sealed_at = models.DateTimeField("封存时间")

    class Meta:
        verbose_name = "封条"
        verbose_name_plural = "封条"

    def __str__(self) -> str:
        return f"{self.log} #{self.number}（{self.from_id}–{self.to_id}）"


class Verification(InsertOnlyModel):
    """核验结果：何人何时核验、核了多少、是否通过、第一处不符。"""

    at = models.DateTimeField("核验时间")
    actor_name = models.CharField("核验人", max_length=100)
    milliseconds = models.BigIntegerField("用时（毫秒）")
    records = models.BigIntegerField("已封存条数")
    unsealed = models.BigIntegerField("未封存条数")
    unanchored = models.BigIntegerField("未下锚条数")
    anchors = models.IntegerField("下锚次数")
    is_sound = models.BooleanField("是否完好")
    first_bad_row = models.BigIntegerField("第一处不符的记录", null=True)
    problem = models.TextField("不符", blank=True)

    class Meta:
        verbose_name = "核验结果"
        verbose_name_plural = "核验结果"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'完好' if self.is_sound else self.problem}"


class SealCandidate(models.Model):
    """待封水位：某时刻已见的最大记录号，以及当时尚未结束的写事务（仅 PostgreSQL 需要）。"""

    log = models.CharField("日志", max_length=10, primary_key=True)
    up_to_id = models.BigIntegerField("截止记录")
    open_transactions = models.JSONField("未结束的写事务", default=list)

    class Meta:
        verbose_name = "待封水位"
        verbose_name_plural = "待封水位"

    def __str__(self) -> str:
        return f"{self.log} ≤ {self.up_to_id}"
