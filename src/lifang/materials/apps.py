from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "lifang.materials"
    label = "materials"
    verbose_name = "网报资料"

    def ready(self) -> None:
        from lifang.materials import access  # noqa: F401  (registers who may open files)
