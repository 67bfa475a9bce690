from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "lifang.demo"
    label = "demo"
    verbose_name = "演示"
