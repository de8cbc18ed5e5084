from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "quanze.apps.workflow"
    label = "workflow"
    verbose_name = "审查流程"

    def ready(self):
        from quanze.apps.org.public import register_work_source
        from quanze.apps.workflow.services.handing_over import SOURCES

        for source in SOURCES:
            register_work_source(source)
