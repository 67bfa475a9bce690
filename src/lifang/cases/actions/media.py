"""What people decide about pictures and recordings of a case."""

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases.actions.heard import hear
from lifang.cases.models import Case, Evidence
from lifang.cases.permissions import may_decide_media, visible_to
from lifang.core.errors import Forbidden, Missing
from lifang.orgs.acting import Acting
from lifang.understanding.pictures import actions as pictures
from lifang.understanding.pictures.models import PictureFinding
from lifang.understanding.voice import actions as voice
from lifang.understanding.voice.models import Transcript


@transaction.atomic
def show_picture(
    *, by: Acting, case_id: int, file_id: int, show: bool, reason: str = ""
) -> PictureFinding:
    """Let everybody see a picture of the case, or nobody; the decision is journalled with its reason."""
    case = of_centre(by=by, case_id=case_id, what=_("决定照片是否公开"))
    if not Evidence.objects.filter(case=case, file_id=file_id, file__kind="image").exists():
        raise Missing("file.not_found", _("本案没有这张照片"))
    return pictures.decide(by=by, file_id=file_id, show=show, reason=reason)


@transaction.atomic
def correct_voice(
    *, by: Acting, case_id: int, file_id: int, text: str, after: int | None = None
) -> Transcript:
    """What was really said, by an acceptor who listened. A case not worked on yet is understood anew."""
    case = of_centre(by=by, case_id=case_id, what=_("更正录音的转写"))
    if not Evidence.objects.filter(case=case, file_id=file_id, file__kind="audio").exists():
        raise Missing("file.not_found", _("本案没有这段录音"))
    made = voice.correct(by=by, file_id=file_id, text=text, after=after)
    hear(file_id=file_id)
    return made


def of_centre(*, by: Acting, case_id: int, what: str) -> Case:
    """The case, if ``by`` accepts cases of its area."""
    case = visible_to(by).filter(pk=case_id).first()
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或您无权查看"))
    if not may_decide_media(case, by):
        raise Forbidden(
            "case.forbidden", _("只有本区域的受理员或值班长可以%(what)s") % {"what": what}
        )
    return case
