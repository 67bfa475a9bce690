"""How far proposed classes can be believed: ``python -m bench.understanding``.

Reads labelled messages (columns ``title``, ``text``, ``label``) from ``LIFANG_REAL_DATA``, classifies
them with the base pack's catalogue and prints coverage, precision and its 95 % Wilson interval by
threshold, for all and by major class; then what can be learnt from them (:mod:`bench.learning`).
Nothing of them is kept.
"""

import argparse
import csv
import json
import os
import sys
import tempfile
import time
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bench import learning

FILE = "labelled_messages.csv"
#: classes of street matters belong to these first-level labels as well
STREET = {
    "城乡建设": ("event", "component"),
    "环境保护": ("event-appearance", "event-construction", "component-sanitation"),
    "交通运输": ("component-traffic", "event-street"),
}


def messages(folder: Path) -> list[tuple[str, str]]:
    """(title and text, label) of each message."""
    with (folder / FILE).open(encoding="utf-8-sig", newline="") as stream:
        return [(f"{r['title']}\n{r['text']}", r["label"]) for r in csv.DictReader(stream)]


def load_catalogue() -> None:
    """A database of its own with the base pack's catalogue in force."""
    from django.core.management import call_command

    from lifang.core import packs
    from lifang.orgs.acting import SYSTEM
    from lifang.standards import actions

    call_command("migrate", verbosity=0)
    actions.load_pack(by=SYSTEM, folder=packs.BUILT_IN / "base" / "standards")


def right_keys(label: str) -> tuple[str, ...]:
    """Leading parts of keys that are right for a first-level label: the class of that name."""
    from lifang.standards import queries as standards

    named = [c.key for c in standards.in_force().nodes.values() if c.name == label]
    return (*named, *STREET.get(label, ()))


def measure(rows: list[tuple[str, str]]) -> dict[str, Any]:
    from lifang.standards import queries as standards
    from lifang.understanding import classes, rules

    known = classes.build(standards.in_force())
    judged: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    begun = time.process_time()
    ranked = [classes.rank(known, text, most=400) for text, _label in rows]
    spent = time.process_time() - begun
    first = second = 0
    for (_text, label), found in zip(rows, ranked, strict=True):
        keys = right_keys(label)
        hits = [rules.fits(p.key, keys) for p in found]
        first += bool(hits[:1] and hits[0])
        second += any(hits[:3])
        if found:
            judged[found[0].key.partition(".")[0]].append((found[0].confidence, hits[0]))
    everything = [pair for pairs in judged.values() for pair in pairs]
    return {
        "messages": len(rows),
        "classes": len(known.leaves),
        "ms_each": round(1000 * spent / max(1, len(rows)), 2),
        "right_first": round(first / max(1, len(rows)), 4),
        "right_among_three": round(second / max(1, len(rows)), 4),
        "all": [vars(rules.measure(everything, t)) for t in (0.0, *rules.GRID)],
        "acts_from": {
            group: vars(limit) if (limit := rules.lowest_threshold(pairs)) else None
            for group, pairs in sorted(judged.items())
            if len(pairs) >= 30
        },
    }


def shown(result: dict[str, Any]) -> str:
    lines = [
        f"{result['messages']} messages, {result['classes']} classes, {result['ms_each']} ms each",
        f"first-level label right: first proposal {result['right_first']:.1%}, "
        f"one of three {result['right_among_three']:.1%}",
        "",
        "from   coverage  precision  95 % interval     n",
    ]
    for m in result["all"]:
        precision = m["right"] / m["n"] if m["n"] else 0.0
        lines.append(
            f"{m['threshold']:.2f}   {m['coverage']:8.1%}  {precision:9.1%}"
            f"  {m['low']:.3f}–{m['high']:.3f}  {m['n']:6}"
        )
    lines += ["", "acts alone (lower end of the interval at least 0.95):"]
    for group, m in result["acts_from"].items():
        lines.append(f"  {group:24} {'from ' + format(m['threshold'], '.2f') if m else 'never'}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    given = parser.parse_args()
    folder = Path(os.environ.get("LIFANG_REAL_DATA", "../shared/data"))
    if not (folder / FILE).is_file():
        print(f"{folder / FILE} is not there; set LIFANG_REAL_DATA")
        return 0
    with tempfile.TemporaryDirectory() as data:
        os.environ["LIFANG_DATA"] = data
        os.environ["LIFANG_DATABASE_URL"] = ""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
        import django

        django.setup()
        load_catalogue()
        rows = messages(folder)
        result = measure(rows)
        print(shown(result), end="\n\n", flush=True)
        if find_spec("sklearn") is None:
            print("the classifier that learns is not measured: install lifang[understanding]")
        else:
            result["learnt"] = learning.cross_validated(rows)
            words = learning.tree_words(rows, folder)
            result["named"] = learning.by_names(rows, words) if words else None
            result["joined"] = learning.cross_validated(rows, words) if words else None
            result["titles"] = learning.titles(folder, FILE)
            print(
                learning.shown(
                    result["learnt"], result["named"], result["joined"], result["titles"]
                )
            )
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
