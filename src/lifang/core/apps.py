from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "lifang.core"
    label = "core"
    verbose_name = "核心"
