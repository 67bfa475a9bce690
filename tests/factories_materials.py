"""A round whose documents are asked for, people on both sides, real small files."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import docx
import xlsxwriter
from django.utils import timezone
from PIL import Image, ImageDraw

from factories_orgs import acting_for, make_unit, make_user
from factories_rounds import make_edition, make_round, open_round
from lifang.core import files
from lifang.core.models import StoredFile
from lifang.materials import actions
from lifang.materials.models import Filing, Material, Package, Revision, RevisionFile
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit
from lifang.rounds.models import Round, Task

_n = count(1)
GRADES = {"kind": "grade_map", "grades": {"A": "1", "B": "0.6", "C": "0"}}


def document() -> dict[str, Any]:
    """An edition of three indicators: an explanation with a plan, photos, a table without limits."""
    return {
        "format": "lifang.edition/1",
        "key": f"city{next(_n)}",
        "version": "1",
        "title": "城市体系",
        "total": "10",
        "nodes": [
            {"code": "II", "title": "基本指标"},
            {
                "code": "II-3-12", "title": "市容管理", "parent": "II", "points": "4",
                "lead": "city-office", "help": "看方案和报告",
                "measures": [
                    {
                        "method": "document", "rule": GRADES,
                        "slots": [
                            {"key": "plan", "title": "工作方案", "kind": "document", "most": 3,
                             "size": 5, "months": 12},
                            {"key": "report", "title": "说明报告", "kind": "report", "most": 1,
                             "words": 100},
                        ],
                    }
                ],
            },
            {
                "code": "II-3-13", "title": "实景照片", "parent": "II", "points": "3",
                "lead": "city-office",
                "measures": [
                    {
                        "method": "field", "share": "0.5",
                        "rule": {"kind": "step", "cuts": [["0.9", "1"]]},
                    },
                    {
                        "method": "document", "share": "0.5", "rule": GRADES,
                        "slots": [{"key": "photos", "kind": "photo", "least": 2, "most": 4}],
                    }
                ],
            },
            {
                "code": "II-4", "title": "统计", "parent": "II", "points": "3", "lead": "bureau",
                "measures": [{"method": "document", "rule": GRADES}],
            },
        ],
        "items": [
            {
                "code": "litter", "title": "路面干净", "categories": ["event-street"],
                "feeds": {"*": [{"leaf": "II-3-13", "measure": "field", "share": "1"}]},
            }
        ],
    }  # fmt: skip


@dataclass
class Office:
    """A round with filings asked; the unit that files; two who judge, one who looks on."""

    round: Round
    unit: Unit
    clerk: Acting
    first: Acting
    second: Acting
    leader: Acting
    stranger: Acting

    def filing(self, number: str) -> Filing:
        return Filing.objects.get(round=self.round, number=number)

    def submitted(self, number: str = "II-3-12-2") -> Filing:
        """A report handed in."""
        return actions.attach(
            by=self.clerk, filing_id=self.filing(number).pk, files=[word()], hand_in=True
        )


def make_office(**kw: Any) -> Office:
    """Filings ``II-3-12-1`` (plan), ``-2`` (report), ``II-3-13`` (photos) of ``unit``; ``II-4`` of nobody."""
    unit = make_unit(name=f"城管局{next(_n)}")
    round = make_round(edition=make_edition(document()), roster={"city-office": unit.code}, **kw)
    open_round(round)
    evaluators = [acting_for(make_user(role=Role.EVALUATOR)) for _k in range(2)]
    actions.ask(by=evaluators[0], round_id=round.pk)
    return Office(
        round=round,
        unit=unit,
        clerk=acting_for(make_user(role=Role.HANDLER, unit=unit)),
        first=evaluators[0],
        second=evaluators[1],
        leader=acting_for(make_user(role=Role.LEADER)),
        stranger=acting_for(make_user(role=Role.HANDLER)),
    )


def lead(office: Office, leaf: str, unit: Unit, **kw: Any) -> Task:
    return Task.objects.create(round=office.round, leaf=leaf, unit=unit, **kw)


def stored(
    data: bytes, name: str, kinds: Sequence[str] = ("image", "document", "sheet")
) -> StoredFile:
    return files.accept(io.BytesIO(data), name=name, owner="user:1", kinds=kinds)


def docx_bytes(text: str = "") -> bytes:
    out = io.BytesIO()
    book = docx.Document()
    book.add_paragraph(text or f"本报告第{next(_n)}号，说明市容管理情况。")
    book.save(out)
    return out.getvalue()


def word(text: str = "", name: str = "报告.docx") -> StoredFile:
    """A Word file; different each time unless the text is given."""
    return stored(docx_bytes(text), name)


def pdf_bytes(text: str = "plan", pages: int = 1) -> bytes:
    """A PDF with Latin text, by hand: enough for any reader."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(pages))
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n in range(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text} {n + 1}) Tj ET".encode()
        parts.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * n} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = b"%PDF-1.4\n", []
    for n, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, part)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, table)
    return out


