"""Editions and crosswalks for the permission matrix."""

from typing import Any

from factories_rounds import make_edition
from lifang.standards.models import EditionCrosswalk


def crosswalk(city: Any) -> EditionCrosswalk:
    return EditionCrosswalk.objects.create(old=make_edition(), new=make_edition())


MAKERS = {"edition_id": lambda city: make_edition(), "crosswalk_id": crosswalk}
