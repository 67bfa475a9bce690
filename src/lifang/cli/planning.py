"""``lifang score plan``: which fixes win most points back."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from lifang.cli.common import Data, ending
from lifang.cli.score import (
    EditionFile,
    FactsFile,
    Json,
    Of,
    RoundFile,
    choice,
    echo_json,
    echo_rows,
    inputs,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lifang.assessment.sampling.condition import Condition


def plan(
    budget: Annotated[float, typer.Option(help="可投入的工作量（与条件文件同一单位）")],
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    of: Of = "",
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
    data: Data = None,
) -> None:
    """整改方案：在工作量、期限、单位能力之内，先办哪些最能追回分数。"""
    from lifang.assessment import files
    from lifang.assessment.planner import options as conditions
    from lifang.assessment.planner import report

    wanted = cast(report.Aim, choice(aim, report.AIMS, "--aim"))
    if not 0 <= budget < 1e9:
        raise typer.BadParameter("--budget 应为非负的数")
    start = (today or dt.datetime.now()).date()  # noqa: DTZ005  (the operator's own day)
    with ending():
        case = inputs(edition, round_, facts, of, data)
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


def predict(
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    of: Of = "",
    draws: Annotated[int, typer.Option(min=10, max=100_000, help="模拟抽查的次数")] = 1000,
    seed: Annotated[int, typer.Option(help="随机种子，相同则结果相同")] = 1,
    as_json: Json = False,
    data: Data = None,
) -> None:
    """下次正式抽查可能得多少分：模拟抽取，附各指标的实测率与真实状况。"""
    from lifang.assessment.engine import facts as fact_rules
    from lifang.assessment.engine import score
    from lifang.assessment.engine.facts import Observation
    from lifang.assessment.engine.plan import compile_plan
    from lifang.assessment.sampling import condition
    from lifang.assessment.sampling import predict as simulation

    with ending():
        case = inputs(edition, round_, facts, of, data)
        simulation.needs_frame(case.round)
        held = fact_rules.in_force(case.facts)
        worked_out = compile_plan(case.edition, case.round)
        result = score(case.edition, case.round, held, plan=worked_out)
    seen = [f for f in held if isinstance(f, Observation)]
    found = simulation.predictor(worked_out, held, result).predict(draws, seed)
    states = {c.key: c for c in condition.conditions(worked_out, seen)}
    if as_json:
        echo_json(
            {
                "now": str(result.nodes[""].earned),
                "mean": found.mean,
                "quantiles": {str(q): found.quantile(q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)},
                "draws": draws,
                "kept": [" ".join(k) for k in found.kept],
                "measures": {
                    " ".join(k): _measure(found.rates[k], states.get(k)) for k in found.rates
                },
            }
        )
        return
    low, middle, high = (found.quantile(q) for q in (0.05, 0.5, 0.95))
    typer.echo(
        f"下次抽查：期望 {found.mean:.2f}，九成在 {low:.2f}–{high:.2f} 之间，中位 {middle:.2f}"
    )
    typer.echo(f"本次 {float(result.nodes[''].earned):.2f}（未计加分、其他体系与负面清单）")
    echo_rows([["指标", "期望得分率", "抽中点位的合格率", "全部点位的合格率（95%）", "点位"]])
    for key, values in found.rates.items():
        c = states.get(key)
        true = "—"
        if c and c.true:
            a, b = c.true.rate_interval()
            true = f"{c.true.value:.1%}（{a:.1%}–{b:.1%}）"
        official = f"{float(c.official):.1%}" if c else "—"
        mean = sum(values) / len(values)
        echo_rows([[" ".join(key), f"{mean:.1%}", official, true, c.n if c else 0]])


def _measure(values: "Sequence[float]", c: "Condition | None") -> dict[str, Any]:
    found: dict[str, Any] = {"mean": sum(values) / len(values)}
    if c:
        found |= {"official": float(c.official), "places": c.n, "flawed_places": c.flawed}
        if c.true:
            found |= {"true": c.true.value, "se": c.true.se, "interval": c.true.rate_interval()}
    return found


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
