from django.apps import AppConfig


class DutiesConfig(AppConfig):
    name = "lifang.duties"
    label = "duties"
    verbose_name = "责任"
