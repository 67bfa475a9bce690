from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "lifang.inspections"
    label = "inspections"
    verbose_name = "实地考察"
