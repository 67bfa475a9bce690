"""``lifang pack``: what differs between cities, checked, loaded and written back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lifang.cli.common import Data, ending, ready

if TYPE_CHECKING:
    from lifang.core.packs import Report

app = typer.Typer(help="数据包：检查、加载、导出。", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="内置数据包的名称（如 base），或文件夹路径")]


def _tell(report: "Report") -> None:
    for error in report.errors:
        typer.echo(error, err=True)
    for what, count in report.counts.items():
        typer.echo(f"{what}：{count}")
    if report.errors:
        typer.echo(f"共 {len(report.errors)} 处错误，未写入任何数据。", err=True)
        raise typer.Exit(1)


@app.command()
def check(name: Name, data: Data = None) -> None:
    """检查数据包，不写入。"""
    ready(data)
    from lifang.core import packs

    with ending():
        report = packs.check(packs.find(name))
    _tell(report)
    typer.echo("没有发现错误。")


@app.command()
def load(name: Name, data: Data = None) -> None:
    """加载数据包：全部成功或全部不写入；可重复执行。"""
    ready(data)
    from lifang.core import packs
    from lifang.orgs.acting import SYSTEM

    with ending():
        report = packs.load(packs.find(name), by=SYSTEM)
    _tell(report)
    typer.echo("已加载。")


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="写入的文件夹")],
    name: Annotated[str, typer.Option(help="数据包名称，默认为文件夹名")] = "",
    title: Annotated[str, typer.Option(help="数据包标题")] = "",
    data: Data = None,
) -> None:
    """把系统中的标准、规则、词汇写成数据包。"""
    ready(data)
    from lifang.core import packs

    called = name or folder.resolve().name
    with ending():
        packs.export(folder, name=called, title=title or called)
    typer.echo(f"已写入 {folder}")
