from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quanze.base.web"
    label = "web"
    verbose_name = "页面基础"
