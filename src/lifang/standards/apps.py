from django.apps import AppConfig


class StandardsConfig(AppConfig):
    name = "lifang.standards"
    label = "standards"
    verbose_name = "标准"
