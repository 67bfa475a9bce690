from django.apps import AppConfig


class MaterialsConfig(AppConfig):
    name = "lifang.materials"
    label = "materials"
    verbose_name = "网报资料"
