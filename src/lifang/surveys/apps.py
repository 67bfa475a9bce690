from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "lifang.surveys"
    label = "surveys"
    verbose_name = "问卷"
