"""Writes the tables of ``docs/`` that code knows best: settings, and the words of every choice.

``doc_tables.py --check`` only compares, for the test suite.
"""

import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from lifang.config import Config

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROOMS = (
    "orgs", "places", "standards", "duties", "cases", "rounds", "intake", "inspections", "materials",
    "assessment",
)  # fmt: skip


def settings_table() -> str:
    """Every setting of an operator."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Config.model_fields.items():
        description = field.description or ""
        lines.append(f"| `LIFANG_{name.upper()}` | {_default(field.default)} | {description} |")
    return "\n".join(lines)


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if value not in ("", None) else ""


def choices_table() -> str:
    """Every enumeration of every room: its name in code, its keys and their Chinese words."""
    import django
    from django.db.models import Choices

    os.environ["DJANGO_SETTINGS_MODULE"] = "lifang.settings"
    os.environ.setdefault("LIFANG_SECRET_KEY", "no data folder is made for a table")
    django.setup()
    lines = ["| room | name in code | keys and words |", "|---|---|---|"]
    for room in ROOMS:
        try:
            module = import_module(f"lifang.{room}.choices")
        except ModuleNotFoundError:
            continue
        for name, found in vars(module).items():
            ours = isinstance(found, type) and found.__module__ == module.__name__
            if ours and issubclass(found, Choices):
                words = "、".join(f"`{key}` {label}" for key, label in found.choices)
                lines.append(f"| {room} | `{name}` | {words} |")
    return "\n".join(lines)


TABLES = {
    "operations.md": ("settings", settings_table),
    "glossary.md": ("choices", choices_table),
}


def page(name: str) -> str:
    """The page as it should be."""
    mark, table = TABLES[name]
    text = (DOCS / name).read_text(encoding="utf-8")
    pattern = rf"(<!-- {mark}: made by `make docs` -->\n).*(<!-- /{mark} -->\n)"
    if not re.search(pattern, text, re.DOTALL):
        raise SystemExit(f"docs/{name} has no place for the table {mark}")
    return re.sub(pattern, lambda m: f"{m.group(1)}{table()}\n{m.group(2)}", text, flags=re.DOTALL)


if __name__ == "__main__":
    stale = [n for n in TABLES if (DOCS / n).read_text(encoding="utf-8") != page(n)]
    if "--check" in sys.argv:
        sys.exit(f"stale: {', '.join(stale)}" if stale else 0)
    for name in stale:
        (DOCS / name).write_text(page(name), encoding="utf-8")
