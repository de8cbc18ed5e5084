from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "quanze.base.iam"
    label = "iam"
    verbose_name = "账号"
