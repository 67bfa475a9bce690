"""All routes: the JSON API, the server pages, the two browser apps."""

from django.urls import URLPattern, URLResolver, path

from lifang import __version__
from lifang.core.api import build
from lifang.orgs import acting
from lifang.orgs.api import router as orgs_router

api = build(title="lifang", version=__version__, auth=acting.of)
api.add_router("", orgs_router)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
]
