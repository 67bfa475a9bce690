"""``lifang user``: accounts, from the machine itself. Written to the journal as the system's."""

from typing import Annotated

import typer

from lifang.cli.common import Data, ending, ready

app = typer.Typer(help="账号：新建、重置口令、解锁。", no_args_is_help=True)
Username = Annotated[str, typer.Argument(help="用户名")]


@app.command()
def create(
    username: Username,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="角色，可重复，如 system_admin")
    ] = None,
    name: Annotated[str, typer.Option(help="姓名，默认与用户名相同")] = "",
    unit: Annotated[str, typer.Option(help="单位编码；系统中还没有单位时可不填")] = "",
    area: Annotated[str, typer.Option(help="管辖区划编码前缀，空为全部")] = "",
    data: Data = None,
) -> None:
    """新建账号并授予角色；打印一次性口令，首次登录须修改。"""
    ready(data)
    from django.db import transaction

    from lifang.orgs import actions
    from lifang.orgs.acting import SYSTEM

    with ending(), transaction.atomic():
        unit_id = _unit(unit)
        user, password = actions.create_user(
            by=SYSTEM, username=username, name=name or username, unit_id=unit_id
        )
        for one in role or []:
            actions.grant_role(by=SYSTEM, user_id=user.pk, unit_id=unit_id, role=one, area=area)
    typer.echo(f"用户名：{user.username}\n一次性口令：{password}")


@app.command()
def reset(username: Username, data: Data = None) -> None:
    """重置口令，结束其全部会话；打印新的一次性口令。"""
    ready(data)
    from lifang.orgs import actions
    from lifang.orgs.acting import SYSTEM

    with ending():
        _, password = actions.reset_password(by=SYSTEM, user_id=_user(username))
    typer.echo(f"用户名：{username}\n一次性口令：{password}")


@app.command()
def unlock(username: Username, data: Data = None) -> None:
    """解除登录锁定。"""
    ready(data)
    from lifang.orgs import actions
    from lifang.orgs.acting import SYSTEM

    with ending():
        actions.unlock_user(by=SYSTEM, user_id=_user(username))
    typer.echo(f"{username} 已解锁。")


def _user(username: str) -> int:
    from lifang.core.errors import Missing
    from lifang.orgs.models import User

    found = User.objects.filter(username=username).values_list("pk", flat=True).first()
    if found is None:
        raise Missing("orgs.user_not_found", f"没有用户名为“{username}”的账号")
    return found


def _unit(code: str) -> int:
    """The unit with this code; without one, the only root unit, or a first one made for it."""
    from lifang.core.errors import Invalid, Missing
    from lifang.orgs import actions
    from lifang.orgs.acting import SYSTEM
    from lifang.orgs.choices import UnitKind
    from lifang.orgs.models import Unit

    if code:
        found = Unit.objects.filter(code=code, active=True).values_list("pk", flat=True).first()
        if found is None:
            raise Missing(
                "orgs.unit_not_found", f"没有编码为“{code}”的单位，可在管理台“单位”页查看"
            )
        return found
    roots = list(Unit.objects.filter(parent=None, active=True).values_list("pk", flat=True)[:2])
    if len(roots) > 1:
        raise Invalid("orgs.unit_needed", "系统中有多个顶级单位，请用 --unit 指定单位编码")
    if roots:
        return roots[0]
    return actions.create_unit(
        by=SYSTEM, code="centre", name="城市管理指挥中心", kind=UnitKind.CENTRE
    ).pk
