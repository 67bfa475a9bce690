"""``lifang score table``: composite indices of any shape, from files."""

import json
import math
import time
from decimal import Decimal
from pathlib import Path
from statistics import harmonic_mean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from lifang.assessment import table, tablefiles
from lifang.cli import app

HDI = "code,parent,mean\nHDI,,\nhealth,HDI,\neducation,HDI,arithmetic\nincome,HDI,\neys,education,\nmys,education,\n"


def run(
    folder: Path, structure: str, weights: str | None, values: str, *more: str
) -> tuple[int, str, str]:
    for name, text in (("s", structure), ("w", weights), ("v", values)):
        if text is not None:
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    arguments = ["score", "table", "--structure", f"{folder}/s.csv", "--values", f"{folder}/v.csv"]
    if weights is not None:
        arguments += ["--weights", f"{folder}/w.csv"]
    done = CliRunner().invoke(app, [*arguments, *more])
    return done.exit_code, done.stdout, done.stderr


def scores(
    folder: Path, structure: str, weights: str | None, values: str, *more: str
) -> dict[str, dict[str, float | None]]:
    code, out, err = run(folder, structure, weights, values, "--json", *more)
    assert code == 0, err
    found: dict[str, dict[str, float | None]] = json.loads(out)
    return found


def test_it_works(tmp_path: Path) -> None:
    found = scores(
        tmp_path,
        "code,parent\nA,\nB,A\nC,A\nC1,C\nC2,C\n",
        "code,weight\nB,3\nC,1\nC1,0.5\nC2,0.5\n",
        "case,code,value\nx,B,60\nx,C1,70\nx,C2,90\ny,B,1\n",
    )
    assert found["x"] == {"A": 65.0, "B": 60.0, "C": 80.0, "C1": 70.0, "C2": 90.0}
    assert found["y"] == {"A": 1.0, "B": 1.0, "C": None, "C1": None, "C2": None}


@pytest.mark.parametrize(
    ("life", "expected", "mean_years", "income", "published"),
    [(83.2, 18.2, 13.0, 64660, 0.961), (78.2, 14.2, 7.6, 17504, 0.768)],
    ids=["Norway 2021", "China 2021"],
)
def test_human_development_index(
    tmp_path: Path, life: float, expected: float, mean_years: float, income: float, published: float
) -> None:
    """UNDP, Human Development Report 2021/22, table 1 and technical note 1."""
    rows = {
        "health": (life - 20) / 65,
        "eys": min(1, expected / 18),
        "mys": mean_years / 15,
        "income": math.log(income / 100) / math.log(750),
    }
    values = "case,code,value\n" + "".join(f"c,{k},{v!r}\n" for k, v in rows.items())
    found = scores(tmp_path, HDI, None, values, "--mean", "geometric")["c"]
    assert round(found["HDI"] or 0, 3) == published
    assert found["education"] == pytest.approx((rows["eys"] + rows["mys"]) / 2, rel=1e-15)


_weights = st.lists(st.integers(1, 9), min_size=1, max_size=6)


@given(st.data(), _weights)
def test_means_agree_with_floats(data: st.DataObject, weights: list[int]) -> None:
    xs = data.draw(st.lists(st.floats(1e-3, 1e6), min_size=len(weights), max_size=len(weights)))
    names = [f"n{i}" for i in range(len(xs))]
    given_ = {"c": {n: Decimal(x) for n, x in zip(names, xs, strict=True)}}
    total = sum(weights)
    expected = {
        "arithmetic": math.fsum(x * w for x, w in zip(xs, weights, strict=True)) / total,
        "geometric": math.exp(
            math.fsum(w * math.log(x) for x, w in zip(xs, weights, strict=True)) / total
        ),
        "harmonic": harmonic_mean(xs, weights),
    }
    for mean in table.MEANS:
        made = table.tree(
            [("r", ""), *((n, "r") for n in names)],
            {n: Decimal(w) / 10 for n, w in zip(names, weights, strict=True)},
            mean=mean,
        )
        result = table.roll_up(made, given_)["c"]["r"]
        assert result is not None
        assert float(result) == pytest.approx(expected[mean], rel=1e-12)
        assert min(xs) * (1 - 1e-15) <= float(result) <= max(xs) * (1 + 1e-15)


