from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "lifang.rounds"
    label = "rounds"
    verbose_name = "测评轮次"
