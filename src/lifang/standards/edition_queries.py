"""Reads of assessment editions: lists, one version, its faults, what differs from the one before, crosswalks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.places.models import SiteType
from lifang.standards import edition_rows, editions, queries
from lifang.standards import edition_tidy as tidy
from lifang.standards.choices import EditionStatus
from lifang.standards.editions import crosswalk
from lifang.standards.editions.changes import Change, changes
from lifang.standards.models import AssessmentEdition, EditionCrosswalk
from lifang.standards.rules import covers

#: who edits; who sees drafts
EDITORS = (Role.EVALUATOR, Role.SYSTEM_ADMIN)
READERS = (*EDITORS, Role.LEADER)
#: of an indicator, an item; rounds and materials hold them in a column
MOST_CODE = 40
#: what the column holds
MOST_POINTS = Decimal(9_999_999_999)
LISTED = (
    "id", "key", "version", "title", "status", "in_force", "edits", "indicators", "points", "faults", "sha256",
    "previous_id", "previous__version", "change", "note", "changed_at", "submitted_at", "submitted_by_id",
    "submitted_by__name", "published_at", "approved_by__name",
)  # fmt: skip


def visible_to(by: Acting) -> QuerySet[AssessmentEdition]:
    """Published versions for everybody; drafts for those who write them and for leaders."""
    rows = AssessmentEdition.objects.all()
    return rows if by.has(*READERS) else rows.filter(status=EditionStatus.PUBLISHED)


def listing(
    by: Acting, *, key: str = "", status: str = "", in_force: bool | None = None, q: str = ""
) -> QuerySet[Any, dict[str, Any]]:
    """Versions without their documents; give it an order and a page."""
    rows = visible_to(by)
    if key:
        rows = rows.filter(key=key)
    if status:
        rows = rows.filter(status=status)
    if in_force is not None:
        rows = rows.filter(in_force=in_force)
    for word in q.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(key__icontains=word) | Q(version__icontains=word)
        )
    found: QuerySet[Any, dict[str, Any]] = rows.values(*LISTED)
    return found


def one(by: Acting, edition_id: int) -> dict[str, Any]:
    """A version without its document; raises :class:`Missing`."""
    found = listing(by).filter(pk=edition_id).first()
    if found is None:
        raise Missing("edition.missing", _("没有这个测评体系"))
    return found


def document(by: Acting, edition_id: int) -> dict[str, Any]:
    """``{"edits", "document"}`` of a version."""
    found = visible_to(by).filter(pk=edition_id).values("edits", "document").first()
    if found is None:
        raise Missing("edition.missing", _("没有这个测评体系"))
    return dict(found)


def latest(key: str, *, but: int = 0) -> AssessmentEdition | None:
    """The version of ``key`` published last, without its document."""
    return (
        AssessmentEdition.objects.defer("document")
        .filter(key=key, status=EditionStatus.PUBLISHED)
        .exclude(pk=but)
        .order_by(F("published_at").desc(nulls_last=True), "-id")
        .first()
    )


# ---------------------------------------------------------------- what is wrong


@dataclass(frozen=True)
class EditionFault:
    """``part`` and ``code`` lead to the row; not ``grave``: worth a look, no hindrance."""

    path: str
    message: str
    grave: bool = True
    part: str = ""
    code: str = ""


def faults_of(by: Acting, edition_id: int) -> list[EditionFault]:
    """What stands in the way of publishing, then what is worth a look."""
    return check(document(by, edition_id)["document"], edition_id)


def check(doc: Any, edition_id: int = 0) -> list[EditionFault]:
    """Every fault of a document: its own, and what it names that is not there."""
    kept, lost = tidy.tidy(doc)
    grave = [*lost, *_own(kept), *_links(kept)]
    notices = [] if any(f.path in ("nodes", "items") for f in lost) else _unknown(kept)
    return [_told(kept, f, True) for f in grave] + [_told(kept, f, False) for f in notices]


def _own(doc: Mapping[str, Any]) -> list[Field]:
    """What the document says of itself, and codes longer than the columns of other rooms."""
    found = []
    for part in ("nodes", "items"):
        for i, row in enumerate(doc.get(part) or ()):
            if len(str(row.get("code", ""))) > MOST_CODE:
                told = _("最多 %(n)s 个字") % {"n": MOST_CODE}
                found.append(Field(f"{part}[{i}].code", told))
    try:
        editions.read(doc)
    except Invalid as refused:
        found += refused.fields
    return found


def _told(doc: Mapping[str, Any], field: Field, grave: bool) -> EditionFault:
    part, bracket, rest = field.path.partition("[")
    code = ""
    if bracket and part in ("nodes", "items"):
        at = int(rest.partition("]")[0])
        rows = doc.get(part, ())
        code = str(rows[at].get("code", "")) if at < len(rows) else ""
    return EditionFault(field.path, str(field.message), grave, part, code)


def linked(doc: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(path, key) of every other system that a document leans on."""
    return [
        (f"{kind}[{i}].edition", str(row.get("edition", "")))
        for kind in ("prerequisites", "blends")
        for i, row in enumerate(doc.get(kind) or ())
        if row.get("edition")
    ]


