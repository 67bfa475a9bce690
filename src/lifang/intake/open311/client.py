"""Speaking to another GeoReport v2 server: bounded in time and size, every failure in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.intake.open311 import rules, wire
from lifang.intake.open311.models import Open311Server

#: seconds for the whole of connecting, of sending, and between two pieces of the answer
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
#: bytes of one answer, and of one picture
MOST_BYTES = 8 * 1024 * 1024
MOST_PICTURE = 15 * 1024 * 1024
#: seconds that one answer may take in all, however slowly it drips
MOST_SECONDS = 30.0


class Trouble(Exception):
    """The other server did not do what was asked. ``again``: worth trying later."""

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.message = message
        self.again = again


@dataclass(frozen=True)
class Remote:
    """A request as another server tells of it."""

    id: str
    status: str
    notes: str
    service_code: str
    service_name: str
    description: str
    address: str
    agency: str
    lng: float | None
    lat: float | None
    requested: datetime | None
    updated: datetime | None
    media_url: str


@dataclass(frozen=True)
class Picture:
    name: str
    content: bytes


@dataclass(frozen=True)
class Receipt:
    """What a post was answered with: a number, or a token to ask with later."""

    id: str
    token: str


class GeoReport:
    """One server. Methods raise :class:`Trouble`."""

    def __init__(self, server: Open311Server) -> None:
        self.base = server.url.rstrip("/")
        self.form = server.form
        self.key = server.api_key
        self.jurisdiction = server.jurisdiction

    def services(self) -> list[dict[str, Any]]:
        """Its services as it lists them."""
        return self._get("services", {})

    def requests(self, **query: str) -> list[Remote]:
        """Requests by the filters of the specification. Rows without a number are left out."""
        return [r for row in self._get("requests", query) if (r := _remote(row)) is not None]

    def number_of(self, token: str) -> str:
        """The number that a token stands for by now; empty: none yet."""
        for row in self._get(f"tokens/{quote(token, safe='')}", {}):
            if number := _text(row, "service_request_id"):
                return number
        return ""

    def post(self, said: Mapping[str, str], picture: Picture | None = None) -> Receipt:
        """Report there; answered with a number or a token."""
        data = {k: v for k, v in said.items() if v} | self._own()
        files = {"media": (picture.name, picture.content, "image/jpeg")} if picture else None
        for row in self._send("POST", "requests", data=data, files=files):
            made = Receipt(_text(row, "service_request_id"), _text(row, "token"))
            if made.id or made.token:
                return made
        raise Trouble(_("对方已应答，但没有给出编号或令牌"), again=True)

    def picture(self, url: str) -> bytes | None:
        """A picture that lies on the same host; ``None`` for what lies elsewhere."""
        there, own = urlsplit(url), urlsplit(self.base)
        if (there.scheme, there.netloc) != (own.scheme, own.netloc):
            return None
        status, body = _fetch("GET", url, most=MOST_PICTURE)
        return body if status == 200 else None

    def _own(self) -> dict[str, str]:
        own = {"api_key": self.key, "jurisdiction_id": self.jurisdiction}
        return {k: v for k, v in own.items() if v}

    def _get(self, path: str, query: Mapping[str, str]) -> list[dict[str, Any]]:
        params = {k: v for k, v in query.items() if v} | self._own()
        return self._send("GET", path, params=params)

    def _send(self, method: str, path: str, **kw: Any) -> list[dict[str, Any]]:
        status, body = _fetch(method, f"{self.base}/{path}.{self.form}", **kw)
        if not 200 <= status < 300:
            raise Trouble(self._refusal(status, body), again=status >= 500 or status in (408, 429))
        try:
            return wire.read(body, self.form)
        except wire.Unreadable as problem:
            message = _("对方的应答不是合格的 %(form)s：%(why)s") % {
                "form": self.form.upper(),
                "why": str(problem)[:120],
            }
            raise Trouble(message, again=True) from problem

    def _refusal(self, status: int, body: bytes) -> str:
        """The server's own words of what is wrong, where it has any."""
        try:
            said = "；".join(
                filter(None, (_text(r, "description") for r in wire.read(body, self.form)))
            )
        except wire.Unreadable:
            said = ""
        return _("对方拒绝（%(status)s）：%(said)s") % {"status": status, "said": said[:200] or "—"}


def _fetch(method: str, url: str, *, most: int = MOST_BYTES, **kw: Any) -> tuple[int, bytes]:
    """Status and body. Redirects are not followed: the key must not travel elsewhere."""
    began = timezone.now()
    try:
        with (
            httpx.Client(timeout=TIMEOUT, follow_redirects=False) as http,
            http.stream(method, url, **kw) as answer,
        ):
            parts: list[bytes] = []
            size = 0
            for part in answer.iter_bytes():
                size += len(part)
                if size > most:
                    message = _("对方的应答超过 %(mb)s MB") % {"mb": most // 1024 // 1024}
                    raise Trouble(message, again=False)
                if (timezone.now() - began).total_seconds() > MOST_SECONDS:
                    raise Trouble(_("对方应答过慢，已中断"), again=True)
                parts.append(part)
            return answer.status_code, b"".join(parts)
    except httpx.TimeoutException as problem:
        raise Trouble(_("对方超时未应答"), again=True) from problem
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        why = f"{type(problem).__name__} {problem}"[:120]
        raise Trouble(_("无法连接对方：%(why)s") % {"why": why}, again=True) from problem


def _remote(row: Mapping[str, Any]) -> Remote | None:
    number = _text(row, "service_request_id")
    if not number or len(number) > 100:
        return None
    lat, lng = _degrees(row, "lat", 90), _degrees(row, "long", 180)
    placed = lat is not None and lng is not None and (lat, lng) != (0, 0)
    return Remote(
        id=number,
        status=_text(row, "status").lower()[:20],
        notes=_text(row, "status_notes"),
        service_code=_text(row, "service_code"),
        service_name=_text(row, "service_name"),
        description=_text(row, "description"),
        address=_text(row, "address"),
        agency=_text(row, "agency_responsible"),
        lng=lng if placed else None,
        lat=lat if placed else None,
        requested=_moment(row, "requested_datetime"),
        updated=_moment(row, "updated_datetime"),
        media_url=_text(row, "media_url"),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _degrees(row: Mapping[str, Any], name: str, most: float) -> float | None:
    try:
        return rules.degrees(_text(row, name), name, most)
    except rules.Wrong:
        return None


def _moment(row: Mapping[str, Any], name: str) -> datetime | None:
    try:
        return rules.moment(_text(row, name), timezone.get_current_timezone(), name)
    except rules.Wrong:
        return None


def mapped(servers_codes: Mapping[str, str], key: str) -> Sequence[str]:
    """The codes there that stand for our class ``key``."""
    return [code for code, own in servers_codes.items() if own == key]
