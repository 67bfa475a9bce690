"""Files to slots by the number in their names (``II-3-12-1 方案.pdf``). Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_SEPARATORS = re.compile(r"[\s._\-‐‑‒–—―－~～·、,，:：()（）\[\]【】+#]+")
#: what systems leave in folders beside the files that people mean
_NOISE = re.compile(r"(^|/)(__MACOSX|\.DS_Store|Thumbs\.db|desktop\.ini|~\$|\._)", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    """A slot as files may name it: by number, or by leaf and slot key."""

    id: int
    number: str
    leaf: str = ""
    slot: str = ""


def normal(text: str) -> str:
    """Width, case and separators made alike: ``Ⅱ—３．12_1`` is ``II-3-12-1``."""
    text = unicodedata.normalize("NFKC", text).upper()
    return _SEPARATORS.sub("-", text).strip("-")


def noise(path: str) -> bool:
    """Whether it is a leftover of a system, not a file that somebody means."""
    return bool(_NOISE.search(path))


class Matcher:
    """Finds the slot of a path; the longest number that the name begins with is meant."""

    def __init__(self, targets: Iterable[Target]) -> None:
        self.by_name: dict[str, int] = {}
        taken: set[str] = set()
        for t in targets:
            names = {normal(t.number)}
            if t.leaf and t.slot:
                names.add(normal(f"{t.leaf}-{t.slot}"))
            for name in names - {""}:
                if self.by_name.get(name, t.id) != t.id:
                    taken.add(name)  # two slots go by that name: neither is meant
                self.by_name[name] = t.id
        for name in taken:
            del self.by_name[name]

    def __call__(self, path: str) -> int | None:
        """The slot that a file's name names or, failing that, its nearest folder."""
        parts = [p for p in path.replace("\\", "/").split("/") if p not in ("", ".", "..")]
        if parts:
            stem = parts[-1].rpartition(".")[0] or parts[-1]
            parts[-1] = stem
        for part in reversed(parts):
            found = self._one(normal(part))
            if found is not None:
                return found
        return None

    def _one(self, name: str) -> int | None:
        for end in range(len(name), 0, -1):
            if end < len(name) and not _ends(name[end - 1], name[end]):
                continue
            if (found := self.by_name.get(name[:end])) is not None:
                return found
        return None


def _ends(last: str, following: str) -> bool:
    """Whether a number may end between these two: ``II-3-1`` is not in ``II-3-12``, but in ``II-3-1方案``."""
    if following == "-":
        return True
    ascii_word = following.isascii() and following.isalnum()
    return not ascii_word and last != "-" and not (last.isdigit() and following.isdigit())


def sort_key(path: str) -> list[tuple[int, int, str]]:
    """Numbers in names by their value: 2 comes before 10."""
    return [
        (0, int(p), "") if p.isascii() and p.isdigit() else (1, 0, p)
        for p in re.split(r"(\d+)", normal(path))
        if p
    ]