def _links(doc: Mapping[str, Any]) -> Iterable[Field]:
    """Another system must be there, and must not lean on this one in turn."""
    own = str(doc.get("key", ""))
    for path, key in linked(doc):
        if key == own:
            yield Field(path, _("不能引用自己"))
        elif not AssessmentEdition.objects.filter(key=key).exists():
            yield Field(path, _("没有标识为“%(key)s”的测评体系") % {"key": key})
        elif own in _reached(key):
            yield Field(path, _("“%(key)s”又引用了本体系，互相引用无法计分") % {"key": key})


def _reached(key: str) -> set[str]:
    """Keys that ``key`` leans on, and so on."""
    seen: set[str] = set()
    todo = [key]
    while todo:
        rows = AssessmentEdition.objects.filter(key=todo.pop()).order_by("-in_force", "-id")
        doc = rows.values_list("document", flat=True).first() or {}
        for _path, other in linked(doc):
            if other not in seen:
                seen.add(other)
                todo.append(other)
    return seen


def _unknown(doc: Mapping[str, Any]) -> list[Field]:
    """Site types and classes of cases that this city does not have (yet)."""
    found: list[Field] = []
    types = set(SiteType.objects.values_list("code", flat=True))
    keys = list(queries.in_force().keys)
    known: dict[str, bool] = {}
    for i, item in enumerate(doc.get("items") or ()):
        for site_type in item.get("feeds") or ():
            if types and site_type not in types and site_type != "*":
                told = _("点位类型“%(code)s”还没有建") % {"code": site_type}
                found.append(Field(f"items[{i}].feeds.{site_type}", told))
        for k, key in enumerate(item.get("categories") or ()):
            if keys and key not in known:
                known[key] = any(covers(key, other) for other in keys)
            if keys and not known[key]:
                told = _("启用的目录里没有类别“%(key)s”") % {"key": key}
                found.append(Field(f"items[{i}].categories[{k}]", told))
    return found


def measure(doc: Any) -> dict[str, Any]:
    """What lists show of a document: indicators, points, grave faults."""
    kept, lost = tidy.tidy(doc)
    leaves = [n for n in kept.get("nodes", ()) if n.get("measures")]
    faults = [*lost, *_own(kept), *_links(kept)]
    return {
        "indicators": len(leaves),
        "points": min(sum((_points(n) for n in leaves), Decimal(0)), MOST_POINTS),
        "faults": len(faults),
    }


def _points(node: Mapping[str, Any]) -> Decimal:
    try:
        found = Decimal(str(node.get("points", 0)))
    except ArithmeticError:
        return Decimal(0)
    return found if found.is_finite() and abs(found) < 10**9 else Decimal(0)


# ---------------------------------------------------------------- what differs


def differences(by: Acting, edition_id: int, against: int | None = None) -> list[Change]:
    """Differences from ``against``, else from the version before; none for a first one."""
    row = edition_rows.row(one(by, edition_id)["id"])
    if against is not None:
        old: AssessmentEdition | None = edition_rows.row(one(by, against)["id"])
    else:
        old = before(row)
    if old is None:
        return []
    return changes(edition_rows.edition(old), _comparable(row))


