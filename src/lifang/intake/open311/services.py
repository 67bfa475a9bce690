"""The services of GeoReport: the public classes of the catalogue in force."""

from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Missing
from lifang.intake.open311.rules import Wrong
from lifang.standards import queries as standards
from lifang.standards.queries import CategoryView, ConditionView, Tree

#: the attribute by which a sender says which filing condition holds
CONDITION = "condition"


def public() -> list[CategoryView]:
    """Classes a citizen may choose and a case can be filed under; public all the way up."""
    tree = standards.in_force()
    return [c for c in tree.leaves if _shown(tree, c)]


def find(code: str) -> CategoryView:
    """The service with this code. Raises :class:`Missing`."""
    tree = standards.in_force()
    found = tree.by_key(code)
    if found is None or found not in tree.leaves or not _shown(tree, found):
        raise Missing("open311.service", _("没有服务代码“%(code)s”") % {"code": code[:60]})
    return found


def listed() -> list[dict[str, Any]]:
    """All services, as ``GET services`` answers."""
    tree = standards.in_force()
    return [
        {
            "service_code": c.key,
            "service_name": c.name,
            "description": c.help or _("反映“%(name)s”方面的问题") % {"name": c.name},
            "metadata": bool(_attributes(c)),
            "type": "realtime",
            "keywords": ",".join(c.words.split()[:10]),
            "group": tree.path(c.id)[0].name,
        }
        for c in public()
    ]


def definition(code: str) -> dict[str, Any]:
    """A service with its attributes, as ``GET services/{code}`` answers."""
    found = find(code)
    return {"service_code": found.key, "attributes": _attributes(found)}


def condition(service: CategoryView, said: str) -> ConditionView | None:
    """The filing condition that the sender named. Raises :class:`Wrong` for one there is not."""
    if not said.strip():
        return None
    for one in service.conditions:
        if one.active and str(one.number) == said.strip():
            return one
    raise Wrong(f"attribute[{CONDITION}]")


def _shown(tree: Tree, c: CategoryView) -> bool:
    return all(p.public and p.active for p in tree.path(c.id))


def _attributes(c: CategoryView) -> list[dict[str, Any]]:
    """What is asked (which condition holds), and what is only told (the class's help)."""
    found: list[dict[str, Any]] = []
    live = [x for x in c.conditions if x.active]
    if live:
        found.append(
            {
                "variable": True,
                "code": CONDITION,
                "datatype": "singlevaluelist",
                "required": False,
                "datatype_description": _("请选择最接近的一种，可不选"),
                "order": 1,
                "description": _("现场情况"),
                "values": [{"key": str(x.number), "name": x.text} for x in live],
            }
        )
    if c.help:
        found.append(
            {
                "variable": False,
                "code": "help",
                "datatype": "string",
                "required": False,
                "datatype_description": "",
                "order": 2,
                "description": c.help,
                "values": [],
            }
        )
    return found
