from django.apps import AppConfig


class UnderstandingConfig(AppConfig):
    name = "lifang.understanding"
    label = "understanding"
    verbose_name = "理解"
