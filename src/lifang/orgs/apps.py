from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "lifang.orgs"
    label = "orgs"
    verbose_name = "组织"
