"""Sessions in the database, read together with the person: one statement a request, not two."""

import datetime as dt
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from lifang.orgs.signin import Person

#: ``UserSession`` names a session's person; a session without one (just begun, made by a tool) has
#: no person here, and is asked for as before
_SQL = """
SELECT s.session_data, u.id, u.username, u.name, u.unit_id, n.name, u.must_change_password,
       u.password, u.password_changed_at, m.role, m.unit_id, m.area
FROM django_session s
LEFT JOIN orgs_usersession t ON t.key = s.session_key
LEFT JOIN orgs_user u ON u.id = t.user_id AND u.is_active
LEFT JOIN orgs_unit n ON n.id = u.unit_id
LEFT JOIN orgs_membership m ON m.user_id = u.id
WHERE s.session_key = %s AND s.expire_date > %s
"""


class SessionStore(db.SessionStore):
    """Django's store; ``person`` holds the rows of who signed in, once loaded."""

    person: list[Person] | None = None

    def load(self) -> dict[str, Any]:
        with connection.cursor() as sql:
            sql.execute(_SQL, [self.session_key, timezone.now()])
            rows = sql.fetchall()
        if not rows:
            self._session_key = None
            return {}
        self.person = [
            Person(*row[1:])._replace(password_changed_at=_moment(row[8]))
            for row in rows
            if row[1] is not None
        ]
        return self.decode(rows[0][0])


def _moment(value: dt.datetime | None) -> dt.datetime | None:
    """A time as the driver gives it: SQLite's has no zone, and is UTC."""
    if value is not None and value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    return value
