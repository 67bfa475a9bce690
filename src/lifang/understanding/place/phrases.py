"""What stands beside a name: house numbers, directions and distances, "opposite", stretches. Pure.

All texts are folded: simplified characters, half width, lower case, no blanks.
"""

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(\d{1,4})(?:-\d{1,4})?(?:号|弄)(?!线|楼|栋|门(?!口))")
_COMPASS = {
    "东": (1, 0), "西": (-1, 0), "南": (0, -1), "北": (0, 1), "东南": (0.7, -0.7),
    "东北": (0.7, 0.7), "西南": (-0.7, -0.7), "西北": (-0.7, 0.7), "南东": (0.7, -0.7),
    "北东": (0.7, 0.7), "南西": (-0.7, -0.7), "北西": (-0.7, 0.7),
}  # fmt: skip
_OFFSET = re.compile(
    r"(?:往|向|朝|以|的)?(?P<way>[东西南北]{1,2})(?:边|面|侧|方向|方)?(?:约|大约|大概|走)?"
    r"(?P<n>\d{1,4}(?:\.\d)?|[一二两三四五六七八九]?[十百千])(?:多|余|来)?(?P<unit>米|公里|里路|km|m)"
)
_SIDE = re.compile(r"(?:以|的)?[东西南北]{1,2}(?:侧|面|边|头)?")
_OPPOSITE = re.compile(r"(?:的)?(?:斜|正|马路)?(?:对面|对门)")
_NEARBY = re.compile(r"(?:的)?(?:附近|旁边|旁|边上|周边|周围|隔壁|后面|前面|外面|背后)")
_CHINESE = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_TENS = {"十": 10, "百": 100, "千": 1000}
#: what joins the ends of a stretch, and what leads into it or out of it
RANGE = ("到", "至", "-", "—", "~", "－", "--", "——")
FROM = ("", "从", "由", "自", "(", "（", "的", ",", "，")
OF = ("之间的", "段的", "路段的", "的", "之间", "段")
#: no name goes on before these: what stands before a name that is whole
LEADS = frozenset(
    "在于到从去的住至和与及跟同区县市镇乡路街道巷村号是对往过经离近旁边里有叫名为向该位处由内外前后东西南北侧段口"
    "诉映求望报议盼问询举咨看见了把将给让请就都以靠馈现我们这那您你是因当前今天日午晚早月年等也还又已刚才间时候去来及其、，。,.:：;；!！?？()（）[]【】\"'“”《》\n"
)


@dataclass(frozen=True)
class Beside:
    """What follows a name. ``metres`` towards ``way`` (east, north), both 0 where nothing is said."""

    number: int | None = None
    words: str = ""
    #: away from the place itself: opposite it, or a distance from it
    away: bool = False
    nearby: bool = False
    east: float = 0.0
    north: float = 0.0
    #: characters read
    length: int = 0


def beside(rest: str) -> Beside:
    """Read what follows a name: ``123号``, ``以东200米``, ``对面``, ``附近``."""
    at, number = 0, None
    if found := _NUMBER.match(rest):
        number, at = int(found[1]), found.end()
    if found := _OFFSET.match(rest, at):
        metres = _metres(found["n"], found["unit"])
        east, north = _COMPASS.get(found["way"], (0, 0))
        if east or north:
            return Beside(
                number, found[0].lstrip("的"), away=True, east=east * metres, north=north * metres,
                length=found.end(),
            )  # fmt: skip
    if found := _OPPOSITE.match(rest, at):
        return Beside(number, found[0].lstrip("的"), away=True, length=found.end())
    if found := _NEARBY.match(rest, at):
        return Beside(number, found[0].lstrip("的"), nearby=True, length=found.end())
    return Beside(number, length=at)


def _metres(said: str, unit: str) -> float:
    tens = _TENS.get(said[-1])
    value = float(said) if tens is None else float(_CHINESE.get(said[0], 1) * tens)
    return value * {"公里": 1000.0, "km": 1000.0, "里路": 500.0}.get(unit, 1.0)


#: how far a name that runs on into another word still counts
LAMP, INSIDE = 0.6, 0.5


def whole(said: str, at: int, name: str, after_name: bool) -> float:
    """1 for a name by itself, less inside a longer word: ``新幸福小区`` holds ``幸福小区`` and may be another
    estate, ``人民路灯`` may be no road."""
    end = at + len(name)
    if name.endswith("路") and said[end : end + 1] == "灯":
        return LAMP
    if at == 0 or after_name:
        return 1.0
    before = said[at - 1]
    runs_on = "\u4e00" <= before <= "\u9fff" or before.isalnum()
    return INSIDE if runs_on and before not in LEADS else 1.0


@dataclass(frozen=True)
class Stretch:
    """Positions of mentions: the road itself, or None, and the two that bound it."""

    road: int | None
    first: int
    second: int


def stretch(said: str, mentions: list[tuple[int, int]]) -> Stretch | None:
    """A part of a road between two others, of ``mentions`` (begin, end) of roads in the order of the text.

    ``书院路从人民路到中山路``, ``书院路(人民路至中山路段)``, ``人民路到中山路之间的书院路``.
    """
    for n in range(len(mentions) - 1):
        first, second = mentions[n], mentions[n + 1]
        if said[first[1] : second[0]] not in RANGE:
            continue
        if n and said[mentions[n - 1][1] : first[0]] in FROM:
            return Stretch(n - 1, n, n + 1)
        if n + 2 < len(mentions) and said[second[1] : mentions[n + 2][0]] in OF:
            return Stretch(n + 2, n, n + 1)
        return Stretch(None, n, n + 1)
    return None


#: traditional characters of names, for installations without OpenCC
_PLAIN = str.maketrans(
    "號與區縣鎮鄉東廣場園門橋灣樓學醫館車書華興龍陽麗濱長國聯樂達麥貿寧銀錦鳳鐵運體倉農業後對邊處間從號聖憲羅蘭蘆葉鄧劉馬鳥魚黃齊嶽"
    "嶺壩塊壓裡無這來請見圾電燈滿沒個們開關點時問題報導",
    "号与区县镇乡东广场园门桥湾楼学医馆车书华兴龙阳丽滨长国联乐达麦贸宁银锦凤铁运体仓农业后对边处间从号圣宪罗兰芦叶邓刘马鸟鱼黄齐岳"
    "岭坝块压里无这来请见圾电灯满没个们开关点时问题报导",
)


def plain(text: str) -> str:
    """The most common traditional characters as simplified ones."""
    return text.translate(_PLAIN)
