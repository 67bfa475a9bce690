"""Reporters are forgotten when their case is long over; the case stays."""

import datetime as dt

import pytest
from django.utils import timezone

from factories_cases import make_report, make_town
from lifang.cases import actions
from lifang.cases.actions.retain import forget
from lifang.cases.models import Report

pytestmark = pytest.mark.django_db
LATER = timezone.now() + dt.timedelta(days=731)


def test_it_works():
    town = make_town()
    made = make_report(reporter_name="王先生", reporter_phone="13800001234", device="d1")
    actions.reject(by=town["acceptor"], case_id=made.case.pk, reason="咨询类")
    still_open = make_report(reporter_phone="13900001234").report
    assert forget() == 0
    assert forget(now=LATER) == 1
    row = Report.objects.get(pk=made.report.pk)
    assert (row.reporter_name, row.reporter_phone, row.device) == ("", "", "")
    assert row.text == made.report.text
    assert Report.objects.get(pk=still_open.pk).reporter_phone == "13900001234"
    assert forget(now=LATER) == 0
