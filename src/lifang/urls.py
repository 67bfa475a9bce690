"""All routes: the JSON API, the server pages, the two browser apps."""

from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import set_language

from lifang import __version__
from lifang.assessment.api import router as assessment_router
from lifang.assessment.crosswalk_api import router as crosswalk_router
from lifang.cases import queries as cases_queries
from lifang.cases.api import router as cases_router
from lifang.cases.duplicates_api import router as duplicates_router
from lifang.cases.media_api import router as media_router
from lifang.cases.verbs_api import router as verbs_router
from lifang.core import acts, monitoring, pages
from lifang.core.api import build, by_first_word, not_found
from lifang.core.files.views import serve
from lifang.core.routes import router as core_router
from lifang.dashboard.api import router as dashboard_router
from lifang.demo.api import router as demo_router
from lifang.duties.api import router as duties_router
from lifang.inspections.api import router as inspections_router
from lifang.intake.api import router as public_router
from lifang.intake.hotline.api import router as hotline_router
from lifang.intake.open311.api import router as open311_router
from lifang.materials.api import router as materials_router
from lifang.orgs import acting, words
from lifang.orgs.api import router as orgs_router
from lifang.places.api import router as places_router
from lifang.rounds.api import router as rounds_router
from lifang.rounds.tasks_api import router as round_tasks_router
from lifang.standards.api import router as standards_router
from lifang.standards.edition_api import router as editions_router
from lifang.surveys.api import router as surveys_router
from lifang.understanding.learning.api import router as judgement_router

acts.use(acting.of, acting.optional)
words.use(lambda: cases_queries.setting_row()["words"])

api = build(title="lifang", version=__version__, auth=acting.of)
api.add_router("", core_router)
api.add_router("", orgs_router)
api.add_router("", places_router)
api.add_router("", standards_router)
api.add_router("", editions_router)
api.add_router("", judgement_router)
api.add_router("", duties_router)
api.add_router("", cases_router)
api.add_router("", duplicates_router)
api.add_router("", verbs_router)
api.add_router("", media_router)
api.add_router("", public_router)
api.add_router("", hotline_router)
api.add_router("", open311_router)
api.add_router("", inspections_router)
api.add_router("", surveys_router)
api.add_router("", assessment_router)
api.add_router("", crosswalk_router)
api.add_router("", rounds_router)
api.add_router("", round_tasks_router)
api.add_router("", materials_router)
api.add_router("", dashboard_router)
api.add_router("", demo_router)

# not `app_name`: a module of that name would put all of this into a namespace
_routes, _app, _space = api.urls

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", (by_first_word(_routes), _app, _space)),
    re_path("^api/", not_found),
    path("healthz", monitoring.healthz),
    path("metrics", monitoring.metrics),
    path("files/<slug:sha256>/<slug:variant>", serve, name="file"),
    path("lang", set_language, name="set_language"),
    path("", include("lifang.orgs.accounts.urls")),
    path("open311/", include("lifang.intake.open311.urls")),
    path("", include("lifang.intake.urls")),
    path("console/", pages.console, name="console"),
    path("console/<path:rest>", pages.console),
    path("m/", pages.mobile, name="mobile"),
    path("m/sw.js", pages.service_worker),
    path("m/<path:rest>", pages.mobile),
]

handler500 = "lifang.core.api.broken"
