from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "lifang.assessment"
    label = "assessment"
    verbose_name = "得分"
