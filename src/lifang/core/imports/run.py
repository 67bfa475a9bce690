"""Preview and commit: one path, rolled back or not."""

from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import geo, journal
from lifang.core.acts import Actor, need_role
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.core.files.store import incoming, key_of, local_copy
from lifang.core.imports.rows import read_rows
from lifang.core.imports.spec import Context, ImportSpec, Outcome, spec_of
from lifang.core.imports.tables import read
from lifang.core.models import ImportBatch, StoredFile

#: names by ending, for files that lie in a pack or come over the command line
TYPES = {".csv": "text/csv", ".txt": "text/csv", ".geojson": "application/geo+json"}
TYPES |= {".json": "application/geo+json"}


class _RollBack(Exception):
    """Ends a transaction that is to leave nothing."""


def run(
    *,
    by: Actor,
    kind: str,
    path: Path,
    content_type: str = "",
    options: Mapping[str, str] | None = None,
    dry: bool = False,
) -> Outcome:
    """Load a table file, all or nothing; with ``dry``, nothing at all.

    The outcome tells what was (or would be) made and every error. A table with errors loads
    nothing and raises nothing: look at ``outcome.error_count``.
    """
    spec, chosen = spec_of(kind), dict(options or {})
    if spec.asks_system and chosen.get("system") not in geo.SYSTEMS:
        geo.check(0, 0, chosen.get("system", ""))
    type_ = content_type or TYPES.get(path.suffix.lower(), "")
    table = read(path, content_type=type_, sheet=chosen.get("sheet", ""))
    outcome = Outcome()
    rows = read_rows(table, spec, outcome)
    try:
        with transaction.atomic():
            spec.load(rows, Context(by, chosen, dry), outcome)
            if dry or outcome.error_count:
                raise _RollBack
    except _RollBack:
        return outcome
    except Invalid as problem:
        for field in problem.fields or [Field("", problem.message)]:
            outcome.error(0, field.path, str(field.message))
    return outcome


def preview(
    *, by: Actor, kind: str, file: StoredFile, options: Mapping[str, str] | None = None
) -> ImportBatch:
    """Read a file and say what loading it would do; nothing is changed but the batch's own row."""
    spec = spec_of(kind)
    need_role(by, *spec.roles)
    outcome = _run(by, spec, file, options or {}, dry=True)
    return ImportBatch.objects.create(
        kind=kind,
        name=file.name,
        file=file,
        user_id=by.user_id,
        state="failed" if outcome.error_count else "previewed",
        options=dict(options or {}),
        result=outcome.plain(),
    )


def _run(
    by: Actor, spec: ImportSpec, file: StoredFile, options: Mapping[str, str], *, dry: bool
) -> Outcome:
    fetched = incoming() / f"in-{uuid4().hex}"
    try:
        path = local_copy(key_of(file.sha256), fetched)
        return run(
            by=by,
            kind=spec.kind,
            path=path,
            content_type=file.content_type,
            options=options,
            dry=dry,
        )
    finally:
        fetched.unlink(missing_ok=True)


def commit(*, by: Actor, batch_id: int) -> ImportBatch:
    """Load what was previewed. Errors that came up since leave everything as it was."""
    with transaction.atomic():
        batch = (
            ImportBatch.objects.select_for_update()
            .select_related("file")
            .filter(id=batch_id)
            .first()
        )
        if batch is None:
            raise Missing("import.not_found", _("没有这次导入"))
        need_role(by, *spec_of(batch.kind).roles)
        if batch.state != "previewed":
            raise Conflict(
                "import.state",
                _("这次导入已经完成")
                if batch.state == "committed"
                else _("这次导入有错误，请改正文件后重新上传"),
            )
        outcome = _run(by, spec_of(batch.kind), batch.file, batch.options, dry=False)
        batch.result = outcome.plain()
        batch.state = "failed" if outcome.error_count else "committed"
        batch.committed_at = None if outcome.error_count else timezone.now()
        batch.save()
        if not outcome.error_count:
            counts = {k: batch.result[k] for k in ("created", "changed", "same")}
            journal.write(
                by=by,
                room="core",
                verb="import",
                subject=batch,
                after={"kind": batch.kind, "file": batch.name, **counts},
            )
        return batch
