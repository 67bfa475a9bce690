"""Two shapes of one name would be one in the OpenAPI: whoever comes last would speak for both."""

import importlib
import pkgutil
from collections import defaultdict

from ninja import Schema

import lifang


def test_it_works() -> None:
    for module in pkgutil.walk_packages(lifang.__path__, "lifang."):
        if module.name.rpartition(".")[2] in ("api", "schemas") or "schemas" in module.name:
            importlib.import_module(module.name)
    found: dict[str, set[str]] = defaultdict(set)
    below = [Schema]
    while below:
        for one in below.pop().__subclasses__():
            below.append(one)
            if one.__module__.startswith("lifang.") and "[" not in one.__name__:
                found[one.__name__].add(one.__module__)
    assert {name: sorted(where) for name, where in found.items() if len(where) > 1} == {}
