from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "quanze.apps.evaluation"
    label = "evaluation"
    verbose_name = "监督评估"
