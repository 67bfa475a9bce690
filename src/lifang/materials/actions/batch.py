"""A folder of files, or a zip of it, to many slots at once."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import files as stored
from lifang.core.acts import owner_of
from lifang.core.errors import Field, Invalid, Problem, TooLarge
from lifang.core.models import StoredFile
from lifang.materials import archives
from lifang.materials.actions.file import attach, by_tokens
from lifang.materials.permissions import need_clerk, need_editor
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role

#: files in one batch
MOST = 2_000
KINDS = ("image", "document", "sheet")


@dataclass
class Came:
    """A file of a batch: its path there, its token here, or why it was not taken."""

    path: str
    file: StoredFile | None = None
    problem: str = ""


@dataclass
class Line:
    """Files for one slot, as the person confirmed them."""

    filing_id: int
    tokens: list[str]
    names: list[str] = field(default_factory=list)
    dated: dt.date | None = None


def unpack(*, by: Acting, stream: IO[bytes]) -> list[Came]:
    """Take a zip's files in, each by itself; a bad one among them is told and does not stop the rest."""
    if not by.has(Role.HANDLER, Role.EVALUATOR, Role.SYSTEM_ADMIN):
        need_editor(by)
    if stream.seek(0, 2) > archives.MOST_ZIP:
        told = _("压缩包超过 %(mb)s MB，请分成几个，或直接选择文件夹上传")
        raise TooLarge("batch.large", told % {"mb": archives.MOST_ZIP // 1024**2})
    stream.seek(0)
    found: list[Came] = []
    with archives.opened(stream) as archive:
        for entry, path in archives.unpacked(archive, archives.entries(archive)):
            if path is None:
                found.append(Came(entry.path, problem=_("文件已损坏，无法解压")))
                continue
            name = PurePosixPath(entry.path).name
            try:
                row = stored.accept_path(path, name=name, owner=owner_of(by), kinds=KINDS)
            except Problem as problem:
                found.append(Came(entry.path, problem=str(problem)))
            else:
                found.append(Came(entry.path, row))
    if not found:
        raise Invalid("batch.empty", _("压缩包里没有文件"))
    return found


def commit_batch(*, by: Acting, lines: Sequence[Line], hand_in: bool) -> int:
    """File all lines, or none: the first that fails is named with its place. Returns how many."""
    need_clerk(by)
    if sum(len(line.tokens) for line in lines) > MOST:
        raise Invalid("batch.many", _("一次最多 %(n)s 个文件，请分批提交") % {"n": MOST})
    chosen = [by_tokens(line.tokens) for line in lines]
    faults: list[Field] = []
    with transaction.atomic():
        for n, (line, files) in enumerate(zip(lines, chosen, strict=True)):
            try:
                with transaction.atomic():
                    attach(
                        by=by, filing_id=line.filing_id, files=files, names=line.names, dated=line.dated,
                        source={"kind": "batch"}, hand_in=hand_in,
                    )  # fmt: skip
            except Problem as problem:
                told = [f.message for f in problem.fields] or [problem.message]
                faults += [Field(f"lines[{n}]", str(t)) for t in told]
        if faults:
            raise Invalid(
                "batch.faulty",
                _("有 %(n)s 处问题，整批未提交，请改正后重试") % {"n": len(faults)},
                fields=faults,
            )
    return len(lines)
