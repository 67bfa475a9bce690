"""``lifang score``: scores, losses and plans of a round of the database, or from files alone."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from lifang.cli.common import Data, ending, ready

if TYPE_CHECKING:
    from lifang.assessment.engine import Result
    from lifang.assessment.files import Case
    from lifang.rounds.models import Round

app = typer.Typer(help="成绩：得分、失分、整改方案，按轮次或从文件计算。", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
EditionFile = Annotated[Path | None, typer.Option("--edition", help="测评体系 JSON")]
RoundFile = Annotated[Path | None, typer.Option("--round", help="测评轮次 JSON")]
FactsFile = Annotated[Path | None, typer.Option("--facts", help="事实 JSON")]
Of = Annotated[str, typer.Option("--of", help="轮次编号；不给文件时用，默认唯一进行中的轮次")]
AsOf = Annotated[str, typer.Option("--as-of", help="只算此刻以前登记的，如 2026-09-30T18:00+08:00")]


def plain() -> None:
    """Django's texts without its rooms: these commands work on files alone."""
    from django.conf import settings

    if not settings.configured:
        settings.configure(USE_I18N=False)


def echo_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False))


def echo_rows(rows: Iterable[Iterable[object]]) -> None:
    for row in rows:
        typer.echo("\t".join(str(cell) for cell in row))


def choice(value: str, among: tuple[str, ...], option: str) -> str:
    if value not in among:
        raise typer.BadParameter(f"{option} 应为 {'、'.join(among)} 之一")
    return value


def inputs(
    edition: Path | None, round_: Path | None, facts: Path | None, of: str, data: Path | None
) -> "Case":
    """Edition, round and facts: of three files, or of a round of the database."""
    given = [x for x in (edition, round_, facts) if x is not None]
    if len(given) not in (0, 3):
        raise typer.BadParameter("--edition、--round、--facts 要一起给，或都不给")
    if edition and round_ and facts:
        plain()
        from lifang.assessment import files

        return files.load(edition, round_, facts)
    ready(data)
    from lifang.assessment import gathering
    from lifang.assessment.files import Case

    row = stored_round(of)
    plan = gathering.plan_of(row)
    return Case(plan.edition, plan.round, gathering.facts_of(row))


def stored_round(key: str) -> "Round":
    """The round of this number; without one, the only one that is open."""
    from lifang.assessment import access
    from lifang.rounds.choices import RoundStatus
    from lifang.rounds.models import Round

    rows = Round.objects.exclude(status=RoundStatus.PREPARING).order_by("-starts")
    found = rows.filter(key=key) if key else rows.filter(status=RoundStatus.OPEN)
    keys = list(found.values_list("pk", flat=True)[:2])
    if len(keys) != 1:
        told = f"没有编号为“{key}”的轮次" if key else "进行中的轮次不是唯一的一个，请用轮次编号指明"
        typer.echo(
            f"{told}。有：{'、'.join(rows.values_list('key', flat=True)[:20]) or '无'}", err=True
        )
        raise typer.Exit(1)
    return access.round_of(keys[0])


def _scored(case: "Case", as_of: str) -> "Result":
    from lifang.assessment.engine import score

    return score(case.edition, case.round, case.facts, as_of=as_of)


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

    by = cast(index.Mean, choice(mean, get_args(index.Mean), "--mean"))
    absent = cast(index.Missing, choice(missing, get_args(index.Missing), "--missing"))
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
            shown = "无数据" if value is None else str(float(value))
            typer.echo(f"  {'  ' * depth}{code}\t{shown}")


