from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "lifang.places"
    label = "places"
    verbose_name = "地点"
