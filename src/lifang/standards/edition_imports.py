"""An edition out of an uploaded file: preview, or into a draft. All or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Forbidden, Invalid
from lifang.orgs.acting import Acting
from lifang.standards import edition_actions as actions
from lifang.standards import edition_files, edition_rows, editions
from lifang.standards import edition_queries as queries
from lifang.standards.choices import EditionStatus
from lifang.standards.edition_files import Sheetful
from lifang.standards.editions.changes import Change, changes
from lifang.standards.models import AssessmentEdition

MOST_SHOWN = 500


@dataclass(frozen=True)
class FileReport:
    """What a file holds, and what taking it would change."""

    found: Sheetful
    changes: list[Change] = field(default_factory=list)
    against: str = ""
    edition_id: int = 0

    def plain(self) -> dict[str, Any]:
        doc = self.found.document
        summed = queries.measure(doc) if doc else {"indicators": 0, "points": 0}
        return {
            "faults": [vars(f) for f in self.found.faults[:MOST_SHOWN]],
            "fault_count": len(self.found.faults),
            **{k: str(doc.get(k, "")) for k in ("key", "version", "title")},
            "indicators": summed["indicators"],
            "points": summed["points"],
            "items": len(doc.get("items", ())),
            "sha256": editions.digest(doc) if doc else "",
            "changes": self.changes[:MOST_SHOWN],
            "against": self.against,
        }


def preview(*, by: Acting, data: bytes, into: int | None = None) -> FileReport:
    """Read a file and compare it; nothing is written."""
    if not by.has(*queries.EDITORS):
        raise Forbidden("edition.forbidden", _("只有评价员和系统管理员可以修改测评体系"))
    names = {name: code for code, name in queries.names_of_types().items()}
    found = edition_files.read(data, types=names)
    against = _against(by, found.document, into)
    told: list[Change] = []
    if against is not None and not found.faults:
        try:
            told = changes(edition_rows.edition(against), editions.read(found.document))
        except Invalid:  # the draft that it replaces is faulty: nothing to compare with
            against = None
    return FileReport(found, told, str(against or ""))


def _against(by: Acting, doc: Mapping[str, Any], into: int | None) -> AssessmentEdition | None:
    if into is not None:
        return edition_rows.row(queries.one(by, into)["id"])
    return queries.latest(str(doc.get("key", "")))


@transaction.atomic
def commit(
    *, by: Acting, data: bytes, into: int | None = None, edits: int | None = None
) -> FileReport:
    """Into the draft ``into``, or a new one; a file with faults writes nothing."""
    report = preview(by=by, data=data, into=into)
    if report.found.faults:
        return report
    if into is None:
        made = actions.create_from(by=by, document=report.found.document)
    else:
        row = queries.one(by, into)
        if row["status"] == EditionStatus.DRAFT and row["key"] != report.found.document["key"]:
            told = _("文件中的体系标识是“%(file)s”，这份草稿是“%(draft)s”，请核对")
            names = {"file": report.found.document["key"], "draft": row["key"]}
            raise Conflict("edition.other_key", told % names)
        made = actions.replace_document(
            by=by,
            edition_id=into,
            edits=row["edits"] if edits is None else edits,
            document=report.found.document,
        )
    return FileReport(report.found, report.changes, report.against, made.pk)
