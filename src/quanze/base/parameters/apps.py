from django.apps import AppConfig


class ParametersConfig(AppConfig):
    name = "quanze.base.parameters"
    label = "parameters"
    verbose_name = "政策参数"
