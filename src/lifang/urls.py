"""All routes: the JSON API, the server pages, the two browser apps."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
