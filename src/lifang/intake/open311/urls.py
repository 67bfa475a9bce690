"""Addresses of the GeoReport server. A service's code and a request's number may hold dots."""

from django.urls import URLPattern, re_path

from lifang.intake.open311 import views

_FORM = r"\.(?P<form>xml|json)$"

urlpatterns: list[URLPattern] = [
    re_path(rf"^(?:v2/)?discovery{_FORM}", views.discovery),
    re_path(rf"^v2/services{_FORM}", views.service_list),
    re_path(rf"^v2/services/(?P<code>[^/]+){_FORM}", views.service),
    re_path(rf"^v2/requests{_FORM}", views.requests),
    re_path(rf"^v2/requests/(?P<number>[^/]+){_FORM}", views.one),
    re_path(rf"^v2/tokens/(?P<token>[^/]+){_FORM}", views.token),
    re_path(rf"^v2/servicerequestupdates{_FORM}", views.updates),
    re_path(r"^(?P<rest>.*\.(?P<form>xml|json))$", views.nothing),
    re_path(r"^(?P<rest>.*)$", views.nothing),
]
