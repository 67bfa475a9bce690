"""The made-up city's names and mix, read from ``packs/demo``."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "packs" / "demo"


@cache
def read(name: str) -> Any:
    """``packs/demo/<name>.yaml``, read once."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
