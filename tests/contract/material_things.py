"""Filed documents for the permission matrix, of the unit whose handler calls."""

from collections.abc import Callable
from typing import Any

from factories_materials import make_filing, make_material, make_package, word
from factories_rounds import make_round, open_round
from lifang.core import files

MAKERS: dict[str, Callable[[Any], Any]] = {
    "filing_id": lambda city: make_filing(city.unit),
    "material_id": lambda city: make_material(city.unit),
    "package_id": lambda city: make_package(open_round(make_round())),
    "file_token": lambda city: files.token(word()),
}
