from django.apps import AppConfig


class InspectionsConfig(AppConfig):
    name = "lifang.inspections"
    label = "inspections"
    verbose_name = "实地考察"

    def ready(self) -> None:
        from lifang.inspections import access  # noqa: F401  (registers who may open photos)
