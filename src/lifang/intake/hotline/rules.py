"""Pure rules of the hotline's tables: what its many headings mean, how its times are written."""

import re
import unicodedata
from datetime import date, datetime, time, tzinfo

#: most orders in one call
MOST = 500

#: our fields and the headings that hotlines use for them. The first is the one we print.
HEADINGS: dict[str, tuple[str, ...]] = {
    "number": (
        "工单编号", "工单号", "单号", "编号", "受理编号", "受理单号", "流水号", "工单流水号",
        "诉求编号", "业务编号", "任务编号", "件编号", "order_number", "number",
    ),
    "text": (
        "诉求内容", "工单内容", "内容", "来电内容", "反映内容", "反映问题", "问题描述", "诉求描述",
        "主要内容", "事项描述", "事件描述", "具体内容", "详细内容", "受理内容", "text", "content",
    ),
    "title": ("标题", "诉求标题", "工单标题", "主题", "工单主题", "title"),
    "at": (
        "来电时间", "受理时间", "登记时间", "诉求时间", "来件时间", "提交时间", "创建时间",
        "建单时间", "工单时间", "反映时间", "created_at",
    ),
    "address": (
        "事发地址", "事发地点", "事发位置", "诉求地址", "问题地址", "发生地点", "发生地址", "详细地址",
        "事件地址", "事件地点", "地址", "地点", "address",
    ),
    "kind": ("诉求类型", "工单类型", "诉求性质", "业务类型", "来电类型", "类型", "kind"),
    "subject": (
        "诉求分类", "事项分类", "问题分类", "内容分类", "归口分类", "事项类别", "问题类型", "分类",
        "类别", "subject",
    ),
    "name": ("联系人", "来电人", "诉求人", "反映人", "市民姓名", "来电人姓名", "姓名", "name"),
    "phone": (
        "联系电话", "来电号码", "来电电话", "联系方式", "手机号", "手机号码", "电话", "电话号码", "phone",
    ),
    "due": (
        "办理期限", "办结期限", "截止时间", "办理时限", "办结时限", "要求办结时间", "到期时间",
        "反馈期限", "due",
    ),
    "urgency": ("紧急程度", "紧急级别", "是否紧急", "urgency"),
    "lng": ("经度", "lng", "longitude"),
    "lat": ("纬度", "lat", "latitude"),
    "system": ("坐标系", "坐标系统", "system"),
    "contacted": ("是否联系", "是否响应", "承办单位是否联系", "contacted"),
    "solved": ("是否解决", "解决情况", "诉求是否解决", "solved"),
    "satisfied": ("是否满意", "满意度", "满意情况", "满意程度", "satisfied"),
}  # fmt: skip

_YES = {"是", "已", "有", "y", "yes", "true", "1", "√"}
_NO = {"否", "未", "没有", "无", "n", "no", "false", "0", "×"}
_STARS = {
    "非常满意": 5, "很满意": 5, "满意": 4, "比较满意": 4, "基本满意": 3, "一般": 3,
    "不满意": 2, "较不满意": 2, "非常不满意": 1, "很不满意": 1,
}  # fmt: skip


def fold(cell: object) -> str:
    """A cell as compared: half width, lower case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(cell or "")).lower())


def parse_time(value: object, zone: tzinfo) -> datetime | None:
    """A time as tables write it; without a zone it is local. ``None``: empty. ValueError: unreadable.

    ``2026-03-01 09:30``, ``2026/3/1 9:30:00``, ``2026年3月1日 9时30分``, ``20260301093000``, cells of
    Excel. A date alone is its beginning.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if "T" in text or "+" in text:
        try:
            made = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            ...
        else:
            return made if made.tzinfo else made.replace(tzinfo=zone)
    digits = [int(n) for n in re.findall(r"\d+", text)]
    if len(digits) == 1 and re.fullmatch(r"\d{8}(\d{4}(\d{2})?)?", text):
        digits = [int(text[:4]), *(int(text[i : i + 2]) for i in range(4, len(text), 2))]
    if not 3 <= len(digits) <= 6 or digits[0] < 1000:
        raise ValueError(text)
    year, month, day, hour, minute, second = (*digits, 0, 0, 0)[:6]
    return datetime(year, month, day, hour, minute, second, tzinfo=zone)


def parse_yes(value: object) -> bool | None:
    """``是``/``否`` and their like. ``None``: empty. ValueError: neither."""
    text = fold(value)
    if not text:
        return None
    if text in _YES or text.startswith("已"):
        return True
    if text in _NO or text.startswith(("未", "不", "没")):
        return False
    raise ValueError(str(value))


def parse_stars(value: object) -> int | None:
    """``满意`` → 4, ``非常满意`` → 5, digits 1–5 as they are. ``None``: empty. ValueError: else."""
    text = fold(value)
    if not text:
        return None
    if text in _STARS:
        return _STARS[text]
    if text in {"1", "2", "3", "4", "5"}:
        return int(text)
    if text in _YES:
        return 4
    if text in _NO:
        return 2
    raise ValueError(str(value))


def order_text(title: str, text: str) -> str:
    """Title and content as one text; a title that the content repeats is left out."""
    title, text = title.strip(), text.strip()
    if not title or not text or title in text[: len(title) + 20]:
        return text or title
    return f"{title}\n{text}"


def satisfied(stars: int | None) -> bool | None:
    """4 and 5 count as satisfied."""
    return None if stars is None else stars >= 4
