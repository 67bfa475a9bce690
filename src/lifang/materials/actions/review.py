"""Two levels of review by two people; a return, an appeal. Append-only."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import notify
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.materials import rules
from lifang.materials.actions._step import grades_of, locked, saved
from lifang.materials.choices import FilingStatus, Verdict
from lifang.materials.models import Filing, Review, Submission
from lifang.materials.permissions import need_file, need_reviewer
from lifang.orgs.acting import Acting
from lifang.standards.rules import clean_text


@transaction.atomic
def review(
    *,
    by: Acting,
    filing_id: int,
    level: int,
    grade: str,
    reason: str = "",
    disputed: bool = False,
    seen: int | None = None,
) -> Filing:
    """Grade what was handed in; level 2 is by another person and settles it.

    ``seen``: the submission that the reviewer looked at; a newer one is a :class:`Conflict`.
    """
    need_reviewer(by)
    filing = locked(by, filing_id)
    rules.check_move("first" if level == 1 else "second", filing.status)
    submission = _submission(filing, seen)
    reason = clean_text(reason)
    rules.check_review(
        level=level, grade=grade, reason=reason, allowed=grades_of(filing),
        submitted=submission is not None, reviewer=by.user_id, submitter=filing.submitted_by_id
        if submission else None, first=filing.first_by_id,
    )  # fmt: skip
    made = _add(by, filing, submission, level, Verdict.GRADED, grade, reason, disputed)
    filing.grade, filing.disputed = grade, disputed
    if level == 1:
        filing.status, filing.first_by_id = FilingStatus.FIRST_PASSED, by.user_id
    else:
        filing.status = FilingStatus.ACCEPTED
        if grade != grades_of(filing)[0]:
            _tell(filing, _("材料已定级：%(grade)s") % {"grade": grade}, reason)
    return saved(filing, by, "review", reason=reason, review=made.pk, level=level)


@transaction.atomic
def return_(*, by: Acting, filing_id: int, reason: str, seen: int | None = None) -> Filing:
    """Back to the unit, with what is to be mended; grades given so far no longer count."""
    need_reviewer(by)
    filing = locked(by, filing_id)
    rules.check_move("return", filing.status)
    submission = _submission(filing, seen)
    reason = clean_text(reason)
    if not reason:
        told = _("退回须写明原因")
        raise Invalid("filing.reason", told, fields=[Field("reason", told)])
    if submission is not None and by.user_id is not None and by.user_id == filing.submitted_by_id:
        raise Forbidden("filing.own", _("提交人不能审核自己提交的材料，请由另一人审核"))
    level = 1 if filing.status == FilingStatus.SUBMITTED else 2
    made = _add(by, filing, submission, level, Verdict.RETURNED, "", reason, False)
    filing.status, filing.grade = FilingStatus.RETURNED, ""
    filing.disputed, filing.first_by = False, None
    _tell(filing, _("材料被退回"), reason)
    return saved(filing, by, "return", reason=reason, review=made.pk, level=level)


@transaction.atomic
def appeal(*, by: Acting, filing_id: int, reason: str) -> Filing:
    """The unit contests the grade: it stands as disputed until the second level decides anew."""
    filing = locked(by, filing_id)
    need_file(by, filing.unit_id)
    rules.check_move("appeal", filing.status)
    reason = clean_text(reason)
    if not reason:
        told = _("申诉须写明理由")
        raise Invalid("filing.reason", told, fields=[Field("reason", told)])
    made = _add(
        by, filing, _submission(filing, None), 2, Verdict.APPEALED, filing.grade, reason, True
    )
    filing.status, filing.disputed = FilingStatus.FIRST_PASSED, True
    return saved(filing, by, "appeal", reason=reason, review=made.pk, level=2)


def _submission(filing: Filing, seen: int | None) -> Submission | None:
    """What is before the reviewer; ``None`` where nothing was handed in that still counts."""
    last = filing.submissions.order_by("-number").first()
    if seen is not None and (last is None or last.pk != seen):
        raise Conflict("filing.newer", _("单位刚刚更新了这项材料，请刷新后看新的版本"))
    waiting = filing.status in (
        FilingStatus.SUBMITTED, FilingStatus.FIRST_PASSED, FilingStatus.ACCEPTED,
    )  # fmt: skip
    if not waiting or last is None:
        return None
    if filing.status != FilingStatus.SUBMITTED:
        # a slot judged without a paper stays without one, even if an older one was returned
        judged = filing.reviews.order_by("-pk").first()
        return last if judged is not None and judged.submission_id == last.pk else None
    return last


def _add(
    by: Acting,
    filing: Filing,
    submission: Submission | None,
    level: int,
    verdict: Verdict,
    grade: str,
    reason: str,
    disputed: bool,
) -> Review:
    return Review.objects.create(
        filing=filing, submission=submission, verdict=verdict, level=level, grade=grade,
        reason=reason[:500], disputed=disputed, reviewer_id=by.user_id, reviewer_name=by.name,
        at=timezone.now(),
    )  # fmt: skip


def _tell(filing: Filing, title: str, reason: str) -> None:
    if filing.submitted_by_id is None:
        return
    notify.tell(
        [filing.submitted_by_id],
        kind="materials",
        title=title,
        body=f"{filing.number} {filing.title}\n{reason}".strip(),
        link=f"/console/materials/{filing.pk}",
        subject=filing,
        unit_id=filing.unit_id,
    )
