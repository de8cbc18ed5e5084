"""账号。Who may log in; bodies, posts and roles are kept in ``apps.org`` (iam knows no bodies)."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone


class UserManager(BaseUserManager):
    """账号管理器：按登录名查找。There is no superuser and therefore no ``create_superuser``."""

    def get_by_natural_key(self, username):
        return self.get(username=username)


class User(AbstractBaseUser):
    """账号：登录名、姓名、联系电话、是否停用。"""

    username = models.CharField("登录名", max_length=64, unique=True)
    full_name = models.CharField("姓名", max_length=64)
    phone = models.CharField("办公电话", max_length=32, blank=True)
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间", default=timezone.now)

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
