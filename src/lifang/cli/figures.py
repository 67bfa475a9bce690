"""``lifang rates``: the figures of a period, with the formula and the counts beside each."""

import datetime as dt
from typing import Annotated

import typer

from lifang.cli.common import Data, ending, ready


def rates(
    since: Annotated[
        dt.datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="起始日，默认本月 1 日"),
    ] = None,
    until: Annotated[
        dt.datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="截止日（含），默认今天"),
    ] = None,
    unit: Annotated[int | None, typer.Option(help="主办单位编号（含下级）")] = None,
    area: Annotated[str, typer.Option(help="区划编码或其前缀")] = "",
    category: Annotated[str, typer.Option(help="类别编码或其前缀")] = "",
    data: Data = None,
) -> None:
    """打印一段时间的各项比率、公式与件数。"""
    ready(data)
    from lifang.dashboard import queries
    from lifang.orgs.acting import SYSTEM

    asked = queries.Asked.model_validate(
        {
            "from": since.date() if since else None,
            "to": until.date() if until else None,
            "unit": unit,
            "area": area,
            "category": category,
        }
    )
    with ending():
        found = queries.rates(SYSTEM, asked)
    typer.echo(f"{found['period']['from']} 至 {found['period']['to']}")
    for row in found["rates"]:
        typer.echo(f"{row['name']}：{row['shown']}（{row['n']}/{row['of']}）　{row['formula']}")