def test_geometric_with_odd_weights_and_scales(tmp_path: Path) -> None:
    values = "case,code,value\nx,a,1e-250\nx,b,1e250\ny,a,2\ny,b,8\n"
    found = scores(
        tmp_path,
        "code,parent\nr,\na,r\nb,r\n",
        "code,weight\na,0.3333333\nb,0.3333333\n",
        values,
        "--mean",
        "geometric",
    )
    assert found["x"]["r"] == pytest.approx(1, rel=1e-14)
    assert found["y"]["r"] == 4.0
    found = scores(
        tmp_path,
        "code,parent\nr,\na,r\nb,r\n",
        "code,weight\na,0.31415926\nb,0.27182818\n",
        values,
        "--mean",
        "geometric",
    )
    share = 0.27182818 / (0.31415926 + 0.27182818)
    assert found["y"]["r"] == pytest.approx(2 * 4**share, rel=1e-14)


@pytest.mark.parametrize(
    ("mean", "missing", "expected"),
    [
        ("arithmetic", "drop", 3.0), ("arithmetic", "zero", 1.5),
        ("geometric", "drop", 3.0), ("geometric", "zero", 0.0),
        ("harmonic", "drop", 3.0), ("harmonic", "zero", 0.0),
    ],
)  # fmt: skip
def test_missing(tmp_path: Path, mean: str, missing: str, expected: float) -> None:
    found = scores(
        tmp_path,
        "code,parent\nr,\na,r\nb,r\nz,r\n",
        "code,weight\na,1\nb,1\nz,0\n",
        "case,code,value\nx,a,3\nx,b,\nx,z,100\n",
        "--mean",
        mean,
        "--missing",
        missing,
    )
    assert found["x"]["r"] == expected


def test_a_case_without_any_value(tmp_path: Path) -> None:
    structure, values = "code,parent\nr,\na,r\nz,\n", "case,code,value\nx,,\n"
    assert scores(tmp_path, structure, None, values)["x"] == {"r": None, "a": None, "z": None}
    zero = scores(tmp_path, structure, None, values, "--missing", "zero")["x"]
    assert zero == {"r": 0.0, "a": 0.0, "z": 0.0}
    code, _out, err = run(tmp_path, structure, None, values, "--missing", "fail")
    assert code == 1
    assert "“x”缺少指标“a”" in err
    assert "“x”缺少指标“z”" in err


def test_only_a_weightless_child_is_present(tmp_path: Path) -> None:
    found = scores(
        tmp_path,
        "code,parent\nr,\na,r\nb,r\n",
        "code,weight\na,0\nb,1\n",
        "case,code,value\nx,a,5\n",
    )
    assert found["x"]["r"] is None


