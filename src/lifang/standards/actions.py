"""The verbs of the catalogue: draft, edit, publish (frozen), put in force, copy."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.standards import packs, queries
from lifang.standards.choices import CatalogueStatus, LimitUnit
from lifang.standards.models import Catalogue, Category, Condition
from lifang.standards.rules import (
    CatalogueDoc,
    check_limit,
    clean_name,
    clean_text,
    clean_words,
    digest,
    faults,
    is_key,
    pad_code,
)

EDITORS = (Role.SYSTEM_ADMIN,)


def _allow(by: Acting) -> None:
    if not by.has(*EDITORS):
        raise Forbidden("standards.forbidden", _("只有系统管理员可以修改标准目录"))


def _draft(catalogue_id: int) -> Catalogue:
    """The version, locked for this transaction; refuses one that is frozen."""
    found = Catalogue.objects.select_for_update().filter(pk=catalogue_id).first()
    if found is None:
        return queries.catalogue(catalogue_id)  # raises Missing
    if found.status != CatalogueStatus.DRAFT:
        raise Conflict(
            "catalogue.frozen",
            _("目录“%(name)s”已发布，不能修改；请复制为新的草稿版本后再改") % {"name": found},
        )
    return found


def _done(by: Acting, verb: str, subject: Catalogue | Category | Condition, **rest: Any) -> None:
    journal.write(by=by, room="standards", verb=verb, subject=subject, **rest)
    stamps.bump(queries.STAMP)


def _invalid(path: str, message: str) -> Invalid:
    return Invalid("standards.invalid", message, fields=[Field(path, message)])


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    out = {
        "code": str(values["code"]).strip(),
        "version": str(values["version"]).strip(),
        "name": clean_name(values["name"]),
        "note": clean_text(values.get("note", "")),
    }
    for path in ("code", "version", "name"):
        if not out[path]:
            raise _invalid(path, _("必填"))
    return out


def _free(values: Mapping[str, Any], but: int | None = None) -> None:
    taken = Catalogue.objects.filter(code=values["code"], version=values["version"])
    if taken.exclude(pk=but or 0).exists():
        raise Conflict(
            "catalogue.taken",
            _("目录 %(code)s 的版本 %(version)s 已经存在，请换一个版本号") % dict(values),
            fields=[Field("version", _("版本号已存在"))],
        )


@transaction.atomic
def create_catalogue(
    *, by: Acting, code: str, version: str, name: str, note: str = "", copy_of: int | None = None
) -> Catalogue:
    """A new draft: empty, or with the content of the version ``copy_of``."""
    _allow(by)
    values = _named({"code": code, "version": version, "name": name, "note": note})
    _free(values)
    source = queries.document(copy_of) if copy_of else None
    made = Catalogue.objects.create(**values)
    if source is not None:
        _fill(made, source)
    _done(by, "create", made, after={**values, "copy_of": copy_of})
    return made


@transaction.atomic
def change_catalogue(
    *, by: Acting, catalogue_id: int, code: str, version: str, name: str, note: str = ""
) -> Catalogue:
    _allow(by)
    found = _draft(catalogue_id)
    values = _named({"code": code, "version": version, "name": name, "note": note})
    _free(values, found.pk)
    before = {k: getattr(found, k) for k in values}
    _set(found, values)
    _done(by, "change", found, before=before, after=values)
    return found


@transaction.atomic
def delete_catalogue(*, by: Acting, catalogue_id: int) -> None:
    """Drop a draft. A published version stays for ever: cases hang on it."""
    _allow(by)
    found = _draft(catalogue_id)
    journal.write(by=by, room="standards", verb="delete", subject=found)
    found.delete()
    stamps.bump(queries.STAMP)


@transaction.atomic
def publish(*, by: Acting, catalogue_id: int) -> Catalogue:
    """Freeze a draft under the SHA-256 of its canonical content."""
    _allow(by)
    found = _draft(catalogue_id)
    doc = queries.document(catalogue_id)
    if wrong := faults(doc):
        raise Invalid(
            "catalogue.faults",
            _("目录还有 %(n)s 处问题，改正后才能发布：%(first)s")
            % {"n": len(wrong), "first": f"{wrong[0].key} {wrong[0].message}".strip()},
            fields=[Field(f.key or "catalogue", f.message) for f in wrong[:200]],
        )
    _set(
        found,
        {
            "status": CatalogueStatus.PUBLISHED,
            "published_at": timezone.now(),
            "sha256": digest(doc),
        },
    )
    _done(by, "publish", found, after={"sha256": found.sha256})
    return found


@transaction.atomic
def put_in_force(*, by: Acting, catalogue_id: int) -> Catalogue:
    """From now on new cases are classed by this version; the one before steps back."""
    _allow(by)
    found = queries.catalogue(catalogue_id)
    if found.status != CatalogueStatus.PUBLISHED:
        raise Conflict("catalogue.not_published", _("草稿不能启用，请先发布"))
    if found.in_force:
        return found
    was = Catalogue.objects.select_for_update().filter(in_force=True).first()
    if was is not None:
        _set(was, {"in_force": False})
    _set(found, {"in_force": True})
    _done(by, "put_in_force", found, before={"in_force": str(was or "")})
    return found


@transaction.atomic
def create_from(*, by: Acting, doc: CatalogueDoc) -> Catalogue:
    """A new draft with the content of ``doc`` (a pack, an Excel sheet)."""
    _allow(by)
    values = _named(vars(doc))
    _free(values)
    made = Catalogue.objects.create(**values)
    _fill(made, doc)
    _done(by, "create", made, after={**values, "categories": len(doc.categories)})
    return made


@transaction.atomic
def replace_content(*, by: Acting, catalogue_id: int, doc: CatalogueDoc) -> Catalogue:
    """All categories and conditions of a draft become those of ``doc``."""
    _allow(by)
    found = _draft(catalogue_id)
    n = found.categories.count()
    found.categories.all().delete()
    _fill(found, doc)
    _done(by, "replace", found, before={"categories": n}, after={"categories": len(doc.categories)})
    return found


def _fill(catalogue: Catalogue, doc: CatalogueDoc) -> None:
    def row(c: Any, parent_id: int | None) -> Category:
        plain = {k: v for k, v in vars(c).items() if k not in ("parent", "conditions")}
        return Category(catalogue=catalogue, parent_id=parent_id, **plain)

    majors = Category.objects.bulk_create([row(c, None) for c in doc.categories if not c.parent])
    ids = {c.key: c.pk for c in majors}
    minors = Category.objects.bulk_create(
        [row(c, ids[c.parent]) for c in doc.categories if c.parent]
    )
    ids |= {c.key: c.pk for c in minors}
    Condition.objects.bulk_create(
        [Condition(category_id=ids[c.key], **vars(x)) for c in doc.categories for x in c.conditions]
    )


@transaction.atomic
def load_pack(*, by: Acting, folder: Path) -> list[Catalogue]:
    """Load and publish a pack's catalogues; versions already here stay as they are."""
    _allow(by)
    loaded = []
    for doc, wanted in packs.read(folder):
        row = Catalogue.objects.filter(code=doc.code, version=doc.version).first()
        if row is None:
            row = publish(by=by, catalogue_id=create_from(by=by, doc=doc).pk)
        if wanted and not Catalogue.objects.filter(in_force=True).exists():
            row = put_in_force(by=by, catalogue_id=row.pk)
        loaded.append(row)
    return loaded


