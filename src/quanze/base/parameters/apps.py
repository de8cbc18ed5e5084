from django.apps import AppConfig


class ParametersConfig(AppConfig):
    name = "quanze.base.parameters"
    label = "parameters"
    verbose_name = "政策参数"

    def ready(self) -> None:
        from quanze.base.audit.public import register_action

        register_action("parameters.value.set", "设定政策参数")
