from django.apps import AppConfig


class UnderstandingConfig(AppConfig):
    name = "lifang.understanding"
    label = "understanding"
    verbose_name = "理解"

    def ready(self) -> None:
        """What comes in is looked at and listened to."""
        from lifang.understanding.pictures import tasks as looking  # noqa: F401  (registers itself)
        from lifang.understanding.voice import tasks as listening  # noqa: F401