def _set(row: Catalogue | Category | Condition, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def _category_values(
    catalogue: Catalogue, values: Mapping[str, Any], parent: Category | None, but: int | None
) -> dict[str, Any]:
    """Checked and cleaned values of a category; ``code`` is the two digits of its own level."""
    own = pad_code(values["code"])
    out = {
        "kind": parent.kind if parent else values["kind"],
        "code": (parent.code if parent else "") + own,
        "key": str(values["key"]).strip(),
        "name": clean_name(values["name"]),
        "words": clean_words(values.get("words", "")),
        "help": clean_text(values.get("help", "")),
        "public": values.get("public", True),
        "priority": values.get("priority", 0),
        "order": values.get("order", 0) or int((parent.code if parent else "") + own),
        "active": values.get("active", True),
        "parent": parent,
    }
    if not out["name"]:
        raise _invalid("name", _("必填"))
    if not is_key(out["key"]):
        raise _invalid("key", _("标识只能用小写字母、数字、连字符和一个点，最多 40 个字符"))
    if parent and not out["key"].startswith(f"{parent.key}."):
        raise _invalid("key", _("标识应以“%(p)s.”开头") % {"p": parent.key})
    if not parent and "." in out["key"]:
        raise _invalid("key", _("大类的标识不能含点"))
    others = Category.objects.filter(catalogue=catalogue).exclude(pk=but or 0)
    if others.filter(key=out["key"]).exists():
        raise _invalid("key", _("标识 %(key)s 已被使用") % out)
    if others.filter(kind=out["kind"], code=out["code"]).exists():
        raise _invalid("code", _("代码 %(code)s 已被使用") % out)
    return out


def _parent(catalogue: Catalogue, parent_id: int | None, kind: str) -> Category | None:
    if parent_id is None:
        return None
    found = catalogue.categories.filter(pk=parent_id, parent=None).first()
    if found is None:
        raise _invalid("parent_id", _("上级须是本目录的大类"))
    if kind and found.kind != kind:
        raise _invalid("kind", _("类型须与大类一致"))
    return found


@transaction.atomic
def add_category(
    *, by: Acting, catalogue_id: int, parent_id: int | None = None, **values: Any
) -> Category:
    """Add a class to a draft. ``values``: kind, code (two digits), key, name, words, help …"""
    _allow(by)
    catalogue = _draft(catalogue_id)
    parent = _parent(catalogue, parent_id, values.get("kind", ""))
    made = Category.objects.create(
        catalogue=catalogue, **_category_values(catalogue, values, parent, None)
    )
    _done(by, "add_category", made, after=_telling(made))
    return made


@transaction.atomic
def change_category(*, by: Acting, category_id: int, **values: Any) -> Category:
    """Change a class of a draft. A major's new code goes on to its children."""
    _allow(by)
    found = queries.category(category_id)
    catalogue = _draft(found.catalogue_id)
    before, old_code, old_key = _telling(found), found.code, found.key
    new = _category_values(catalogue, values, found.parent, found.pk)
    children = list(found.children.all())
    if children and (new["key"] != old_key or new["kind"] != found.kind):
        raise _invalid("key", _("下面还有小类，不能改标识和类型"))
    _set(found, new)
    if children and new["code"] != old_code:
        for child in children:
            child.code = new["code"] + child.code[len(old_code) :]
        Category.objects.bulk_update(children, ["code"])
    _done(by, "change_category", found, before=before, after=_telling(found))
    return found


@transaction.atomic
def remove_category(*, by: Acting, category_id: int) -> None:
    """Take a class, with its children and conditions, out of a draft."""
    _allow(by)
    found = queries.category(category_id)
    _draft(found.catalogue_id)
    journal.write(by=by, room="standards", verb="remove_category", subject=found)
    found.delete()
    stamps.bump(queries.STAMP)


def _telling(c: Category) -> dict[str, Any]:
    names = ("kind", "code", "key", "name", "words", "help", "public", "priority", "active")
    return {k: getattr(c, k) for k in names}


def _condition_values(values: Mapping[str, Any]) -> dict[str, Any]:
    out = {
        "text": clean_text(values["text"]),
        "closing": clean_text(values["closing"]),
        "limit": check_limit(Decimal(str(values["limit"]))),
        "unit": LimitUnit(values["unit"]),
        "photos_before": values.get("photos_before", 0),
        "photos_after": values.get("photos_after", 1),
        "default": values.get("default", False),
        "active": values.get("active", True),
    }
    for path in ("text", "closing"):
        if not out[path]:
            raise _invalid(path, _("必填"))
    return out


@transaction.atomic
def add_condition(*, by: Acting, category_id: int, **values: Any) -> Condition:
    """Add a filing condition to a class of a draft; the first one becomes the default."""
    _allow(by)
    category = queries.category(category_id)
    _draft(category.catalogue_id)
    last = category.conditions.order_by("-number").first()
    new = _condition_values(values)
    new["default"] = new["default"] or last is None
    if new["default"]:
        category.conditions.update(default=False)
    made = Condition.objects.create(category=category, number=last.number + 1 if last else 1, **new)
    _done(by, "add_condition", made, after={"category": category.key, **new})
    return made


@transaction.atomic
def change_condition(*, by: Acting, condition_id: int, **values: Any) -> Condition:
    _allow(by)
    found = queries.condition(condition_id)
    _draft(found.category.catalogue_id)
    new = _condition_values(values)
    before = {k: getattr(found, k) for k in new}
    new["default"] = new["default"] or found.default  # only another one takes it over
    if new["default"] and not found.default:
        found.category.conditions.update(default=False)
    _set(found, new)
    _done(by, "change_condition", found, before=before, after=new)
    return found


@transaction.atomic
def remove_condition(*, by: Acting, condition_id: int) -> None:
    """Take a filing condition out of a draft; if it was the default, the next one becomes it."""
    _allow(by)
    found = queries.condition(condition_id)
    _draft(found.category.catalogue_id)
    journal.write(by=by, room="standards", verb="remove_condition", subject=found)
    category, was_default = found.category, found.default
    found.delete()
    for number, left in enumerate(category.conditions.all(), 1):  # numbers stay 1, 2, 3 …
        if left.number != number:
            _set(left, {"number": number})
    heir = category.conditions.filter(active=True).first() if was_default else None
    if heir is not None:
        _set(heir, {"default": True})
    stamps.bump(queries.STAMP)
