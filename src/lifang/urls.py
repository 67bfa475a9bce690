"""All routes: the JSON API, the server pages, the two browser apps."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from lifang import __version__
from lifang.core import pages
from lifang.core.api import build
from lifang.orgs import acting
from lifang.orgs.api import router as orgs_router

api = build(title="lifang", version=__version__, auth=acting.of)
api.add_router("", orgs_router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("lang", set_language, name="set_language"),
    path("", include("lifang.orgs.accounts.urls")),
    path("console/", pages.console, name="console"),
    path("console/<path:rest>", pages.console),
    path("m/", pages.mobile, name="mobile"),
    path("m/sw.js", pages.service_worker),
    path("m/<path:rest>", pages.mobile),
]
