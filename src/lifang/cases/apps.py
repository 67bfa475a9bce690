from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "lifang.cases"
    label = "cases"
    verbose_name = "案件"
