"""Reads of the catalogue. The tree of a version is one statement, then kept in the process."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

import orjson
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core import stamps
from lifang.core.errors import Missing
from lifang.standards.choices import CategoryKind, LimitUnit
from lifang.standards.models import Catalogue, Category, Condition
from lifang.standards.rules import (
    CatalogueDoc,
    CategoryDoc,
    ConditionDoc,
    Fault,
    Step,
    crosswalk,
    digest,
    faults,
    plain_number,
)

STAMP = "standards"


@dataclass(frozen=True)
class ConditionView:
    id: int
    number: int
    text: str
    limit: Decimal
    unit: str
    closing: str
    photos_before: int
    photos_after: int
    default: bool
    active: bool

    @property
    def limit_text(self) -> str:
        """The limit as people say it: ``4 工作时``."""
        return f"{plain_number(self.limit)} {LimitUnit(self.unit).label}"


@dataclass(frozen=True)
class CategoryView:
    id: int
    kind: str
    code: str
    key: str
    name: str
    parent_id: int | None
    words: str
    help: str
    public: bool
    priority: int
    order: int
    active: bool
    conditions: tuple[ConditionView, ...] = ()

    @property
    def default_condition(self) -> ConditionView | None:
        """The default filing condition among the active ones."""
        live = [c for c in self.conditions if c.active]
        return next((c for c in live if c.default), live[0] if live else None)


@dataclass(frozen=True)
class Tree:
    """A version of the catalogue in memory. ``id`` 0: none is in force."""

    id: int = 0
    code: str = ""
    version: str = ""
    name: str = ""
    status: str = ""
    in_force: bool = False
    note: str = ""
    sha256: str = ""
    #: in the order of the catalogue
    nodes: dict[int, CategoryView] = field(default_factory=dict)

    def by_id(self, category_id: int) -> CategoryView | None:
        return self.nodes.get(category_id)

    def by_key(self, key: str) -> CategoryView | None:
        return self.keys.get(key)

    @cached_property
    def keys(self) -> dict[str, CategoryView]:
        return {c.key: c for c in self.nodes.values()}

    @cached_property
    def by_code(self) -> dict[tuple[str, str], CategoryView]:
        """By (kind, code): codes of components and events overlap."""
        return {(c.kind, c.code): c for c in self.nodes.values()}

    @cached_property
    def children(self) -> dict[int | None, tuple[CategoryView, ...]]:
        found: dict[int | None, list[CategoryView]] = {}
        for c in self.nodes.values():
            found.setdefault(c.parent_id, []).append(c)
        return {k: tuple(v) for k, v in found.items()}

    @cached_property
    def leaves(self) -> tuple[CategoryView, ...]:
        """Active categories a case can be filed under."""
        return tuple(
            c
            for c in self.nodes.values()
            if c.active
            and c.id not in self.children
            and (c.parent_id is None or self.nodes[c.parent_id].active)
        )

    @cached_property
    def json(self) -> bytes:
        """The tree nested, as the API sends it."""
        return orjson.dumps(
            {
                "id": self.id,
                "code": self.code,
                "version": self.version,
                "name": self.name,
                "status": self.status,
                "in_force": self.in_force,
                "categories": [self._nested(c) for c in self.children.get(None, ())],
            },
            default=_plain,
        )

    def path(self, category_id: int) -> tuple[CategoryView, ...]:
        """From the major class down to the category itself."""
        node = self.nodes[category_id]
        return (*self.path(node.parent_id), node) if node.parent_id is not None else (node,)

    def _nested(self, c: CategoryView) -> dict[str, Any]:
        out = {k: v for k, v in vars(c).items() if k != "conditions"}
        out["conditions"] = [asdict(x) | {"limit_text": x.limit_text} for x in c.conditions]
        out["children"] = [self._nested(x) for x in self.children.get(c.id, ())]
        return out


def _plain(value: object) -> Any:
    return plain_number(value) if isinstance(value, Decimal) else str(value)


_CATALOGUE = ("id", "code", "version", "name", "status", "in_force", "note", "sha256")
_CATEGORY = (
    "id", "kind", "code", "key", "name", "parent_id", "words", "help", "public", "priority",
    "order", "active",
)  # fmt: skip
_CONDITION = (
    "id", "number", "text", "limit", "unit", "closing", "photos_before", "photos_after",
    "default", "active",
)  # fmt: skip
_KIND_ORDER = {k: i for i, k in enumerate(CategoryKind.values)}


def tree(catalogue_id: int) -> Tree:
    """The version ``catalogue_id``; raises :class:`Missing`."""
    found = stamps.cached(
        STAMP, lambda: _read(Q(catalogue=catalogue_id)), key=f"tree:{catalogue_id}"
    )
    if not found.id:
        row = Catalogue.objects.filter(pk=catalogue_id).values_list(*_CATALOGUE).first()
        if row is None:
            raise Missing("catalogue.not_found", _("没有这个目录版本，可能已被删除"))
        return Tree(*row)
    return found


def in_force() -> Tree:
    """The version in force; an empty tree (``id`` 0) where there is none yet."""
    return stamps.cached(STAMP, lambda: _read(Q(catalogue__in_force=True)), key="in_force")


def any_by_id(category_id: int | None) -> CategoryView | None:
    """A class of any version: old cases keep the version they were filed under."""
    if category_id is None:
        return None
    nodes = stamps.cached(STAMP, lambda: _read(Q()).nodes, key="all")
    return nodes.get(category_id)


def _read(which: Q) -> Tree:
    """One statement: categories, their conditions (or none), and the catalogue's own row."""
    rows = (
        Category.objects.filter(which)
        .order_by("kind", "order", "code", "conditions__number")
        .values_list(
            *_CATEGORY,
            *(f"conditions__{n}" for n in _CONDITION),
            *(f"catalogue__{n}" for n in _CATALOGUE),
        )
    )
    n, m = len(_CATEGORY), len(_CATEGORY) + len(_CONDITION)
    heads: dict[int, tuple[Any, ...]] = {}
    conditions: dict[int, list[ConditionView]] = {}
    about: tuple[Any, ...] | None = None
    for row in rows:
        heads.setdefault(row[0], row[:n])
        about = row[m:]
        if row[n] is not None:
            conditions.setdefault(row[0], []).append(ConditionView(*row[n:m]))
    if about is None:
        return Tree()
    ordered = sorted(heads.values(), key=lambda h: _KIND_ORDER.get(h[1], 9))  # stable
    nodes = {
        h[0]: CategoryView(
            **dict(zip(_CATEGORY, h, strict=True)), conditions=tuple(conditions.get(h[0], ()))
        )
        for h in ordered
    }
    return Tree(**dict(zip(_CATALOGUE, about, strict=True)), nodes=nodes)


