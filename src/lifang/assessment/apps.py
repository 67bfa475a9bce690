from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "lifang.assessment"
    label = "assessment"
    verbose_name = "得分"

    def ready(self) -> None:
        from lifang.assessment import offers, photos  # noqa: F401  (they register themselves)
