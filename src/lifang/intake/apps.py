from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "lifang.intake"
    label = "intake"
    verbose_name = "受理渠道"

    def ready(self) -> None:
        from lifang.intake.open311 import recovery  # noqa: F401  (registers lost sendings)
