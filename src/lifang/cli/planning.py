"""``lifang score plan``: which fixes win most points back."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Annotated, cast

import typer

from lifang.cli.common import ending
from lifang.cli.score import (
    EditionFile,
    FactsFile,
    Json,
    RoundFile,
    choice,
    echo_json,
    echo_rows,
    plain,
)


def plan(
    edition: EditionFile,
    round_: RoundFile,
    facts: FactsFile,
    budget: Annotated[float, typer.Option(help="可投入的工作量（与条件文件同一单位）")],
    by: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="须在此日之前完成")
    ] = None,
    today: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="从哪天起算，默认今天")
    ] = None,
    aim: Annotated[
        str, typer.Option(help="next：下次正式抽查的期望得分；mock：本次模拟测评")
    ] = "next",
    options: Annotated[
        Path | None, typer.Option(help="条件 JSON：工作量、天数、单位能力、必办")
    ] = None,
    polish: Annotated[float, typer.Option(help="再用 CP-SAT 优化多少秒，0 为不用")] = 0,
    seed: Annotated[int, typer.Option(help="随机种子，相同则结果相同")] = 1,
    as_json: Json = False,
) -> None:
    """整改方案：在工作量、期限、单位能力之内，先办哪些最能追回分数。"""
    plain()
    from lifang.assessment import files
    from lifang.assessment.planner import options as conditions
    from lifang.assessment.planner import report

    wanted = cast(report.Aim, choice(aim, report.AIMS, "--aim"))
    if not 0 <= budget < 1e9:
        raise typer.BadParameter("--budget 应为非负的数")
    start = (today or dt.datetime.now()).date()  # noqa: DTZ005  (the operator's own day)
    with ending():
        case = files.load(edition, round_, facts)
        document = files.document(options) if options else {"format": conditions.FORMAT}
        limits = conditions.read(document, today=start, by=by.date() if by else None)
        found = report.make(
            case.edition,
            case.round,
            case.facts,
            budget=Decimal(str(budget)),
            options=limits,
            aim=wanted,
            seconds=polish,
            seed=seed,
        )
    if found is None:
        typer.echo("必办的事超出了工作量或单位能力，没有可行的方案。", err=True)
        raise typer.Exit(1)
    if as_json:
        echo_json(found.as_dict())
        return
    name = {"next": "下次抽查的期望得分", "mock": "本次得分"}[found.aim]
    typer.echo(
        f"{name} {found.before:.2f} → {found.after:.2f}，工作量 {found.effort:f} / {found.budget:f}"
    )
    typer.echo(
        f"候选 {found.candidates} 项，全部办完可得 +{found.possible:.2f}；{_gap(found.how, found.gap)}"
    )
    echo_rows([["序", "得分", "累计", "工作量", "单位", "事项"]])
    echo_rows(
        [
            n,
            f"{x.gain:+.3f}",
            f"{x.so_far:.3f}",
            f"{x.effort:f}",
            x.unit or "—",
            x.title + ("（必办）" if x.must else ""),
        ]
        for n, x in enumerate(found.lines, 1)
    )


def _gap(how: str, gap: float | None) -> str:
    words = {
        "greedy": "成组贪心",
        "all": "逐一比较全部方案",
        "cp-sat": "CP-SAT",
        "greedy+cp-sat": "成组贪心，CP-SAT 未再改进",
    }
    if gap is None:
        return f"{words[how]}，与最优的差距未证"
    return (
        f"{words[how]}，与最优的差距不超过 {gap:.2%}" if gap > 1e-6 else f"{words[how]}，已证最优"
    )
