"""``lifang import`` and ``lifang export``: the tables that the import page knows, without the page."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from lifang.cli.common import Data, ending, ready

Chosen = dict[str, list[str]]


def options(given: list[str] | None) -> Chosen:
    """``["a=1", "a=2"]`` as ``{"a": ["1", "2"]}``."""
    chosen: Chosen = {}
    for one in given or []:
        name, equals, value = one.partition("=")
        if not equals:
            raise typer.BadParameter(f"选项应写作 名称=值，现在是“{one}”")
        chosen.setdefault(name, []).append(value)
    return chosen


def _cases(chosen: Chosen) -> bytes:
    from lifang.cases.export import workbook
    from lifang.cases.queries.filters import CaseFilter
    from lifang.orgs.acting import SYSTEM

    many = {n for n, f in CaseFilter.model_fields.items() if "list" in str(f.annotation)}
    return workbook(
        SYSTEM, CaseFilter.model_validate({n: v if n in many else v[-1] for n, v in chosen.items()})
    )


def _catalogue(chosen: Chosen) -> bytes:
    from lifang.standards import queries, sheets

    wanted = chosen.get("id")
    return sheets.write(queries.document(int(wanted[-1]) if wanted else queries.in_force().id))


def _duty_rules(_chosen: Chosen) -> bytes:
    from lifang.duties import queries, sheets

    return sheets.rules_sheet(queries.duty_rules())


def _pairings(_chosen: Chosen) -> bytes:
    from lifang.duties import queries, sheets

    return sheets.pairings_sheet(queries.pairings())


EXPORTS: dict[str, Callable[[Chosen], bytes]] = {
    "cases": _cases,
    "catalogue": _catalogue,
    "duty-rules": _duty_rules,
    "pairings": _pairings,
}

Kind = Annotated[str, typer.Argument(help="表的种类；写错时列出全部")]


def load(
    kind: Kind,
    file: Annotated[Path, typer.Argument(exists=True, help="Excel、CSV 或 GeoJSON 文件")],
    dry: Annotated[bool, typer.Option("--dry", help="只检查，不写入")] = False,
    option: Annotated[
        list[str] | None, typer.Option("--option", help="选项，如 system=wgs84，可重复")
    ] = None,
    data: Data = None,
) -> None:
    """导入表格：先检查，有一处错误就全部不写入。"""
    ready(data)
    from lifang.core import imports
    from lifang.orgs.acting import SYSTEM

    if kind not in imports.SPECS:
        typer.echo(f"没有“{kind}”这种表，可导入：{'、'.join(sorted(imports.SPECS))}", err=True)
        raise typer.Exit(1)
    chosen = {name: values[-1] for name, values in options(option).items()}
    with ending():
        done = imports.run(by=SYSTEM, kind=kind, path=file, options=chosen, dry=dry)
    for note in done.notes:
        typer.echo(note)
    for error in done.errors:
        typer.echo(f"第 {error['row']} 行 {error['column']}：{error['message']}", err=True)
    if done.error_count:
        typer.echo(f"共 {done.error_count} 处错误，未写入任何数据。", err=True)
        raise typer.Exit(1)
    verb = "将" if dry else "已"
    typer.echo(f"{verb}新增 {done.created} 行，修改 {done.changed} 行，相同 {done.same} 行。")


def template(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="写入的 Excel 文件")],
    data: Data = None,
) -> None:
    """导出某种表的空白模板，填好后用 import 导入。"""
    ready(data)
    from lifang.core import imports

    with ending():
        file.write_bytes(imports.template(imports.spec_of(kind)))
    typer.echo(f"已写入 {file}")


def save(
    kind: Annotated[str, typer.Argument(help=f"{'、'.join(EXPORTS)}")],
    file: Annotated[Path, typer.Argument(help="写入的 Excel 文件")],
    option: Annotated[
        list[str] | None, typer.Option("--option", help="筛选，如 state=closed，可重复")
    ] = None,
    data: Data = None,
) -> None:
    """导出表格，与页面上的导出相同。"""
    ready(data)
    if kind not in EXPORTS:
        typer.echo(f"没有“{kind}”这种表，可导出：{'、'.join(EXPORTS)}", err=True)
        raise typer.Exit(1)
    with ending():
        file.write_bytes(EXPORTS[kind](options(option)))
    typer.echo(f"已写入 {file}")