@app.command()
def run(
    of: Annotated[str, typer.Argument(metavar="[ROUND]", help="轮次编号；结果存入数据库")] = "",
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    as_of: AsOf = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """计算一个轮次的成绩：总分及其区间、各级得分、每一处失分。"""
    from lifang.assessment.engine.display import rounded

    with ending():
        case = inputs(edition, round_, facts, of, data)
        if edition is None:
            key = _store(of, as_of)
            typer.echo(f"成绩编号 {key}", err=as_json)
        result = _scored(case, as_of)
    if as_json:
        echo_json({**result.as_dict(), "digest": result.digest})
        return
    total = result.total
    words = {
        "ok": "",
        "barred": "（未达前置条件）",
        "suspended": "（暂停资格）",
        "disqualified": "（取消资格）",
    }
    typer.echo(f"总分 {total.score}（{total.low}–{total.high}）{words[total.status]}")
    for step in total.steps:
        typer.echo(f"  {step.key}\t{_points(step.delta):+}\t{step.note}".rstrip())
    typer.echo("编码\t名称\t得分\t满分\t最低\t最高\t已测")
    shown = [rounded(case.edition, result, c) for c in ("earned", "possible", "low", "high")]
    below = case.edition.children
    stack = [(code, 0) for code in reversed(below.get("", ()))]
    while stack:
        code, depth = stack.pop()
        f, node = result.nodes[code], case.edition.nodes[code]
        figures = [column[code] for column in shown]
        known = "—" if f.coverage is None else f"{f.coverage:.0%}"
        if f.possible or f.bonus:
            bonus = f"\t加分 {_points(f.bonus)}" if f.bonus else ""
            echo_rows([["  " * depth + code, node.title, *figures, known + bonus]])
        stack += [(c, depth + 1) for c in reversed(below.get(code, ()))]


def _store(of: str, as_of: str) -> str:
    """Work out and keep a run of a round; its number."""
    from lifang.assessment import actions
    from lifang.assessment.engine.facts import moment
    from lifang.orgs.acting import SYSTEM

    pk = stored_round(of).pk
    return actions.work_out(by=SYSTEM, round_id=pk, as_of=moment(as_of) if as_of else None).key


@app.command()
def verify(
    saved: Annotated[
        str, typer.Argument(metavar="RUN", help="成绩编号，或 score run --json 存下的文件")
    ],
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    as_of: AsOf = "",
    data: Data = None,
) -> None:
    """重算并与存下的结果逐字节比较。"""
    if edition is None:
        ready(data)
        _verify_stored(saved)
        return
    with ending():
        case = inputs(edition, round_, facts, "", data)
        from lifang.assessment import files
        from lifang.standards.editions import canonical

        kept = files.document(Path(saved))
        result = _scored(case, as_of)
    kept = dict(kept) if isinstance(kept, dict) else {}
    told = kept.pop("digest", None)
    if told == result.digest and canonical(kept) == result.canonical():
        typer.echo(f"一致：{result.total.score}，{result.digest}")
        return
    for name, value in result.inputs.items():
        before = (kept.get("inputs") or {}).get(name)
        if before != value:
            typer.echo(f"{name} 不同：{before} → {value}", err=True)
    typer.echo("不一致。", err=True)
    raise typer.Exit(1)


def _verify_stored(key: str) -> None:
    from lifang.assessment import actions
    from lifang.assessment.models import Run

    run = Run.objects.select_related("round__edition").filter(key=key, complete=True).first()
    if run is None:
        typer.echo(f"没有编号为“{key}”的成绩", err=True)
        raise typer.Exit(1)
    found = actions.verify(run)
    if found["same"]:
        typer.echo(f"一致：{found['score']}，{found['digest']}")
        return
    for name, (before, now) in found["differs"].items():
        typer.echo(f"{name} 不同：{before} → {now}", err=True)
    typer.echo("不一致。", err=True)
    raise typer.Exit(1)


@app.command()
def explain(
    leaf: Annotated[str, typer.Argument(help="指标编码")],
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    of: Of = "",
    as_of: AsOf = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """一个指标的分从哪里来、丢在哪里、差多少升一档。"""
    from lifang.assessment.engine.result import leaf_dict

    with ending():
        case = inputs(edition, round_, facts, of, data)
        result = _scored(case, as_of)
    found = result.leaves.get(leaf)
    if found is None:
        typer.echo(f"没有指标“{leaf}”，有：{'、'.join(result.leaves)}", err=True)
        raise typer.Exit(1)
    if as_json:
        echo_json(leaf_dict(found))
        return
    f = found.figures
    typer.echo(
        f"{leaf} {case.edition.nodes[leaf].title}：{STATES[found.state]}{'，' + found.note if found.note else ''}"
    )
    typer.echo(
        f"得 {_points(f.earned)} / {_points(f.possible)}，{_points(f.low)}–{_points(f.high)}"
    )
    for key, o in found.outcomes:
        seen = "" if o.x is None else f"，量值 {float(o.x):.4g}"
        grades = "，".join(f"{slot or '材料'} {grade}" for slot, grade in o.detail.items())
        typer.echo(
            f"  {key}：{STATES[o.state]}，得分率 {float(o.r):.4g}{seen}，{o.n} 条{'，' + grades if grades else ''}"
        )
    for row in found.losses:
        where = " ".join(x for x in (row.site, row.item, row.cause, row.lead) if x)
        typer.echo(
            f"  失 {_points(row.points)}（单独整改可回 {_points(row.gain)}）\t{row.kind}\t{where}"
        )
    for step in found.next_grades:
        how = (
            f"再整改 {step.fixes} 处"
            if step.fixes is not None
            else f"达到 {step.target.normalize():f}"
        )
        typer.echo(f"  {how}：+{_points(step.points)}")


@app.command()
def loss(
    edition: EditionFile = None,
    round_: RoundFile = None,
    facts: FactsFile = None,
    of: Of = "",
    by: Annotated[
        str, typer.Option(help="unit、leaf、site、item、cause、kind 或 measure")
    ] = "unit",
    as_of: AsOf = "",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """失分归到单位、指标、点位、检查项或原因；各行之和恰等于满分减得分。"""
    from lifang.assessment.engine import losses

    view = cast(losses.View, choice(by, losses.VIEWS, "--by"))
    with ending():
        case = inputs(edition, round_, facts, of, data)
        result = _scored(case, as_of)
    lines = losses.by(result.losses, view)
    if as_json:
        rows = [
            {"key": x.key, "lost": str(x.lost), "open": str(x.open), "rows": x.rows} for x in lines
        ]
        whole = result.nodes[""]
        echo_json({"by": by, "lost": str(whole.possible - whole.earned), "lines": rows})
        return
    echo_rows([[by, "失分", "未测", "处"]])
    echo_rows([x.key or "（无）", _points(x.lost), _points(x.open), x.rows] for x in lines)


STATES = {
    "scored": "已测",
    "partial": "部分已测",
    "pending": "未测",
    "missing": "无证据",
    "disputed": "有争议",
    "not_applicable": "不适用",
}


def _points(value: Decimal) -> Decimal:
    """Points as people read them: four places at most."""
    from lifang.assessment.engine.numbers import half_up

    short = half_up(value, 4).normalize()
    return short if short.as_tuple().exponent < 0 else short.quantize(Decimal(1))  # type: ignore[operator]
