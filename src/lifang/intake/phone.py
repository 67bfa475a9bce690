"""The phone app's manifest: city and language are known only here. Its page is in ``core.pages``."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from lifang.config import config


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    city = config().city_name
    name = _("文明城市随手拍")
    said: dict[str, Any] = {
        "id": "/m/",
        "name": f"{city} {name}".strip(),
        "short_name": _("随手拍"),
        "description": _("发现问题随手拍，进度随时查；一线人员在手机上处置、核查"),
        "lang": "zh-CN",
        "start_url": "/m/",
        "scope": "/m/",
        "display": "standalone",
        "orientation": "portrait",
        "background_color": "#f3f4f6",
        "theme_color": "#1a5fd0",
        "icons": [
            {"src": "/static/icons/icon-192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "/static/icons/icon-512.png", "sizes": "512x512", "type": "image/png"},
            {
                "src": "/static/icons/icon-512.png",
                "sizes": "512x512",
                "type": "image/png",
                "purpose": "maskable",
            },
        ],
    }
    answer = JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    answer["Content-Type"] = "application/manifest+json; charset=utf-8"
    answer["Cache-Control"] = "no-cache"
    return answer
