"""``lifang score``: scores, losses and plans from files. No database is needed."""

import json
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args

import typer

from lifang.cli.common import ending

if TYPE_CHECKING:
    from lifang.assessment.engine import Result
    from lifang.assessment.files import Case

app = typer.Typer(help="成绩：从文件计算得分、失分、整改方案。", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON")]
EditionFile = Annotated[Path, typer.Option("--edition", help="测评体系 JSON")]
RoundFile = Annotated[Path, typer.Option("--round", help="测评轮次 JSON")]
FactsFile = Annotated[Path, typer.Option("--facts", help="事实 JSON")]
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


def _scored(edition: Path, round_: Path, facts: Path, as_of: str) -> tuple["Case", "Result"]:
    from lifang.assessment import files
    from lifang.assessment.engine import score

    case = files.load(edition, round_, facts)
    return case, score(case.edition, case.round, case.facts, as_of=as_of)


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
    edition: EditionFile,
    round_: RoundFile,
    facts: FactsFile,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """计算一个轮次的成绩：总分及其区间、各级得分、每一处失分。"""
    plain()
    from lifang.assessment.engine.display import rounded

    with ending():
        case, result = _scored(edition, round_, facts, as_of)
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


@app.command()
def verify(
    saved: Annotated[Path, typer.Argument(help="score run --json 存下的结果")],
    edition: EditionFile,
    round_: RoundFile,
    facts: FactsFile,
    as_of: AsOf = "",
) -> None:
    """重算并与存下的结果逐字节比较。"""
    plain()
    from lifang.assessment import files
    from lifang.standards.editions import canonical

    with ending():
        kept = files.document(saved)
        _case, result = _scored(edition, round_, facts, as_of)
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


@app.command()
def explain(
    leaf: Annotated[str, typer.Argument(help="指标编码")],
    edition: EditionFile,
    round_: RoundFile,
    facts: FactsFile,
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """一个指标的分从哪里来、丢在哪里、差多少升一档。"""
    plain()
    from lifang.assessment.engine.result import leaf_dict

    with ending():
        case, result = _scored(edition, round_, facts, as_of)
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
    edition: EditionFile,
    round_: RoundFile,
    facts: FactsFile,
    by: Annotated[
        str, typer.Option(help="unit、leaf、site、item、cause、kind 或 measure")
    ] = "unit",
    as_of: AsOf = "",
    as_json: Json = False,
) -> None:
    """失分归到单位、指标、点位、检查项或原因；各行之和恰等于满分减得分。"""
    plain()
    from lifang.assessment.engine import losses

    view = cast(losses.View, choice(by, losses.VIEWS, "--by"))
    with ending():
        _case, result = _scored(edition, round_, facts, as_of)
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
