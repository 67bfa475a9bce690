"""Names of API shapes: two classes of one name would overwrite each other in the OpenAPI."""

from collections import defaultdict
from collections.abc import Iterator

from pydantic import BaseModel

import lifang.urls  # noqa: F401  (loads every room's routes)


def _below(cls: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for made in cls.__subclasses__():
        yield made
        yield from _below(made)


def test_every_shape_has_a_name_of_its_own() -> None:
    where: dict[str, set[str]] = defaultdict(set)
    for cls in _below(BaseModel):
        if cls.__module__.startswith("lifang.") and "[" not in cls.__name__:
            where[cls.__name__].add(cls.__module__)
    assert {name: sorted(m) for name, m in where.items() if len(m) > 1} == {}
