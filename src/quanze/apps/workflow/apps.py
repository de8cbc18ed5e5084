from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "quanze.apps.workflow"
    label = "workflow"
    verbose_name = "审查流程"
