"""``lifang duplicates eval``: how well duplicates are found and merged, by labelled history. No database."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lifang.cli.common import ending

app = typer.Typer(help="重复件：评测查找与自动归并。", no_args_is_help=True)


@app.callback()
def duplicates() -> None:
    """重复件：评测查找与自动归并。"""


@app.command("eval")
def evaluate(
    labelled: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="标注：cluster,id（CSV 或 Excel）")
    ],
    corpus: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, help="全部留言：id,title,text[,time,lng,lat]（同上）"
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON")] = False,
) -> None:
    """评测重复件：检索的 mAP，自动归并的成对与 B³ 准确率、召回率、F1，均带 95% 区间。"""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)
    from lifang.core import plain_tables
    from lifang.understanding.alike import evaluation

    with ending():
        found = evaluation.evaluate(
            labels=plain_tables.read(labelled, ("cluster", "id")),
            corpus=plain_tables.read(
                corpus, ("id", "title", "text"), optional=("time", "lng", "lat")
            ),
        )
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1, allow_nan=False))
        return
    typer.echo(f"标注 {found.figures.n} 条、{found.clusters} 组，语料 {found.corpus} 条")
    for note in found.notes:
        typer.echo(note)
    for name, measure in found.shown():
        typer.echo(f"{name}　{measure.value:.3f}（{measure.low:.3f}–{measure.high:.3f}）")
