"""The card of a model: what it was learnt from, how good it is, and what it is not for."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from lifang.understanding.text import features
from lifang.understanding.text.scores import Scores

#: figures of the measures, as the card and the command show them
TITLES = {
    "accuracy": "正确率",
    "macro_f1": "宏平均 F1",
    "ece": "校准误差（ECE）",
    "coverage_at_precision": "可自行判定的比例",
}


def data_hash(pairs: Sequence[tuple[str, str]]) -> str:
    """SHA-256 over (cleaned text, label) in ascending order: the same rows, the same hash."""
    rows = sorted(f"{features.digest(text):016x} {label}" for text, label in pairs)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def make(
    *,
    kind: str,
    counts: Mapping[str, int],
    groups: int,
    scores: Scores | None,
    data: str,
    source: str,
    made_at: str,
    skipped: Mapping[str, int],
    seconds: float,
    engine: str,
) -> dict[str, Any]:
    """The card as JSON. ``counts``: label → messages (or words, for a model by names)."""
    return {
        "kind": kind,
        "made_at": made_at,
        "source": source,
        "data_sha256": data,
        "counts": dict(sorted(counts.items(), key=lambda x: (-x[1], x[0]))),
        "n": sum(counts.values()),
        "groups": groups,
        "skipped": dict(skipped),
        "seconds": round(seconds, 1),
        "engine": engine,
        "measures": scores.as_json() if scores else None,
    }


def as_markdown(about: Mapping[str, Any]) -> str:
    """The card for people."""
    learnt = about.get("kind") in ("learnt", "joined")
    lines = [
        "# 模型卡",
        "",
        f"- 模型：`{about.get('model', '')}`",
        f"- 来源：{about.get('source', '')}，数据 SHA-256 `{about.get('data_sha256', '')}`",
        f"- 训练时间：{about.get('made_at', '')}，用时 {about.get('seconds', 0)} 秒",
        f"- 方法：{about.get('engine', '')}",
        f"- {'样本' if learnt else '词语'}：{about.get('n', 0)}",
        "",
    ]
    measures = about.get("measures")
    if measures:
        lines += [
            f"交叉验证（相同或近似的文字不跨折，共 {about.get('groups')} 组）：",
            "",
            "| 指标 | 值 | 95 % 区间 |",
            "|---|---|---|",
        ]
        for key, title in TITLES.items():
            m = measures[key]
            lines.append(f"| {title} | {m['value']:.3f} | {m['low']:.3f}–{m['high']:.3f} |")
        alone = measures["coverage_at_precision"]
        if alone["threshold"] is None:
            told = f"没有哪个门槛能使精确率下限达到 {alone['target']:.0%}：一律由人判定。"
        else:
            told = (
                f"自行判定的门槛为 {alone['threshold']:.2f}：其上 {alone['right']}/{alone['decided']} 正确，"
                f"精确率下限 {alone['precision']['low']:.3f}（目标 {alone['target']:.0%}）。"
            )
        lines += ["", told, ""]
    else:
        lines += ["未经检验：一律由人判定。", ""]
    lines += ["| 类别 | 数量 |", "|---|---|"]
    lines += [f"| {label} | {n} |" for label, n in about.get("counts", {}).items()]
    lines += [
        "",
        "用途：为来件提出类别建议；达到门槛时自行判定。对训练数据之外的地区、时期与话题，须重新检验。",
        "模型中不含训练文字，只有字词片段的数值与文字的摘要。",
        "",
    ]
    return "\n".join(lines)
