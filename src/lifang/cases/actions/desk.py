"""Saved views of lists, and how the city runs its loop."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases.models import SavedView, Setting
from lifang.core import journal, stamps
from lifang.core.errors import Field, Forbidden, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role


def save_view(
    *, by: Acting, name: str, filters: dict[str, Any], columns: list[str], shared: bool = False,
    subject: str = "cases", view_id: int | None = None,
) -> SavedView:  # fmt: skip
    """Keep a list as it is, for oneself or (duty chief) for all."""
    if by.user_id is None:
        raise Forbidden("view.person_only", _("视图须由登录人员保存"))
    if not name.strip():
        raise Invalid("view.name", _("请给视图起个名字"), fields=[Field("name", _("必填"))])
    if shared and not by.has(Role.DUTY_CHIEF, Role.LEADER):
        raise Forbidden("view.shared", _("共享视图须由值班长或领导保存"))
    if view_id is None:
        view = SavedView(user_id=by.user_id, subject=subject)
    else:
        found = SavedView.objects.filter(pk=view_id, user_id=by.user_id).first()
        if found is None:
            raise Missing("view.not_found", _("没有这个视图，或不是您保存的"))
        view = found
    view.name, view.filters, view.columns, view.shared = name.strip()[:60], filters, columns, shared
    view.save()
    return view


def delete_view(*, by: Acting, view_id: int) -> None:
    """Remove one's own view."""
    gone, _rows = SavedView.objects.filter(pk=view_id, user=by.user_id or 0).delete()
    if not gone:
        raise Missing("view.not_found", _("没有这个视图，或不是您保存的"))


@transaction.atomic
def change_setting(*, by: Acting, **values: Any) -> Setting:
    """Change how the loop runs: stage minutes, windows, words. Journalled with before and after."""
    if not by.has(Role.SYSTEM_ADMIN):
        raise Forbidden("setting.forbidden", _("流程参数须由系统管理员修改"))
    row = Setting.objects.select_for_update().first() or Setting()
    before = {k: getattr(row, k) for k in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    stamps.bump("cases.setting")
    journal.write(
        by=by, room="cases", verb="change_setting", subject=row, before=before, after=values
    )
    return row
