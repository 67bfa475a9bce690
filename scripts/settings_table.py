"""Writes the table of settings in ``docs/operations.md`` from ``lifang.config.Config``.

``settings_table.py --check`` only compares, for the test suite.
"""

import sys
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from lifang.config import Config

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BEGIN, END = "<!-- settings: made by `make docs` -->\n", "<!-- /settings -->\n"


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if value not in ("", None) else ""


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in Config.model_fields.items():
        description = field.description or ""
        lines.append(f"| `LIFANG_{name.upper()}` | {_default(field.default)} | {description} |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """The page as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    _, tail = rest.split(END)
    return head + BEGIN + table() + END + tail


if __name__ == "__main__":
    wanted = page()
    if "--check" in sys.argv:
        sys.exit(PAGE.read_text(encoding="utf-8") != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