def _comparable(row: AssessmentEdition) -> editions.Edition:
    """A draft is compared while its sum does not fit yet; other faults come first."""
    try:
        return edition_rows.edition(row)
    except Invalid as refused:
        rest = [f for f in refused.fields if f.path != "total"]
        if rest:
            told = _("草稿还有 %(n)s 处问题，改正后才能比较") % {"n": len(rest)}
            raise Conflict("edition.faulty", told, fields=rest) from refused
    doc = dict(edition_rows.document(row.pk))
    doc.pop("total", None)
    return editions.read(doc)


def before(row: AssessmentEdition) -> AssessmentEdition | None:
    """What a version is compared with: what it was copied from or published after; a draft out of a file: the
    version of its key published last."""
    if row.previous_id:
        return edition_rows.row(row.previous_id)
    return None if row.status == EditionStatus.PUBLISHED else latest(row.key, but=row.pk)


# ---------------------------------------------------------------- crosswalks

WALKED = (
    "id", "old_id", "new_id", "edits", "confirmed_at", "confirmed_by__name", "old__key", "old__title",
    "old__version", "new__key", "new__title", "new__version", "new__status",
)  # fmt: skip


def crosswalks(by: Acting, *, edition: int | None = None) -> QuerySet[Any, dict[str, Any]]:
    """Crosswalks between versions that ``by`` may see, without their rows."""
    rows = EditionCrosswalk.objects.all()
    if not by.has(*READERS):
        rows = rows.filter(old__status=EditionStatus.PUBLISHED, new__status=EditionStatus.PUBLISHED)
    if edition is not None:
        rows = rows.filter(Q(old_id=edition) | Q(new_id=edition))
    found: QuerySet[Any, dict[str, Any]] = rows.values(*WALKED)
    return found


def walk(by: Acting, crosswalk_id: int) -> EditionCrosswalk:
    """The crosswalk with both editions' rows; raises :class:`Missing`."""
    found = (
        EditionCrosswalk.objects.select_related("old", "new")
        .defer("old__document", "new__document")
        .filter(pk__in=crosswalks(by).filter(pk=crosswalk_id).values("pk"))
        .first()
    )
    if found is None:
        raise Missing("crosswalk.missing", _("没有这个对照表"))
    return found


def walk_document(found: EditionCrosswalk) -> dict[str, Any]:
    return {"format": crosswalk.FORMAT, "rows": found.rows}


def walk_rows(found: EditionCrosswalk) -> list[crosswalk.Row]:
    """Checked rows; raises :class:`Invalid` naming every fault."""
    return crosswalk.read(
        walk_document(found), edition_rows.edition(found.old), edition_rows.edition(found.new)
    )


def walk_shown(by: Acting, crosswalk_id: int) -> dict[str, Any]:
    """The crosswalk with titles and points of both sides, and its faults."""
    found = walk(by, crosswalk_id)
    old, new = edition_rows.edition(found.old), edition_rows.edition(found.new)
    faults: tuple[Field, ...] = ()
    try:
        crosswalk.read(walk_document(found), old, new)
    except Invalid as refused:
        faults = tuple(refused.fields)
    head = crosswalks(by).get(pk=crosswalk_id)
    return head | {
        "rows": found.rows,
        "old_leaves": _leaves(old),
        "new_leaves": _leaves(new),
        "faults": [EditionFault(f.path, str(f.message)) for f in faults],
    }


def _leaves(edition: editions.Edition) -> list[dict[str, Any]]:
    return [
        {
            "code": n.code,
            "title": n.title,
            "points": str(n.points),
            "kind": n.kind,
            "group": edition.nodes[n.parent].title if n.parent else "",
        }
        for n in edition.leaves
    ]


def names_of_types() -> dict[str, str]:
    """Codes of site types → names, in their order."""
    return dict(SiteType.objects.filter(active=True).values_list("code", "name"))