def pdf(text: str = "", name: str = "方案.pdf") -> StoredFile:
    return stored(pdf_bytes(text or f"plan {next(_n)}"), name)


def sheet(name: str = "统计.xlsx") -> StoredFile:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write_string(0, 0, f"{next(_n)}")
    book.close()
    return stored(out.getvalue(), name)


def scene(seed: int, size: tuple[int, int] = (1280, 960)) -> Image.Image:
    """A made street: fronts, windows, a road with litter; noise as of a sensor."""
    luck = random.Random(seed)
    wanted, size = size, (1280, 960)
    image = Image.new("RGB", size, (203, 220, 232))
    pen = ImageDraw.Draw(image)
    x = 0
    while x < size[0]:
        wide, tall = luck.randint(120, 260), luck.randint(300, 560)
        shade = luck.randint(120, 215)
        pen.rectangle((x, 640 - tall, x + wide, 640), fill=(shade, shade - 12, shade - 25))
        for wx in range(x + 14, x + wide - 26, 44):
            for wy in range(660 - tall, 600, 56):
                tone = luck.randint(60, 160)
                pen.rectangle((wx, wy, wx + 26, wy + 36), fill=(tone, tone + 10, tone + 20))
        x += wide
    pen.rectangle((0, 640, size[0], size[1]), fill=(120, 120, 124))
    for _k in range(80):
        px, py, r = luck.randint(0, size[0]), luck.randint(640, size[1]), luck.randint(2, 14)
        tone = luck.randint(40, 220)
        pen.ellipse((px, py, px + r, py + r), fill=(tone, tone, tone - 10 if tone > 10 else 0))
    noise = Image.effect_noise(size, 14).convert("RGB")
    made = Image.blend(image, noise, 0.12)
    return made if wanted == size else made.resize(wanted)


def photo_bytes(seed: int | None = None, *, quality: int = 88, **kw: Any) -> bytes:
    out = io.BytesIO()
    scene(next(_n) if seed is None else seed, **kw).save(out, "JPEG", quality=quality)
    return out.getvalue()


def photo(name: str = "照片.jpg", **kw: Any) -> StoredFile:
    return stored(photo_bytes(**kw), name)


def make_filing(unit: Unit, **kw: Any) -> Filing:
    """A report that ``unit`` is asked for, in a round of its own."""
    round = open_round(make_round(edition=make_edition(document())))
    values = {
        "round": round, "leaf": "II-3-12", "measure": "document", "slot": "report",
        "number": "II-3-12-2", "title": "说明报告", "kind": "report", "unit": unit,
        "updated_at": timezone.now(),
    }  # fmt: skip
    return Filing.objects.create(**values | kw)


def make_material(unit: Unit) -> Material:
    """A material of one Word file."""
    made = Material.objects.create(unit=unit, title="材料", last=1, made_at=timezone.now())
    revision = Revision.objects.create(
        material=made, number=1, files_count=1, sha256="0" * 64, made_at=timezone.now()
    )
    RevisionFile.objects.create(revision=revision, order=1, file=word(), name="材料.docx")
    return made


def make_package(round: Round) -> Package:
    """A package that nobody has made yet."""
    return Package.objects.create(round=round, asked_at=timezone.now())