def test_forests_and_encodings(tmp_path: Path) -> None:
    """Several roots, rows in any order, a byte order mark, GB 18030, Chinese heads."""
    (tmp_path / "s.csv").write_bytes(
        "编码,名称,上级\n甲1,,甲\n甲,环境,\n乙,秩序,\n".encode("gb18030")
    )
    (tmp_path / "v.csv").write_bytes(
        b"\xef\xbb\xbf" + "对象;编码;值\r\n老城区;甲1;.5\r\n老城区;乙;+7\r\n".encode()
    )
    inputs = tablefiles.read(tmp_path / "s.csv", None, tmp_path / "v.csv")
    assert table.roll_up(inputs.tree, inputs.values) == {
        "老城区": {"甲1": Decimal("0.5"), "甲": Decimal("0.5"), "乙": Decimal(7)}
    }
    assert inputs.tree.walk() == ["甲", "甲1", "乙"]


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    code, out, err = run(
        tmp_path,
        "code,parent\nr,\na,r\na,r\nb,nobody\nc,d\nd,c\ne,e\n,r\n",
        "code,weight\na,x\nzz,1\nb,-1\na,2\n",
        "case,code,value\nk,a,1\nk,a,2\nk,r,3\nk,b,1.2.3\n,a,1\nk,zz,1\nk,b,1,9\n",
        "--json",
    )
    assert code == 1
    for told in (
        "s.csv 第 4 行 code：编码“a”与第 3 行重复",
        "s.csv 第 5 行 parent：上级“nobody”不在本表中",
        "s.csv 第 6 行 parent：上级关系成环：c → d → c",
        "s.csv 第 8 行 parent：上级不能是自己",
        "s.csv 第 9 行 code：编码必填",
        "w.csv 第 2 行 weight：“x”不是数",
        "w.csv 第 3 行 code：没有编码为“zz”的指标",
        "w.csv 第 4 行 weight：不能小于 0",
        "w.csv 第 5 行 code：编码“a”与第 2 行重复",
        "v.csv 第 3 行 code：对象“k”的“a”与第 2 行重复",
        "v.csv 第 4 行 code：“r”有下级",
        "v.csv 第 5 行 value：“1.2.3”不是数",
        "v.csv 第 6 行 case：对象必填",
        "v.csv 第 7 行 code：没有编码为“zz”的指标",
        "v.csv 第 8 行：这一行有 4 格",
    ):
        assert told in err, told
    assert len(json.loads(out)["errors"]) == 15


@pytest.mark.parametrize(
    ("weights", "told"),
    [
        ("code,weight\na,1\n", "有的有权重、有的没有，缺：b"),
        ("code,weight\na,0\nb,0\n", "权重全是 0"),
        ("code,share\na,1\n", "应有且只有一列“weight”"),
        ("", "文件是空的"),
        ('code,weight\na,"1\n', "CSV 格式有误"),
        ("code,weight\na,1e999\nb,1\n", "太大或太小"),
    ],
)
def test_bad_weights(tmp_path: Path, weights: str, told: str) -> None:
    code, _out, err = run(
        tmp_path, "code,parent\nr,\na,r\nb,r\n", weights, "case,code,value\nx,a,1\n"
    )
    assert code == 1
    assert told in err


@pytest.mark.parametrize("mean", ["geometric", "harmonic"])
def test_negative_values_have_no_such_mean(tmp_path: Path, mean: str) -> None:
    values = "case,code,value\nx,a,-1\nx,b,2\n"
    structure = "code,parent\nr,\na,r\nb,r\n"
    code, _out, err = run(tmp_path, structure, None, values, "--mean", mean)
    assert code == 1
    assert "v.csv 第 2 行 value：几何平均与调和平均不能有负数" in err
    assert scores(tmp_path, structure, None, values)["x"]["r"] == 0.5


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("code,parent\nr,\n")
    done = CliRunner().invoke(
        app,
        ["score", "table", "--structure", f"{tmp_path}/s.csv", "--values", f"{tmp_path}/no.csv"],
    )
    assert done.exit_code == 1
    assert "no.csv：文件无法读取" in done.stderr


def test_a_hundred_thousand_rows(tmp_path: Path) -> None:
    """In seconds, with the dearest mean; CPU time, since others share the machine."""
    structure = "code,parent\nr,\n" + "".join(f"g{i},r\n" for i in range(25))
    structure += "".join(f"l{i},g{i % 25}\n" for i in range(100))
    values = "case,code,value\n" + "".join(
        f"c{c},l{i},{(c * 37 + i * 11) % 997 + 1}.5\n" for c in range(1000) for i in range(100)
    )
    begun = time.process_time()
    found = scores(tmp_path, structure, None, values, "--mean", "geometric")
    assert time.process_time() - begun < 15
    assert len(found) == 1000
    assert found["c1"]["l3"] == 71.5
