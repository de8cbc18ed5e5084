from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "quanze.base.notices"
    label = "notices"
    verbose_name = "消息"
