"""``lifang classify``: train, eval, predict on files, without a database and from any folder."""

import csv
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from click.testing import Result
from typer.testing import CliRunner

from lifang.cli import app

pytest.importorskip("sklearn")

#: made-up matters: words that name them, and what is said of all of them
MATTERS = {
    "照明": ("路灯不亮", "路灯坏了", "灯杆歪了", "夜里一片漆黑", "景观灯闪烁", "灯罩破了"),
    "垃圾": ("垃圾没人清运", "垃圾桶满了", "臭味很大", "乱倒建筑垃圾", "满地纸屑", "垃圾箱破了"),
    "停车": ("车辆乱停", "占用盲道停车", "停车收费太高", "僵尸车", "消防通道被车堵住", "车位不够"),
}
PLACES = ("春和路", "望江小区", "学府街", "北门广场", "槐树巷", "柳林社区", "东湖公园", "新民里")
ENDINGS = ("请尽快处理", "希望有人管一管", "已经好几天了", "居民意见很大", "打了电话没人理", "谢谢")


def made(n: int, seed: int = 1) -> list[dict[str, str]]:
    draw = random.Random(seed)
    rows = []
    for i in range(n):
        label = sorted(MATTERS)[i % 3]
        told = draw.sample(MATTERS[label], 2)
        rows.append(
            {
                "标题": f"{draw.choice(PLACES)}{told[0]}",
                "内容": f"{draw.choice(PLACES)}{draw.randrange(900)}号附近，{told[1]}，"
                f"{draw.choice(ENDINGS)}，{draw.choice(ENDINGS)}{draw.randrange(10_000)}",
                "类别": label,
            }
        )
    return rows


