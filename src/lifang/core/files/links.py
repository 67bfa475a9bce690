"""Signed links to copies, and tokens by which the one who brought a file names it again."""

import hashlib
import hmac
import time

from django.conf import settings
from django.core import signing
from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.core.models import StoredFile

#: a link lives between one and two of these; in between it stays the same, so browsers cache it
SPAN = 12 * 3600
_SALT = "lifang.file"


def url(sha256: str, variant: str = "view", *, now: float | None = None) -> str:
    """A link that opens a copy for whoever holds it, for half a day to a day.

    An original has no signed link: it needs a person (``/files/{sha256}/original``).
    """
    path = f"/files/{sha256}/{variant}"
    if variant == "original":
        return path
    until = (int(now if now is not None else time.time()) // SPAN + 2) * SPAN
    return f"{path}?e={until}&s={_sign(sha256, variant, until)}"


def signed(sha256: str, variant: str, until: str, mark: str, *, now: float | None = None) -> bool:
    """Whether ``mark`` is our signature of that link and its time is not over."""
    if variant == "original" or not until.isascii() or not until.isdigit() or len(until) > 12:
        return False
    if int(until) < (now if now is not None else time.time()):
        return False
    return hmac.compare_digest(_sign(sha256, variant, int(until)), mark)


def _sign(sha256: str, variant: str, until: int) -> str:
    text = f"{_SALT}:{sha256}:{variant}:{until}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:32]


def token(file: StoredFile) -> str:
    """What the one who brought a file hands in to hang it on a report.

    Numbers can be guessed; without this, a stranger could hang a restricted picture on a report
    of his own and look at it there.
    """
    return signing.dumps(file.id, salt=_SALT, compress=False)


def by_token(text: str, *, max_age: int = 7 * 24 * 3600) -> StoredFile:
    """The file a token names; raises :class:`Invalid`."""
    try:
        number = signing.loads(text, salt=_SALT, max_age=max_age)
    except signing.BadSignature as problem:
        raise Invalid("file.token", _("附件标记无效或已过期，请重新上传")) from problem
    found = StoredFile.objects.filter(id=number).first()
    if found is None:
        raise Invalid("file.token", _("附件已不存在，请重新上传"))
    return found
