"""账号。Who may log in; bodies, posts and roles are kept in ``apps.org`` (iam knows no bodies)."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager):
    """账号管理器：按登录名查找。There is no superuser and therefore no ``create_superuser``."""

    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AbstractBaseUser):
    """账号：登录名、姓名、联系电话、是否停用；口令何时启用；最近与此前一次登录。

    There is no ``is_superuser`` and no ``is_staff``: nobody has all rights, and a check refuses such a column.
    """

    username = models.CharField("登录名", max_length=64, unique=True)
    full_name = models.CharField("姓名", max_length=64)
    phone = models.CharField("办公电话", max_length=32, blank=True)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", default=timezone.now)
    version = models.PositiveIntegerField("版本", default=1)
    password_set_at = models.DateTimeField("口令启用时间", null=True)
    signed_in_at = models.DateTimeField("最近登录时间", null=True)
    signed_in_from = models.CharField("最近登录地址", max_length=64, blank=True)
    before_at = models.DateTimeField("此前一次登录时间", null=True)
    before_from = models.CharField("此前一次登录地址", max_length=64, blank=True)
    failures_since = models.PositiveIntegerField("最近登录后的失败次数", default=0)
    failures_before = models.PositiveIntegerField("最近登录前的失败次数", default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["full_name"]
    objects = UserManager()

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ["username"]

    def __str__(self):
        return self.full_name or self.username


from quanze.base.iam.api_key_models import ApiKey, SystemAccount  # noqa: E402, F401  Django loads tables from here
from quanze.base.iam.credential_models import AccountToken, PasswordHistory  # noqa: E402, F401
from quanze.base.iam.session_models import LoginSession  # noqa: E402, F401