def as_csv(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    return path


def run(*words: Any) -> Result:
    return CliRunner().invoke(app, ["classify", *map(str, words)])


COLUMNS = ("--text", "标题", "--text", "内容", "--label", "类别")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    done = run("train", as_csv(folder / "历史.csv", made(240)), *COLUMNS, "--out", folder / "m")
    assert done.exit_code == 0, done.output
    assert "模型卡" in done.output
    return folder / "m"


def test_it_works(model: Path, tmp_path: Path) -> None:
    new = as_csv(tmp_path / "new.csv", made(90, seed=2))
    done = run("eval", new, *COLUMNS, "--model", model, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert list(found) == ["n", "accuracy", "macro_f1", "ece", "coverage_at_precision"]
    assert found["n"] == 90
    for key in ("accuracy", "macro_f1", "ece", "coverage_at_precision"):
        assert found[key]["low"] <= found[key]["value"] <= found[key]["high"]
    assert found["accuracy"]["value"] > 0.95
    assert found["coverage_at_precision"]["target"] == 0.95
    assert found["coverage_at_precision"]["value"] > 0.5
    told = run("eval", new, *COLUMNS, "--model", model).stdout
    assert "宏平均 F1" in told and "门槛" in told


def test_the_threshold_comes_from_training_and_not_from_the_file(
    model: Path, tmp_path: Path
) -> None:
    wrong = [r | {"类别": "照明"} for r in made(60, seed=3)]
    alone = [
        json.loads(
            run(
                "eval", as_csv(tmp_path / "x.csv", rows), *COLUMNS, "--model", model, "--json"
            ).stdout
        )["coverage_at_precision"]
        for rows in (made(60, seed=3), wrong)
    ]
    assert alone[0]["threshold"] == alone[1]["threshold"]
    assert alone[0]["decided"] == alone[1]["decided"]
    assert alone[1]["right"] < alone[0]["right"]


def test_predictions_as_csv_and_as_json(model: Path, tmp_path: Path) -> None:
    new = as_csv(tmp_path / "new.csv", made(6, seed=4))
    columns = COLUMNS[:4]
    rows = list(csv.DictReader(run("predict", new, *columns, "--model", model).stdout.splitlines()))
    assert [r["label"] for r in rows] == [r["类别"] for r in made(6, seed=4)]
    assert rows[0]["row"] == "2"
    found = json.loads(run("predict", new, *columns, "--model", model, "--json").stdout)
    assert len(found[0]["top"]) == 3
    assert sum(t["confidence"] for t in found[0]["top"]) == pytest.approx(1, abs=0.001)
    said = made(6, seed=4)[0]
    assert found[0]["words"]
    assert all(w in said["标题"] + said["内容"] for w in found[0]["words"])
    done = run("predict", new, *columns, "--model", model, "--out", tmp_path / "out.csv")
    assert done.exit_code == 0
    assert (tmp_path / "out.csv").read_text("utf-8-sig").startswith("row,label,confidence")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_of_any_encoding(model: Path, tmp_path: Path, encoding: str) -> None:
    new = as_csv(tmp_path / "new.csv", made(30, seed=5), encoding)
    done = run("eval", new, *COLUMNS, "--model", model, "--json")
    assert json.loads(done.stdout)["accuracy"]["value"] > 0.9


def test_excel_is_read(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        rows = made(30, seed=6)
        for i, line in enumerate([list(rows[0]), *(list(r.values()) for r in rows)]):
            sheet.write_row(i, 0, line)
    done = run("eval", path, *COLUMNS, "--model", model, "--json")
    assert json.loads(done.stdout)["n"] == 30


def test_messages_that_come_split_into_words_are_the_same(model: Path, tmp_path: Path) -> None:
    rows = made(30, seed=7)
    split = [{k: " ".join(v) if k != "类别" else v for k, v in r.items()} for r in rows]
    found = [
        json.loads(
            run(
                "predict", as_csv(tmp_path / "x.csv", r), *COLUMNS[:4], "--model", model, "--json"
            ).stdout
        )
        for r in (rows, split)
    ]
    assert found[0] == found[1]


def test_without_history_names_are_enough(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text(
        "label,words\n照明,路灯 景观灯 漆黑\n垃圾,垃圾、清运，臭味\n停车,车辆 停车\n停车,占道\n",
        "utf-8",
    )
    assert run("train", "--names", names, "--out", tmp_path / "m").exit_code == 0
    new = as_csv(tmp_path / "new.csv", made(60, seed=8))
    done = run("eval", new, *COLUMNS, "--model", tmp_path / "m", "--json")
    found = json.loads(done.stdout)
    assert found["macro_f1"]["value"] > 0.8
    # nothing was measured: it never acts alone
    assert found["coverage_at_precision"]["threshold"] is None
    assert found["coverage_at_precision"]["value"] == 0


def named(path: Path, **words: str) -> Path:
    path.write_text("label,words\n" + "".join(f"{x},{w}\n" for x, w in words.items()), "utf-8")
    return path


def test_a_label_without_history_is_known_by_its_words(tmp_path: Path) -> None:
    names = named(
        tmp_path / "names.csv", 噪声="噪音 扰民 夜间施工", 绿化="树木 枯死 草坪", 照明="路灯"
    )
    history = as_csv(tmp_path / "历史.csv", made(120))
    done = run("train", history, *COLUMNS, "--names", names, "--out", tmp_path / "m")
    assert done.exit_code == 0, done.output
    assert "没有历史、只凭词语判断的类别 2 个：噪声、绿化" in done.stderr
    new = [
        {
            "标题": "工地夜间施工噪音扰民",
            "内容": "槐树巷12号附近，打桩声很大，居民无法休息",
            "类别": "噪声",
        },
        {"标题": "路边树木枯死", "内容": "学府街草坪也没有人管，树木枯死好几棵", "类别": "绿化"},
        *made(30, seed=5),
    ]
    file = as_csv(tmp_path / "new.csv", new)
    done = run("predict", file, *COLUMNS[:4], "--model", tmp_path / "m", "--json")
    found = [row["label"] for row in json.loads(done.stdout)]
    assert found[:2] == ["噪声", "绿化"]
    # those with history are judged as well as before
    assert sum(a == b["类别"] for a, b in zip(found, new, strict=True)) >= 31
    card = json.loads((tmp_path / "m" / "card.json").read_text("utf-8"))
    assert card["kind"] == "joined" and card["counts"]["噪声"] == 0 and card["n"] == 120
    assert "names.csv" in card["source"]


def test_words_help_where_there_is_little_history(tmp_path: Path) -> None:
    names = named(
        tmp_path / "names.csv",
        照明="路灯 景观灯 灯杆 漆黑",
        垃圾="垃圾 清运 臭味",
        停车="车辆 停车 车位",
    )
    history = as_csv(tmp_path / "历史.csv", made(24))
    scores = []
    for n, more in enumerate([(), ("--names", names)]):
        run("train", history, *COLUMNS, *more, "--out", tmp_path / str(n))
        new = as_csv(tmp_path / "new.csv", made(90, seed=11))
        done = run("eval", new, *COLUMNS, "--model", tmp_path / str(n), "--json")
        scores.append(json.loads(done.stdout)["macro_f1"]["value"])
    assert scores[1] >= scores[0] and scores[1] > 0.95


def test_history_and_names_in_another_order_are_the_same_model(tmp_path: Path) -> None:
    hashes = []
    for n in (1, 2):
        rows, words = made(60), {"照明": "路灯", "噪声": "噪音 扰民"}
        if n == 2:
            random.Random(4).shuffle(rows)
            words = dict(reversed(words.items()))
        names = named(tmp_path / "names.csv", **words)
        file = as_csv(tmp_path / "x.csv", rows)
        run("train", file, *COLUMNS, "--names", names, "--out", tmp_path / str(n))
        hashes.append(json.loads((tmp_path / str(n) / "manifest.json").read_text())["model"])
    assert hashes[0] == hashes[1]


def test_names_need_both_columns_of_history_or_none(tmp_path: Path) -> None:
    names = named(tmp_path / "names.csv", 照明="路灯", 噪声="噪音")
    done = run("train", "--names", names, "--text", "标题", "--out", tmp_path / "m")
    assert done.exit_code == 2
    assert not (tmp_path / "m").exists()


def test_the_same_rows_in_another_order_are_the_same_model(model: Path, tmp_path: Path) -> None:
    rows = made(240)
    random.Random(9).shuffle(rows)
    run("train", as_csv(tmp_path / "x.csv", rows), *COLUMNS, "--out", tmp_path / "m")
    hashes = [
        json.loads((m / "manifest.json").read_text())["model"] for m in (model, tmp_path / "m")
    ]
    assert hashes[0] == hashes[1]


def test_rows_without_text_or_label_are_counted_and_left_out(tmp_path: Path) -> None:
    rows = [
        *made(60),
        {"标题": "有字", "内容": "", "类别": ""},
        {"标题": "", "内容": " ", "类别": "照明"},
    ]
    done = run("train", as_csv(tmp_path / "x.csv", rows), *COLUMNS, "--out", tmp_path / "m")
    assert "跳过 1 行：没有类别" in done.output
    assert "跳过 1 行：没有文字" in done.output
    card = json.loads((tmp_path / "m" / "card.json").read_text("utf-8"))
    assert card["n"] == 60 and card["skipped"] == {"no_label": 1, "no_text": 1}


def test_a_label_with_one_message_is_told(tmp_path: Path) -> None:
    rows = [*made(60), {"标题": "井盖破损", "内容": "", "类别": "井盖"}]
    done = run("train", as_csv(tmp_path / "x.csv", rows), *COLUMNS, "--out", tmp_path / "m")
    assert done.exit_code == 0
    assert "只有一条样本" in done.output and "井盖" in done.output


def test_what_was_learnt_from_is_told_in_an_evaluation(model: Path, tmp_path: Path) -> None:
    done = run("eval", as_csv(tmp_path / "x.csv", made(30)), *COLUMNS, "--model", model, "--json")
    assert "30 条文字训练时已经用过" in done.stderr


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("标题,内容,类别\n", "没有数据行"),
        ("", "空的"),
        ("标题,内容,类别\n路灯坏了,,照明\n路灯不亮,,照明\n", "只有一个类别（照明）"),
        ("题,正文\n路灯坏了,x\n", "没有名为“标题”的列，文件里有：题、正文"),
        ("标题,内容,类别\n路灯坏了,,\n", "没有一行既有文字又有类别"),
    ],
)
def test_files_that_teach_nothing_are_refused_in_words(
    tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, "utf-8")
    done = run("train", path, *COLUMNS, "--out", tmp_path / "m")
    assert done.exit_code == 1
    assert told in done.output
    assert not (tmp_path / "m").exists()


def test_unreadable_files_are_refused_in_words(tmp_path: Path) -> None:
    broken = tmp_path / "x.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    assert "Excel 文件无法打开" in run("train", broken, *COLUMNS, "--out", tmp_path / "m").output
    none = run("train", tmp_path / "none.csv", *COLUMNS, "--out", tmp_path / "m")
    assert none.exit_code == 1 and "没有文件" in none.output


def test_a_folder_that_is_no_model_is_refused_in_words(model: Path, tmp_path: Path) -> None:
    new = as_csv(tmp_path / "new.csv", made(6))
    done = run("eval", new, *COLUMNS, "--model", tmp_path)
    assert done.exit_code == 1 and "不是模型文件夹" in done.output

    other = tmp_path / "other"
    other.mkdir()
    for file in model.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    assert "第 99 版" in run("eval", new, *COLUMNS, "--model", other).output

    (other / "manifest.json").write_text(json.dumps(manifest))
    (other / "weights.npz").write_bytes(b"spoilt")
    assert "已损坏" in run("predict", new, *COLUMNS[:4], "--model", other).output


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "mine.txt").write_text("x")
    done = run("train", as_csv(tmp_path / "x.csv", made(60)), *COLUMNS, "--out", tmp_path / "m")
    assert done.exit_code == 1 and "别的东西" in done.output
    assert (tmp_path / "m" / "mine.txt").read_text() == "x"


def test_it_leaves_nothing_in_the_folder_it_is_called_from(model: Path, tmp_path: Path) -> None:
    as_csv(tmp_path / "new.csv", made(6))
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LIFANG_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "-m", "lifang.cli", "classify", "eval", "new.csv", *COLUMNS,
         "--model", str(model), "--json"],
        cwd=tmp_path, env=clean, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n"] == 6
    assert [p.name for p in tmp_path.iterdir()] == ["new.csv"]
