"""``messages.py [FOLDER]``: brings ``locale/en/LC_MESSAGES/django.po`` up to date with the source.

Every text marked for translation in Python files and templates gets an entry, translations stay,
texts that are gone go. The test ``tests/test_locale.py`` fails while an entry is empty.
"""

import ast
import datetime as dt
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent / "src" / "lifang"
PO = Path("locale") / "en" / "LC_MESSAGES" / "django.po"
SINGLE = {"_", "_t", "lazy", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
_CALL = re.compile(r"\b(n?gettext|_)\(\s*u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")
_SECOND = re.compile(r"\s*,\s*u?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")

Found = str | tuple[str, str]


def of_python(source: str) -> Iterator[Found]:
    """Texts of one Python file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
        first = [t for t in texts if isinstance(t, str)]
        if node.func.id in SINGLE and len(node.args) == 1 and first:
            yield first[0]
        elif node.func.id in PLURAL and len(first) > 1:
            yield first[0], first[1]


def of_template(source: str, name: str) -> Iterator[Found]:
    """Texts of one template, by Django's own reading of it."""
    made = templatize(source, origin=name)
    for call in _CALL.finditer(made):
        text = ast.literal_eval(call[2])
        if call[1] != "ngettext":
            yield text
        elif second := _SECOND.match(made, call.end()):
            yield text, ast.literal_eval(second[1])


def found(root: Path = ROOT) -> dict[str, Found]:
    """Every text of the source by its singular."""
    out: dict[str, Found] = {}
    for path in sorted(root.rglob("*.py")):
        if "migrations" not in path.parts:
            for text in of_python(path.read_text(encoding="utf-8")):
                out.setdefault(text if isinstance(text, str) else text[0], text)
    for path in sorted([*root.rglob("*.html"), *root.rglob("*.txt")]):
        if "templates" in path.parts:
            for text in of_template(path.read_text(encoding="utf-8"), path.name):
                out.setdefault(text if isinstance(text, str) else text[0], text)
    return out


def catalogue(root: Path = ROOT) -> Catalog:
    """The translations as they are on disk."""
    path = root / PO
    if not path.exists():
        return Catalog(locale="en")
    with path.open("rb") as file:
        return read_po(file, locale="en")


def updated(root: Path = ROOT) -> Catalog:
    """What should be on disk: one entry a text, translations kept."""
    old = catalogue(root)
    # fixed dates: running this again changes nothing but the texts
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    new = Catalog(
        locale="en",
        project="lifang",
        version="0",
        charset="utf-8",
        fuzzy=False,
        creation_date=day,
        revision_date=day,
        last_translator="lifang",
        language_team="English",
        msgid_bugs_address="-",
    )
    new.header_comment = "# English of every Chinese text of the server."
    for singular, text in sorted(found(root).items()):
        kept = old.get(singular)
        string = kept.string if kept is not None else ""
        flags = ["python-format"] if re.search(r"%\(\w+\)[sd]", singular) else []
        new.add(text, string=string or ("" if isinstance(text, str) else ("", "")), flags=flags)
    return new


def main() -> None:
    if not settings.configured:
        settings.configure()  # reading templates asks for settings, though for none in particular
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    made = updated(root)
    path = root / PO
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, made, width=100, omit_header=False, sort_output=True)
    empty = [
        m.id
        for m in made
        if m.id and not (m.string if isinstance(m.string, str) else all(m.string))
    ]
    sys.stdout.write(f"{len(made)} texts, {len(empty)} without English\n")


if __name__ == "__main__":
    main()
