"""Editions, rounds and facts out of files, for the command line."""

import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from lifang.assessment.engine import Round, facts
from lifang.assessment.engine.facts import Fact
from lifang.core.encoding import decode
from lifang.core.errors import Field, Invalid
from lifang.rounds import scope
from lifang.standards import editions
from lifang.standards.editions import Edition


@dataclass(frozen=True)
class Case:
    """The three inputs of a score."""

    edition: Edition
    round: Round
    facts: list[Fact]


def document(path: Path) -> Any:
    """A JSON file with its numbers exact; raises :class:`Invalid` in words."""
    try:
        return json.loads(decode(path.read_bytes()), parse_float=Decimal)
    except OSError as problem:
        told = _("文件无法读取：%(e)s") % {"e": problem.strerror}
    except ValueError as problem:
        told = _("不是有效的 JSON：%(e)s") % {"e": problem}
    raise Invalid("score.file", told, fields=[Field(path.name, told)])


def load(edition: Path, round_: Path, facts_: Path) -> Case:
    """All three; the faults of all three are told at once."""
    faults: list[Field] = []
    made: list[Any] = []
    for path, read in ((edition, editions.read), (round_, scope.read), (facts_, facts.read)):
        try:
            made.append(read(document(path)))
        except Invalid as problem:
            found = problem.fields or (Field("", problem.message),)
            faults += [
                f if f.path == path.name else Field(f"{path.name} {f.path}".strip(), f.message)
                for f in found
            ]
    if faults:
        told = _("共 %(n)s 处错误，未计算") % {"n": len(faults)}
        raise Invalid("score.faulty", told, fields=faults)
    return Case(*made)
