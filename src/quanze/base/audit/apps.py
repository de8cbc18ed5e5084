from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "quanze.base.audit"
    label = "audit"
    verbose_name = "记录仪"
