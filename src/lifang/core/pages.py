"""What every server page knows: the city's name, elder mode, whether this is the demo."""

from typing import Any

from django.http import HttpRequest

from lifang import __version__
from lifang.config import config

#: a visitor's choice of the large, plain pages (长辈版), kept for a year
ELDER_COOKIE = "lf_elder"


def is_elder(request: HttpRequest) -> bool:
    return request.COOKIES.get(ELDER_COOKIE) == "1"


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context of all pages."""
    return {
        "city_name": config().city_name,
        "elder": is_elder(request),
        "demo": config().demo,
        "lifang_version": __version__,
    }
