"""Duplicates judged by labels: tables in, figures out. Refuses what cannot be judged, line by line."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.understanding.alike import measures
from lifang.understanding.alike.measures import Figures, Measure

Row = Mapping[str, str]
#: how many faults are told at once
_MOST = 20


@dataclass(frozen=True)
class Evaluation:
    figures: Figures
    clusters: int
    corpus: int
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """``n``, ``map``, ``pairwise``, ``bcubed`` as docs/understanding.md describes them, and beside them
        ``clusters``, ``corpus`` (how many) and ``notes``."""
        return {
            **self.figures.as_json(),
            "clusters": self.clusters,
            "corpus": self.corpus,
            "notes": self.notes,
        }

    def shown(self) -> list[tuple[str, Measure]]:
        """Every measure with its name in words."""
        parts = ((_("成对"), self.figures.pairwise), (_("B³"), self.figures.bcubed))
        return [(_("检索平均精度均值（mAP）"), self.figures.map)] + [
            (f"{kind} {name}", measure)
            for kind, quality in parts
            for name, measure in (
                (_("准确率"), quality.precision),
                (_("召回率"), quality.recall),
                ("F1", quality.f1),
            )
        ]


def evaluate(*, labels: Sequence[Row], corpus: Sequence[Row]) -> Evaluation:
    """Judge retrieval and merging of ``corpus`` (id, title, text) by ``labels`` (cluster, id).

    Both have the number of their ``line`` in the file for the answer. The labels are used for judging
    only. Raises :class:`Invalid` naming every line that is wrong.
    """
    where = _positions(corpus)
    points = _points(corpus)
    clusters, notes = _clusters(labels, where)
    # the heavy part is imported only for tables that can be judged
    from lifang.understanding.alike.corpus import Corpus, Message

    messages = Corpus(
        [
            Message(r["id"], r.get("title", ""), r.get("text", ""), _time(r), lng, lat)
            for r, (lng, lat) in zip(corpus, points, strict=True)
        ]
    )
    rows = measures.judged(clusters, messages.merged(), messages.ranked)
    return Evaluation(measures.figures(rows), len(set(clusters.values())), len(corpus), notes)


def _positions(corpus: Sequence[Row]) -> dict[str, int]:
    where: dict[str, int] = {}
    wrong: list[Field] = []
    for position, row in enumerate(corpus):
        if not row["id"]:
            wrong.append(_fault(row, _("编号是空的")))
        elif row["id"] in where:
            wrong.append(_fault(row, _("编号“%(id)s”重复") % {"id": row["id"]}))
        else:
            where[row["id"]] = position
    _refuse(wrong, _("语料有误，未评测"))
    if len(where) < 2:
        raise Invalid("duplicates.corpus", _("语料至少要有两条留言"))
    return where


def _clusters(labels: Sequence[Row], where: Mapping[str, int]) -> tuple[dict[int, str], list[str]]:
    """Position in the corpus → cluster, of clusters with at least two messages."""
    wrong: list[Field] = []
    found: dict[int, str] = {}
    for row in labels:
        position = where.get(row["id"])
        if not row["id"]:
            wrong.append(_fault(row, _("编号是空的")))
        elif not row["cluster"]:
            wrong.append(_fault(row, _("编号“%(id)s”没有写组别") % {"id": row["id"]}))
        elif position is None:
            wrong.append(_fault(row, _("编号“%(id)s”不在语料中") % {"id": row["id"]}))
        elif position in found:
            wrong.append(_fault(row, _("编号“%(id)s”标注了两次") % {"id": row["id"]}))
        else:
            found[position] = row["cluster"]
    _refuse(wrong, _("标注有误，未评测"))
    if not found:
        raise Invalid("duplicates.labels", _("标注是空的：至少要有一组、每组两条"))
    sizes = Counter(found.values())
    alone = sorted(name for name, n in sizes.items() if n == 1)
    kept = {p: name for p, name in found.items() if sizes[name] > 1}
    if not kept:
        raise Invalid(
            "duplicates.alone", _("每组都只有一条留言，没有重复件可评测：同组至少要有两条")
        )
    notes = []
    if alone:
        notes.append(
            _("%(n)s 组只有一条留言，未计入：%(names)s")
            % {"n": len(alone), "names": "、".join(alone[:10])}
        )
    if len(set(kept.values())) == 1:
        notes.append(_("只有一组，无法估计区间，区间按 0 至 1 列出"))
    return kept, notes


def _points(corpus: Sequence[Row]) -> list[tuple[float | None, float | None]]:
    """Positions in WGS-84 degrees; both empty is unknown."""
    found: list[tuple[float | None, float | None]] = []
    wrong: list[Field] = []
    for row in corpus:
        said = (row.get("lng", ""), row.get("lat", ""))
        if said == ("", ""):
            found.append((None, None))
            continue
        try:
            lng, lat = (float(v) for v in said)
        except ValueError:
            lng = lat = float("nan")
        if not (-180 <= lng <= 180 and -90 <= lat <= 90):
            wrong.append(
                _fault(row, _("经纬度应为 WGS-84 度数，现为“%(v)s”") % {"v": ", ".join(said)})
            )
        found.append((lng, lat))
    _refuse(wrong, _("语料有误，未评测"))
    return found


def _time(row: Row) -> float | None:
    """Seconds of the time a message was written; unknown where it cannot be read."""
    said = row.get("time", "").replace("/", "-").replace("T", " ").rstrip("Z")
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return dt.datetime.strptime(said, shape).replace(tzinfo=dt.UTC).timestamp()
        except ValueError:
            continue
    return None


def _fault(row: Row, message: str) -> Field:
    return Field(_("第 %(n)s 行") % {"n": row.get("line", "?")}, message)


def _refuse(wrong: Sequence[Field], message: str) -> None:
    if not wrong:
        return
    shown = list(wrong[:_MOST])
    if len(wrong) > _MOST:
        shown.append(Field(_("其余"), _("还有 %(n)s 处") % {"n": len(wrong) - _MOST}))
    raise Invalid("duplicates.rows", message, fields=shown)
