"""Files nobody waits for any more."""

import datetime as dt

from django.db.models import CASCADE, Exists, OuterRef, ProtectedError

from lifang.core.files.pictures import COPIES
from lifang.core.files.publishing import PUBLIC
from lifang.core.files.store import incoming, key_of, store
from lifang.core.models import StoredFile

#: prefixes of owners without an account
_STRANGERS = ("address:", "citizen", "device:")


def leftovers(now: dt.datetime, *, age: dt.timedelta = dt.timedelta(days=7)) -> int:
    """Remove pieces and temporary files older than ``age``; returns how many."""
    oldest, gone = (now - age).timestamp(), 0
    for path in incoming().iterdir():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def strangers(now: dt.datetime, *, age: dt.timedelta = dt.timedelta(days=3)) -> int:
    """Remove files that people without an account sent and hung on nothing; returns how many."""
    rows = StoredFile.objects.filter(created_at__lt=now - age)
    for relation in StoredFile._meta.related_objects:
        if relation.on_delete is CASCADE:
            continue  # what is only known of the file itself, nobody waits for
        column = relation.field.name
        rows = rows.exclude(
            Exists(relation.related_model._default_manager.filter(**{column: OuterRef("pk")}))
        )
    gone = 0
    for row in rows.iterator():
        if not row.owner.startswith(_STRANGERS):
            continue
        try:
            row.delete()
        except ProtectedError:
            continue  # hung on something this very moment
        for variant in ("original", *COPIES, *PUBLIC):
            store().delete(key_of(row.sha256, variant))
        gone += 1
    return gone
