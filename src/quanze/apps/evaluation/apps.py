from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "quanze.apps.evaluation"
    label = "evaluation"
    verbose_name = "监督评估"

    def ready(self) -> None:
        from quanze.apps.evaluation import jobs  # noqa: F401  registers the job kinds
        from quanze.apps.evaluation.web import registrations
        from quanze.base.audit.public import register_actions
        from quanze.base.files.public import register_purpose

        register_actions(
            {
                "evaluation.pack.installed": "装入指标包",
                "evaluation.scheme.created": "拟订评估方案",
                "evaluation.scheme.changed": "修改评估方案",
                "evaluation.round.created": "建立评估轮次",
                "evaluation.round.opened": "启动评估",
                "evaluation.round.withdrawn": "撤回启动",
                "evaluation.round.computed": "系统计分",
                "evaluation.round.concluded": "审定评估结果",
                "evaluation.round.corrected": "更正评估结果",
                "evaluation.score.entered": "人工评定",
                "evaluation.conclusion.drafted": "起草评估结论",
                "evaluation.conclusion.edited": "修改评估结论",
                "evaluation.conclusion.issued": "印发评估结论",
                "evaluation.conclusion.corrected": "勘误评估结论",
            }
        )
        registrations.register()
        register_purpose("evaluation_conclusion", "评估结论", kinds=("docx", "pdf"))
