"""Stored assessment editions, read and kept in the process: a published one never changes."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.standards import editions
from lifang.standards.models import AssessmentEdition


def row(edition_id: int) -> AssessmentEdition:
    """The row without its document; raises :class:`Missing`."""
    found = AssessmentEdition.objects.defer("document").filter(pk=edition_id).first()
    if found is None:
        raise Missing("edition.missing", _("没有这个测评体系"))
    return found


def document(edition_id: int) -> Any:
    found = AssessmentEdition.objects.filter(pk=edition_id).values_list("document", flat=True)
    if not found:
        raise Missing("edition.missing", _("没有这个测评体系"))
    return found[0]


@lru_cache(maxsize=16)
def _frozen(edition_id: int, sha256: str) -> editions.Edition:
    return editions.read(document(edition_id))


def edition(of: AssessmentEdition) -> editions.Edition:
    """What the engine scores by. Of a draft it is read anew each time; raises :class:`Invalid`."""
    return _frozen(of.pk, of.sha256) if of.sha256 else editions.read(document(of.pk))
