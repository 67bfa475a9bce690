"""A revision made of what lifang holds, in one click."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO
from uuid import uuid4

from django.utils.translation import gettext as _

from lifang.core import files as stored
from lifang.core.acts import owner_of
from lifang.core.errors import Field, Invalid
from lifang.core.files.store import incoming, key_of, store
from lifang.core.models import StoredFile
from lifang.materials import documents
from lifang.materials.actions._step import slot_of
from lifang.materials.actions.file import attach
from lifang.materials.checks import MOST_FILES
from lifang.materials.documents import Sheet
from lifang.materials.models import Filing
from lifang.materials.permissions import missing, need_file, visible_to
from lifang.materials.proposals import MADE, SOURCES, Offer, Source
from lifang.orgs.acting import Acting

#: pictures in one document
MOST_PICTURES = 40


def propose(
    *, by: Acting, filing_id: int, source: str, keys: Sequence[str], hand_in: bool = False
) -> Filing:
    """Make a revision of chosen offers: photos for a photo slot, a workbook for a table, else a Word file."""
    filing = (
        visible_to(by)
        .select_related("round__edition", "unit")
        .defer("round__document", "round__edition__document")
        .filter(pk=filing_id)
        .first()
    )
    if filing is None:
        raise missing()
    need_file(by, filing.unit_id)
    where = SOURCES.get(source)
    if where is None:
        raise Invalid("proposal.source", _("没有这种来源"), fields=[Field("source", _("无法识别"))])
    wanted = dict.fromkeys(keys)
    chosen = [o for o in where.find(by, filing) if o.key in wanted]
    if not chosen:
        told = _("请至少选择一条；所选内容可能已变化，请刷新")
        raise Invalid("proposal.none", told, fields=[Field("keys", told)])
    made = MADE[filing.kind]
    if made == "photos":
        files, names = _photos(filing, chosen)
    else:
        files, names = [_document(by, filing, where, chosen, excel=made == "excel")], []
    return attach(
        by=by, filing_id=filing_id, files=files, names=names,
        dated=max((o.on for o in chosen if o.on), default=None),
        note=_("由系统已有数据生成：%(what)s %(n)s 条") % {"what": where.label, "n": len(chosen)},
        source={"kind": source, "keys": [o.key for o in chosen]}, hand_in=hand_in,
    )  # fmt: skip


def _photos(filing: Filing, chosen: Sequence[Offer]) -> tuple[list[StoredFile], list[str]]:
    """The pictures themselves, as many as the slot takes, named by what they show."""
    most = slot_of(filing).most or MOST_FILES
    shown = [p for o in chosen for p in o.pictures][:most]
    if not shown:
        raise Invalid("proposal.pictures", _("所选内容没有照片，这里要的是实景照片"))
    rows = StoredFile.objects.in_bulk([pk for _c, pk in shown])
    kept = {pk: caption for caption, pk in shown if pk in rows}
    return [rows[pk] for pk in kept], list(kept.values())


def _document(
    by: Acting, filing: Filing, where: Source, chosen: Sequence[Offer], *, excel: bool
) -> StoredFile:
    ending = ".xlsx" if excel else ".docx"
    path = incoming() / f"made-{uuid4().hex}"
    sheet = Sheet(
        title=filing.title,
        intro=(
            _("%(unit)s｜%(round)s｜指标 %(n)s") % {
                "unit": filing.unit.name if filing.unit else "", "round": filing.round.title,
                "n": filing.number,
            },
            _("以下 %(n)s 条由系统记录汇总，编号可在系统中查到原始记录。") % {"n": len(chosen)},
        ),
        heads=[str(h) for h in where.heads],
        rows=[o.cells for o in chosen],
        widths=where.widths,
    )  # fmt: skip
    try:
        if excel:
            documents.excel(path, sheet, by=by.name)
        else:
            documents.word(path, sheet, _streams(chosen))
        return stored.accept_path(
            path, name=f"{filing.number} {where.label}{ending}", owner=owner_of(by),
            kinds=("document", "sheet"),
        )  # fmt: skip
    finally:
        Path(path).unlink(missing_ok=True)


def _streams(chosen: Sequence[Offer]) -> Iterator[tuple[str, IO[bytes]]]:
    shown = [p for o in chosen for p in o.pictures][:MOST_PICTURES]
    rows = StoredFile.objects.in_bulk([pk for _c, pk in shown])
    for caption, pk in shown:
        row = rows.get(pk)
        key = row and next(
            (k for k in (key_of(row.sha256, "view"), key_of(row.sha256)) if store().has(k)), None
        )
        if key:
            with store().open(key) as stream:
                yield caption, stream
