from django.apps import AppConfig


class RoundsConfig(AppConfig):
    name = "lifang.rounds"
    label = "rounds"
    verbose_name = "测评轮次"

    def ready(self) -> None:
        from lifang.rounds import access  # noqa: F401  (registers who may open files)
