"""Zips as people and attackers make them; a batch is filed whole or not at all."""

import io
import struct
import zipfile
from typing import Any

import pytest

from factories_materials import Office, docx_bytes, make_office, photo_bytes, word
from lifang.core import files
from lifang.core.errors import Forbidden, Invalid
from lifang.core.files.store import incoming
from lifang.materials import actions, queries
from lifang.materials.actions.batch import Line
from lifang.materials.models import Material

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return make_office()


def zipped(entries: dict[str, bytes], **kw: Any) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kw.get("how", zipfile.ZIP_DEFLATED)) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    out.seek(0)
    return out


def test_it_works(office: Office) -> None:
    data = zipped(
        {
            "资料/II-3-12-2 说明报告.docx": docx_bytes(),
            "资料/II-3-13 照片/1.jpg": photo_bytes(),
            "资料/II-3-13 照片/2.jpg": photo_bytes(),
            "资料/无编号.docx": docx_bytes(),
            "资料/II-3-12-1 脚本.exe": b"MZ\x00\x00",
            "__MACOSX/资料/._x": b"x",
        }
    )
    came = actions.unpack(by=office.clerk, stream=data)
    told = queries.match(office.clerk, office.round.pk, [(c.path, c.file, c.problem) for c in came])
    assert [(m["number"], len(m["files"]), m["problems"]) for m in told["matches"]] == [
        ("II-3-12-2", 1, []),
        ("II-3-13", 2, []),
    ]
    assert {m["path"].rpartition("/")[2] for m in told["misses"]} == {
        "无编号.docx",
        "II-3-12-1 脚本.exe",
    }
    lines = [Line(m["filing_id"], [f["token"] for f in m["files"]]) for m in told["matches"]]
    assert actions.commit_batch(by=office.clerk, lines=lines, hand_in=True) == 2
    assert office.filing("II-3-13").status == "submitted"
    assert not [p for p in incoming().iterdir() if p.name.startswith("zip-")]


def test_one_bad_line_and_nothing_is_filed(office: Office) -> None:
    lines = [
        Line(office.filing("II-3-12-2").pk, [files.token(word())]),
        Line(office.filing("II-3-13").pk, [files.token(word())]),
        Line(office.filing("II-4").pk, [files.token(word())]),
    ]
    with pytest.raises(Invalid) as told:
        actions.commit_batch(by=office.clerk, lines=lines, hand_in=False)
    assert {f.path for f in told.value.fields} == {"lines[1]", "lines[2]"}
    assert not Material.objects.exists()


def test_names_in_gbk_as_windows_writes_them(office: Office) -> None:
    data = zipped({"II-3-12-2 report.docx": docx_bytes()}).getvalue()
    name = "II-3-12-2 说明报告.docx".encode("gbk")
    old = b"II-3-12-2 report.docx"
    # put the new name into both headers, with its length
    local = data.index(b"PK\x03\x04")
    changed = (
        data[: local + 26] + struct.pack("<H", len(name)) + data[local + 28 : local + 30] + name
    )
    rest = data[local + 30 + len(old) :]
    centre = rest.index(b"PK\x01\x02")
    rest = (
        rest[: centre + 28] + struct.pack("<H", len(name)) + rest[centre + 30 : centre + 46] + name
        + rest[centre + 46 + len(old) :]
    )  # fmt: skip
    changed += rest
    end = changed.rindex(b"PK\x05\x06")
    centre = changed.index(b"PK\x01\x02")
    changed = changed[: end + 12] + struct.pack("<II", end - centre, centre) + changed[end + 20 :]
    came = actions.unpack(by=office.clerk, stream=io.BytesIO(changed))
    assert [c.path for c in came] == ["II-3-12-2 说明报告.docx"]


def test_a_path_out_of_the_folder_is_only_a_name(office: Office) -> None:
    came = actions.unpack(
        by=office.clerk,
        stream=zipped(
            {"../../../etc/II-3-12-2.docx": docx_bytes(), "C:\\x\\II-3-13.docx": docx_bytes()}
        ),
    )
    assert sorted(c.path for c in came) == ["etc/II-3-12-2.docx", "x/II-3-13.docx"]


def test_bombs_are_refused_before_they_unpack(office: Office) -> None:
    with pytest.raises(Invalid, match="解压后过大"):
        actions.unpack(by=office.clerk, stream=zipped({"a.docx": b"\0" * 30_000_000}))


def test_no_zip_an_empty_one_a_locked_one(office: Office) -> None:
    with pytest.raises(Invalid, match="打不开"):
        actions.unpack(by=office.clerk, stream=io.BytesIO(b"not a zip"))
    with pytest.raises(Invalid, match="没有文件"):
        actions.unpack(by=office.clerk, stream=zipped({}))
    data = bytearray(zipped({"a.docx": docx_bytes()}, how=zipfile.ZIP_STORED).getvalue())
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Invalid, match="密码"):
        actions.unpack(by=office.clerk, stream=io.BytesIO(bytes(data)))


def test_a_damaged_file_is_told_and_the_rest_comes(office: Office) -> None:
    data = bytearray(
        zipped(
            {"II-3-12-2.docx": docx_bytes(), "b.docx": docx_bytes()}, how=zipfile.ZIP_STORED
        ).getvalue()
    )
    data[200] ^= 0xFF
    came = actions.unpack(by=office.clerk, stream=io.BytesIO(bytes(data)))
    assert [bool(c.problem) for c in came] == [True, False]


def test_who_files_nothing_unpacks_nothing(office: Office) -> None:
    with pytest.raises(Forbidden):
        actions.unpack(by=office.leader, stream=zipped({"a.docx": docx_bytes()}))


def test_what_is_of_others_or_handed_in_cannot_be_replaced(office: Office) -> None:
    office.submitted("II-3-12-2")
    told = queries.match(office.clerk, office.round.pk, [("II-3-12-2.docx", word(), "")])
    assert "待初审" in told["matches"][0]["problems"][0]
    seen = queries.match(office.first, office.round.pk, [("II-3-13.docx", word(), "")])
    assert "不归您的单位" in seen["matches"][0]["problems"][0]


def test_a_line_that_needs_a_date_is_filed_with_one(office: Office) -> None:
    file = word()
    told = queries.match(office.clerk, office.round.pk, [("II-3-12-1.docx", file, "")])
    [line] = told["matches"]
    assert line["needs_date"] and line["problems"] == []
    lines = [Line(line["filing_id"], [files.token(file)])]
    with pytest.raises(Invalid):
        actions.commit_batch(by=office.clerk, lines=lines, hand_in=True)
    lines[0].dated = office.round.starts
    assert actions.commit_batch(by=office.clerk, lines=lines, hand_in=True) == 1
