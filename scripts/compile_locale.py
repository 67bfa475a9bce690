"""``compile_locale.py FOLDER``: makes every ``.mo`` of ``FOLDER`` from its ``.po``.

A small compiler of our own, so that running lifang needs neither GNU gettext nor Babel.
"""

import ast
import struct
import sys
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """``msgid -> msgstr`` of a ``.po`` file; fuzzy and untranslated entries are left out."""
    found: dict[str, str] = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        entry: dict[str, str] = {}
        key, fuzzy = "", False
        for line in block.splitlines():
            if line.startswith("#,") and "fuzzy" in line:
                fuzzy = True
            if line.startswith("#") or not line.strip():
                continue
            if not line.startswith('"'):
                key, _, line = line.partition(" ")
            entry[key] = entry.get(key, "") + ast.literal_eval(line.strip())
        if fuzzy or "msgid" not in entry:
            continue
        source = entry["msgid"]
        if "msgctxt" in entry:
            source = f"{entry['msgctxt']}\x04{source}"
        if "msgid_plural" in entry:
            source = f"{source}\x00{entry['msgid_plural']}"
            forms = [entry[k] for k in sorted(entry) if k.startswith("msgstr[")]
            text = "\x00".join(forms) if all(forms) else ""
        else:
            text = entry.get("msgstr", "")
        if text:
            found[source] = text
    return found


def write(path: Path, messages: dict[str, str]) -> None:
    """The ``.mo`` file of ``messages`` (format: GNU gettext manual, "The Format of GNU MO Files")."""
    pairs = sorted((s.encode(), t.encode()) for s, t in messages.items())
    head, table = 7 * 4, 8 * len(pairs)
    at = head + 2 * table
    texts = b""
    tables: list[bytes] = []
    for column in (0, 1):
        index = b""
        for pair in pairs:
            index += struct.pack("<II", len(pair[column]), at + len(texts))
            texts += pair[column] + b"\x00"
        tables.append(index)
    header = struct.pack("<7I", 0x950412DE, 0, len(pairs), head, head + table, 0, at)
    path.write_bytes(header + b"".join(tables) + texts)


def main(folder: Path) -> None:
    for po in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        write(po.with_suffix(".mo"), read(po))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
