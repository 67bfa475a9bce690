"""``lifang score``: scores, losses and plans from files. No database is needed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

app = typer.Typer(help="成绩：从文件计算得分、失分、整改方案。", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]


def plain() -> None:
    """Django's texts without its rooms: these commands work on files alone."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)


def echo_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False))


def _choice(value: str, among: tuple[str, ...], option: str) -> str:
    if value not in among:
        raise typer.BadParameter(f"{option} 应为 {'、'.join(among)} 之一")
    return value


@app.command()
def table(
    structure: Annotated[Path, typer.Option(help="结构 CSV：code,parent[,mean]")],
    values: Annotated[Path, typer.Option(help="数据 CSV：case,code,value")],
    weights: Annotated[Path | None, typer.Option(help="权重 CSV：code,weight；不给则等权")] = None,
    mean: Annotated[str, typer.Option(help="arithmetic、geometric 或 harmonic")] = "arithmetic",
    missing: Annotated[str, typer.Option(help="缺数据时：drop、zero 或 fail")] = "drop",
    as_json: Json = False,
) -> None:
    """任意层级的综合指数：按权重逐级合成，缺的按所选方式处理，每个节点都有结果。"""
    plain()
    from lifang.assessment import table as index
    from lifang.assessment import tablefiles

    by = cast(index.Mean, _choice(mean, get_args(index.Mean), "--mean"))
    absent = cast(index.Missing, _choice(missing, get_args(index.Missing), "--missing"))
    try:
        inputs = tablefiles.read(structure, weights, values, mean=by, missing=absent)
    except tablefiles.Faulty as wrong:
        for fault in wrong.faults:
            typer.echo(str(fault), err=True)
        typer.echo(f"共 {len(wrong.faults)} 处错误，未计算。", err=True)
        if as_json:
            echo_json({"errors": [f.as_dict() for f in wrong.faults]})
        raise typer.Exit(1) from None
    scores = index.roll_up(inputs.tree, inputs.values, missing=absent)
    if as_json:
        echo_json(
            {
                case: {c: None if v is None else float(v) for c, v in found.items()}
                for case, found in scores.items()
            }
        )
        return
    order = [(c, inputs.tree.depth(c)) for c in inputs.tree.walk()]
    for case, found in scores.items():
        typer.echo(case)
        for code, depth in order:
            value = found[code]
            typer.echo(f"  {'  ' * depth}{code}\t{'无数据' if value is None else _shown(value)}")


def _shown(value: Decimal) -> str:
    return str(float(value))
