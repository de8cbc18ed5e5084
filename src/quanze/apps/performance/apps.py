from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "quanze.apps.performance"
    label = "performance"
    verbose_name = "行权运行"
