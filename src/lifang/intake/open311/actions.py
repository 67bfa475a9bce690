"""A report that another system posts. It ends in the loop's own ``report``."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases.actions import reporter
from lifang.cases.actions.report import report as file_report
from lifang.cases.choices import Source, Verb
from lifang.cases.models import Step
from lifang.config import config
from lifang.core import geo
from lifang.core.errors import Field, Invalid, Missing
from lifang.core.models import StoredFile
from lifang.intake import limits
from lifang.intake.open311 import rules, services
from lifang.intake.open311.models import Open311Post
from lifang.intake.rules import ADDRESS_FACTOR, clean_text
from lifang.orgs.acting import Acting
from lifang.places.models import Site


@dataclass(frozen=True)
class Posting:
    """What was posted, as sent. Coordinates are WGS-84: the specification says so."""

    service_code: str = ""
    description: str = ""
    lat: str = ""
    lng: str = ""
    address: str = ""
    address_id: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    device_id: str = ""
    account_id: str = ""
    media_url: str = ""
    #: the sender's own mark of this report (our extension)
    client_id: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    lng: float | None
    lat: float | None
    address: str


def receive(*, by: Acting, posting: Posting, files: Sequence[StoredFile] = ()) -> Open311Post:
    """Bring what another system posted into the loop; the same a second time is answered as before.

    The same: with the same ``client_id``, or of the same content within ten minutes.
    Raises :class:`Missing` for an unknown service, :class:`Invalid` or :class:`rules.Wrong`.
    """
    if not posting.service_code:
        raise Invalid(
            "open311.service_code",
            _("缺少 service_code"),
            fields=[Field("service_code", _("必填"))],
        )
    service = services.find(posting.service_code)
    condition = services.condition(service, posting.attributes.get(services.CONDITION, ""))
    place = _place(posting)
    text = _text(posting, condition.text if condition else "")
    now = timezone.now()
    mark = _mark(posting, files)
    if (known := _known(by, posting, mark, now)) is not None:
        return known
    keys = {f"open311:key:{by.token_id}": config().public_reports_per_hour * ADDRESS_FACTOR}
    if (started := limits.hit(keys)) is not None:
        raise limits.too_many(started)
    with transaction.atomic():
        done = file_report(
            by=by,
            client_id=_client_id(by, posting, mark, now),
            source=Source.OTHER,
            text=text,
            lng=place.lng,
            lat=place.lat,
            address=place.address,
            category_key=service.key,
            file_ids=[f.id for f in files],
            reporter_name=clean_text(f"{posting.last_name}{posting.first_name}"),
            reporter_phone=clean_text(posting.phone),
            device=clean_text(posting.device_id)[:64],
            external_number=clean_text(posting.client_id)[:64],
            payload=_payload(posting, by),
        )
        row, _made = Open311Post.objects.get_or_create(
            report=done.report,
            defaults={
                "token": secrets.token_hex(16), "key_id": by.token_id, "fingerprint": mark,
                "created_at": now,
            },
        )  # fmt: skip
    return row


@transaction.atomic
def add_words(*, by: Acting, number: str, text: str, files: Sequence[StoredFile] = ()) -> Step:
    """What the reporter says later, through the system that reported: an answer on the case.

    Only of what the same key posted. The same words a second time are the same answer.
    """
    row = Open311Post.objects.select_related("report").filter(
        key=by.token_id, report__origin__number=number
    )
    post = row.first() if number and by.token_id is not None else None
    if post is None:
        raise Missing(
            "open311.request",
            _("此 api_key 没有提交过编号为“%(number)s”的请求") % {"number": number[:40]},
        )
    said = clean_text(text)
    if len(said) > rules.MOST_DESCRIPTION:
        message = _("description 最多 %(n)s 个字") % {"n": rules.MOST_DESCRIPTION}
        raise Invalid("open311.description", message, fields=[Field("description", message)])
    told = Step.objects.filter(verb=Verb.ANSWER, detail__report=post.report_id).order_by("-id")
    if said and (known := told.filter(reason=said).first()) is not None:
        return known
    ids = [f.pk for f in files]
    reporter.answer(by=by, report=post.report, text=said, file_ids=ids)
    return told[0]


def _known(by: Acting, posting: Posting, mark: str, now: datetime) -> Open311Post | None:
    rows = Open311Post.objects.select_related("report__origin").filter(key=by.token_id)
    if posting.client_id:
        return rows.filter(report__client_id=_client_id(by, posting, mark, now)).first()
    since = now - rules.SAME_WITHIN
    return rows.filter(fingerprint=mark, created_at__gte=since).order_by("id").first()


def _client_id(by: Acting, posting: Posting, mark: str, now: datetime) -> str:
    """One report, one number: of two equal ones at the same moment only one is written."""
    if posting.client_id:
        own = rules.fingerprint({"client_id": posting.client_id}, ())
        return f"open311:{by.token_id}:{own}"
    span = int(now.timestamp() // rules.SAME_WITHIN.total_seconds())
    return f"open311:{by.token_id}:{mark}:{span}"


def _mark(posting: Posting, files: Sequence[StoredFile]) -> str:
    said = {k: str(v) for k, v in vars(posting).items() if k != "attributes"}
    said |= {f"attribute[{k}]": v for k, v in posting.attributes.items()}
    return rules.fingerprint(said, [f.sha256 for f in files])


def _place(posting: Posting) -> _Place:
    """One of point, address, number of a site must be there. Raises."""
    lat = rules.degrees(posting.lat, "lat", 90)
    lng = rules.degrees(posting.lng, "long", 180)
    if (lat is None) != (lng is None):
        raise rules.Wrong("long" if lng is None else "lat")
    address = clean_text(posting.address)[:200]
    if lat is not None and lng is not None:
        lng, lat = geo.to_wgs84(lng, lat, "wgs84")
    elif posting.address_id:
        site = Site.objects.filter(code=posting.address_id, active=True).first()
        if site is None:
            raise Missing(
                "open311.address_id",
                _("没有编号为“%(id)s”的地点") % {"id": posting.address_id[:40]},
            )
        lng, lat, address = site.lng, site.lat, address or site.name
    elif not address:
        message = _("须给出 lat 与 long、address_string、address_id 三者之一")
        raise Invalid("open311.place", message, fields=[Field("lat", message)])
    return _Place(lng, lat, address)


def _text(posting: Posting, condition: str) -> str:
    said = clean_text(posting.description)
    if len(said) > rules.MOST_DESCRIPTION:
        message = _("description 最多 %(n)s 个字") % {"n": rules.MOST_DESCRIPTION}
        raise Invalid("open311.description", message, fields=[Field("description", message)])
    if not condition:
        return said
    line = _("现场情况：%(text)s") % {"text": condition}
    return f"{said}\n{line}" if said else line


def _payload(posting: Posting, by: Acting) -> dict[str, Any]:
    said = {
        "door": "open311",
        "app": by.name,
        "account_id": posting.account_id[:100],
        "media_url": posting.media_url[:1000],
        "attributes": {k[:60]: v[:500] for k, v in list(posting.attributes.items())[:50]},
    }
    return {k: v for k, v in said.items() if v}
