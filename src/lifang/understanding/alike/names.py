"""Names of places and bodies in a text, without any register: what two reports of one matter share.

A name is what stands before an ending such as 小区, 路 or 公司, cut to two characters, so that
``A2区丽云新城`` and ``丽云新城三期`` have ``丽云新城`` in common. What many texts say (物业公司, 人民路 in a city of
it) is no name: the corpus decides that by how rare a key is.
"""

import re
import unicodedata
from collections.abc import Iterable

from lifang.understanding.alike.text import MOST

_ENDINGS = [
    "小区",
    "社区",
    "街道",
    "花园",
    "家园",
    "嘉园",
    "新城",
    "新村",
    "公寓",
    "公馆",
    "大道",
    "大街",
    "大桥",
    "广场",
    "大厦",
    "公园",
    "商场",
    "超市",
    "酒店",
    "宾馆",
    "饭店",
    "餐馆",
    "医院",
    "小学",
    "中学",
    "一中",
    "二中",
    "三中",
    "大学",
    "学院",
    "驾校",
    "幼儿园",
    "公司",
    "集团",
    "国际",
    "名都",
    "号线",
    "国道",
    "ktv",
    "路",
    "街",
    "巷",
    "桥",
    "苑",
    "城",
    "园",
    "庭",
    "湾",
    "村",
    "组",
    "镇",
    "乡",
    "厂",
    "站",
    "店",
    "湖",
    "坪",
    "郡",
    "轩",
    "阁",
    "岛",
    "洲",
    "院",
    "山",
]
_NAME = re.compile(
    r"(?=([\u4e00-\u9fff0-9a-z]{2}(?:"
    + "|".join(sorted(_ENDINGS, key=len, reverse=True))
    + r"))(?![区市居民长委部员地主]|公司))"
)
#: words that no name begins with: grammar, offices, and the commonplace before an ending
_COMMON = re.compile(
    "[的了在是我们这那个有没各级几每到从去和与等请求该本其此条座处为被由于把给叫让对向往过又再也就都还很不无大多全]"
    "|政府|居民|居住|住宅|安置|公交|地铁|垃圾|加油|收费|中转|十字|人行|农贸|公立|公办|民办|私立|配套|物业|有限|附近|周边"
    "|周围|整体|村民|农村|城乡|水泥|道路|线路|公路|马路|交叉|工业|火车|汽车|自来|来水|人民|中心|服务|变电|立交|高架|断头"
    "|文明|新型|美丽|商业|开发|地产|管理|建设|工程|产业|物流|责任|终点|转运|普惠|烂尾|夜宵|步行|住房|[a-z]?\\d*[市区县]"
)
#: a figure that is part of a name (``58车贷``), not a time, a sum or a number of things
_FIGURE = re.compile(
    r"\d{2,}(?![年月日时小米元万亿平度岁号楼栋个点分多人户次天周路公里条件名余块倍])[\u4e00-\u9fff]{2}"
)
#: the codes that published data has in place of divisions: ``A市``, ``A7县``
_CODE = re.compile(r"(?<![a-z0-9])([a-z]\d{0,2})[市区县]")


def names(text: str) -> set[str]:
    """Keys of what may be names. May hold more than names: rarity has to decide."""
    said = unicodedata.normalize("NFKC", text[:MOST]).casefold()
    return {
        key
        for key in _NAME.findall(said)
        if not _COMMON.search(key[:2]) and key[0].isdigit() == key[1].isdigit()
    } | set(_FIGURE.findall(said))


def divisions(text: str) -> set[str]:
    """Codes of cities and counties that a text speaks of: ``A7县的…`` is ``{"a7"}``."""
    return set(_CODE.findall(unicodedata.normalize("NFKC", text[:MOST]).casefold()))


def apart(a: Iterable[str], b: Iterable[str]) -> bool:
    """Whether two texts speak of different places: no division of one holds one of the other.

    Codes are hierarchical as those of the register are: ``a7`` lies in ``a``. Where a text names
    none, nothing is known.
    """
    ours, theirs = list(a), list(b)
    if not ours or not theirs:
        return False
    return not any(x.startswith(y) or y.startswith(x) for x in ours for y in theirs)