def public_tree() -> list[dict[str, Any]]:
    """What citizens may choose from: public categories in force, without limits and conditions."""
    now = in_force()

    def nested(parent: int | None) -> list[dict[str, Any]]:
        return [
            {
                "id": c.id,
                "key": c.key,
                "kind": c.kind,
                "name": c.name,
                "help": c.help,
                "words": c.words,
                "children": nested(c.id),
            }
            for c in now.children.get(parent, ())
            if c.active and c.public
        ]

    return nested(None)


def document(catalogue_id: int) -> CatalogueDoc:
    """The version as one value, as it is published and exported."""
    t = tree(catalogue_id)
    return CatalogueDoc(
        code=t.code,
        version=t.version,
        name=t.name,
        note=t.note,
        categories=tuple(
            CategoryDoc(
                **{k: v for k, v in vars(c).items() if k not in ("id", "parent_id", "conditions")},
                parent=t.nodes[c.parent_id].key if c.parent_id else "",
                conditions=tuple(
                    ConditionDoc(**{k: v for k, v in vars(x).items() if k != "id"})
                    for x in c.conditions
                ),
            )
            for c in t.nodes.values()
        ),
    )


def catalogues() -> QuerySet[Catalogue]:
    """All versions with ``categories_count``, the one in force first."""
    return Catalogue.objects.annotate(categories_count=Count("categories"))


def catalogue(catalogue_id: int) -> Catalogue:
    found = catalogues().filter(pk=catalogue_id).first()
    if found is None:
        raise Missing("catalogue.not_found", _("没有这个目录版本，可能已被删除"))
    return found


def category(category_id: int) -> Category:
    found = Category.objects.select_related("catalogue").filter(pk=category_id).first()
    if found is None:
        raise Missing("category.not_found", _("没有这个类别，可能已被删除"))
    return found


def condition(condition_id: int) -> Condition:
    found = Condition.objects.select_related("category__catalogue").filter(pk=condition_id).first()
    if found is None:
        raise Missing("condition.not_found", _("没有这个立案条件，可能已被删除"))
    return found


def find_categories(
    *, catalogue_id: int | None = None, kind: str = "", q: str = "", key: str = ""
) -> QuerySet[Category]:
    """Categories of one version (the one in force if not told), by words, key or part of it."""
    rows = Category.objects.filter(
        Q(catalogue_id=catalogue_id) if catalogue_id else Q(catalogue__in_force=True)
    )
    if kind:
        rows = rows.filter(kind=kind)
    if key:
        rows = rows.filter(Q(key=key) | Q(key__startswith=f"{key}."))
    for word in q.split():
        rows = rows.filter(
            Q(name__icontains=word) | Q(words__icontains=word) | Q(code__startswith=word)
        )
    return rows


def conditions(*, category_id: int | None = None) -> QuerySet[Condition]:
    rows = Condition.objects.all()
    return rows.filter(category_id=category_id) if category_id else rows


def faults_of(catalogue_id: int) -> list[Fault]:
    """What stands in the way of publishing this version."""
    return faults(document(catalogue_id))


def steps(old: int, new: int, counts: dict[str, int] | None = None) -> list[Step]:
    """The crosswalk between two versions; ``counts``: open cases by category key, counted above."""
    return crosswalk(document(old), document(new), counts)


def digest_of(catalogue_id: int) -> str:
    return digest(document(catalogue_id))


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Names of category keys and leading parts in the version in force; for lists above."""
    now = in_force()
    kinds = dict(CategoryKind.choices)
    return {
        k: (now.keys[k].name if k in now.keys else str(kinds.get(k, k))) for k in set(keys) if k
    }
