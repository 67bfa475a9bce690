"""The one error shape. Rules and actions raise these; the API turns them into JSON."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Field:
    """One input that is wrong: ``path`` as in the request body, ``message`` in Chinese."""

    path: str
    message: Text


class Problem(Exception):
    """A refusal that a person can act on: what is wrong, where, how to mend it."""

    status = 400

    def __init__(
        self, code: str, message: Text, *, fields: Sequence[Field] = (), status: int | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return str(self.message)


class Unauthenticated(Problem):
    status = 401


class Forbidden(Problem):
    status = 403


class Missing(Problem):
    status = 404


class Conflict(Problem):
    """Somebody else was faster, or the state does not allow this step."""

    status = 409


class TooLarge(Problem):
    status = 413


class Invalid(Problem):
    status = 422


class TooMany(Problem):
    status = 429
    #: seconds to wait, sent as ``Retry-After``
    retry_after = 0
