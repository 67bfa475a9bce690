"""The command ``lifang``, for operators. Every command imports what it needs when it runs."""

from typing import Annotated

import typer

from lifang.cli import (
    care,
    classify,
    demo,
    duplicates,
    figures,
    packs,
    people,
    planning,
    score,
    tables,
)
from lifang.cli.common import Data, Host, Port, choose

app = typer.Typer(
    name="lifang",
    help="里坊：文明城市的闭环与成绩。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.command()
def up(
    data: Data = None,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    processes: Annotated[int, typer.Option(help="网页进程数")] = 1,
    threads: Annotated[int, typer.Option(help="每个网页进程的线程数")] = 4,
    workers: Annotated[int, typer.Option(help="后台任务进程数")] = 1,
) -> None:
    """启动全部服务：网页、后台任务、定时；先升级数据库，Ctrl-C 一并结束。"""
    from lifang.cli import supervise

    choose(data)
    raise typer.Exit(
        supervise.up(host=host, port=port, processes=processes, threads=threads, workers=workers)
    )


app.command("demo")(demo.demo)
app.add_typer(classify.app, name="classify")
app.add_typer(packs.app, name="pack")
app.add_typer(people.app, name="user")
app.add_typer(duplicates.app, name="duplicates")
score.app.command()(planning.plan)
score.app.command()(planning.predict)
app.add_typer(score.app, name="score")
app.command("import")(tables.load)
app.command("export")(tables.save)
app.command()(tables.template)
app.command()(figures.rates)
app.command()(care.recover)
app.command()(care.doctor)
app.command()(care.move)
app.command()(care.openapi)
