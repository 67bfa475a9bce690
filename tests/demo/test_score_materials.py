"""The demo's filed documents, as an office would have them: both rounds, every state, facts the engine reads."""

from lifang.assessment.engine import facts as engine
from lifang.materials import queries
from lifang.materials.choices import FilingStatus
from lifang.materials.models import Filing, Review, Revision
from lifang.orgs.acting import SYSTEM
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round


def test_it_works() -> None:
    opened = Round.objects.filter(status=RoundStatus.OPEN, filings__isnull=False).distinct().get()
    states = set(Filing.objects.filter(round=opened).values_list("status", flat=True))
    assert states >= {FilingStatus.ACCEPTED, FilingStatus.SUBMITTED, FilingStatus.ASKED}
    closed = Filing.objects.filter(round__status=RoundStatus.CLOSED)
    assert set(closed.values_list("status", flat=True)) == {FilingStatus.ACCEPTED}


def test_two_people_judge_and_nobody_his_own() -> None:
    assert Review.objects.values("reviewer").distinct().count() == 2
    rows = Review.objects.select_related("submission")
    assert not [r for r in rows if r.submission and r.submission.by_id == r.reviewer_id]


def test_what_was_handed_in_has_files_and_the_engine_reads_every_grade() -> None:
    assert not Revision.objects.filter(files__isnull=True).exists()
    for round_ in Round.objects.filter(filings__isnull=False).distinct():
        read = engine.read(list(queries.facts(round_.pk)))
        assert engine.in_force(read)
        assert queries.burden(SYSTEM, round_.pk)["total"]["given"] > 0
