from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "lifang.dashboard"
    label = "dashboard"
    verbose_name = "统计"
