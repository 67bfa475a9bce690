"""Lines read in a picture → telephone numbers, shop names, number plates. Pure."""

import re
import unicodedata
from dataclasses import dataclass

#: corners of a line of text, in pixels: left, top, right, bottom
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    """One line of text as it was read; ``score`` 0 to 1."""

    text: str
    score: float
    box: Box


@dataclass(frozen=True)
class Phone:
    """A telephone number; ``sure`` only where it is whole and was read clearly."""

    text: str
    sure: bool
    box: Box


MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
LANDLINE = re.compile(r"(?<!\d)0\d{2,3}\d{7,8}(?!\d)|(?<!\d)400\d{7}(?!\d)")
#: digits in a row that look like a mobile number of which some were lost
_CUT = re.compile(r"(?<!\d)1[3-9]\d{6,8}(?!\d)")
_GLUE = re.compile(r"(?<=\d)[\s\-—–·.]{1,2}(?=\d)")
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
#: GA 36-2018: a province, a letter, five or six letters and figures; the first character is often misread
PLATE = re.compile(
    rf"(?:[{_PROVINCES}]|[\u4e00-\u9fff])?[A-HJ-NP-Z][·.\-• ]?[A-HJ-NP-Z0-9]{{4,6}}[学警港澳挂]?"
)
#: endings of what stands over a shop's door
_SHOP = re.compile(
    r"(?:店|馆|行|铺|超市|商行|饭庄|酒楼|酒店|宾馆|餐厅|食府|小吃|烧烤|火锅|药房|药店|诊所|理发|美发|美容|"
    r"便利|批发|专卖|五金|建材|装饰|家具|服饰|鞋业|眼镜|通讯|网吧|网咖|KTV|茶楼|面馆|粉店|米粉|快餐|"
    r"公司|中心|工作室|市场|商场|广场|银行|维修|洗车|汽修|培训|幼儿园|学校)"
)
SURE = 0.9
#: below, a line is noise
LEAST = 0.5


def plain(text: str) -> str:
    """Half width, digits not parted by blanks and dashes."""
    return _GLUE.sub("", unicodedata.normalize("NFKC", text))


def phones(lines: list[Line]) -> list[Phone]:
    """Telephone numbers, each once. One that lost figures is given as it is, not sure."""
    found: dict[str, Phone] = {}
    for line in lines:
        text = plain(line.text)
        for pattern, whole in ((MOBILE, True), (LANDLINE, True), (_CUT, False)):
            for match in pattern.finditer(text):
                said = match[0]
                if not whole and any(said in other for other in found):
                    continue
                sure = whole and line.score >= SURE
                if said not in found or (sure and not found[said].sure):
                    found[said] = Phone(said, sure, line.box)
    return list(found.values())


def cut_short(lines: list[Line]) -> list[Line]:
    """Lines with a mobile number of fewer than eleven figures: worth a second, larger look."""
    return [x for x in lines if _CUT.search(plain(x.text)) and not MOBILE.search(plain(x.text))]


def shops(lines: list[Line]) -> list[str]:
    """What may be names of shops, the largest letters first, at most five."""
    found: list[tuple[float, str]] = []
    for line in lines:
        text = plain(line.text).strip(" -—·:：,，.。")
        letters = sum("\u4e00" <= c <= "\u9fff" for c in text)
        if line.score < LEAST or not 3 <= len(text) <= 24 or letters * 2 < len(text):
            continue
        if _SHOP.search(text) and not MOBILE.search(text):
            found.append((line.box[3] - line.box[1], text))
    return list(dict.fromkeys(text for _height, text in sorted(found, reverse=True)))[:5]


def plates(lines: list[Line]) -> list[Box]:
    """Boxes of what may be number plates: better one too many than one too few."""
    found = []
    for line in lines:
        text = plain(line.text).upper().replace(" ", "")
        match = PLATE.search(text)
        if match and sum(c.isdigit() for c in match[0]) >= 2:
            found.append(line.box)
    return found
