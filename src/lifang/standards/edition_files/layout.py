"""The workbook: which sheets, which columns. Headings are Chinese whatever the language of the screen."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Col:
    """A column: its heading and the field under it. ``words``: label in the sheet → value."""

    heading: str
    field: str
    width: int = 10
    words: dict[str, str] | None = None
    note: str = ""


@dataclass(frozen=True, eq=False)
class Tab:
    name: str
    columns: tuple[Col, ...]
    #: headings that must be there
    required: tuple[str, ...] = ()
    freeze: int = 1


METHODS = {
    "材料审核": "document",
    "实地考察": "field",
    "问卷调查": "survey",
    "统计数据": "statistic",
    "特色加分": "special",
    "负面清单": "veto",
}
RULES = {
    "等级对应": "grade_map",
    "分档": "step",
    "线性": "linear_clamp",
    "扣分": "deduct",
    "完成比例": "ratio_of_target",
    "全有或全无": "all_or_nothing",
    "问卷均值": "survey_mean",
    "加分": "bonus",
    "否决或扣分": "veto",
}
NA = {"退出总分": "drop", "给满分": "full", "分给同级": "redistribute", "记零分": "zero"}
MISSING = {"待定": "pending", "记零分": "zero"}
SLOTS = {
    "不限": "",
    "文件": "document",
    "说明报告": "report",
    "实景照片": "photo",
    "统计表": "table",
}
YES_NO = {"越大越好": "high", "越小越好": "low"}

META = Tab(
    "体系",
    (Col("项目", "name", 20), Col("内容", "content", 40), Col("说明", "note", 70)),
    ("项目", "内容"),
    freeze=0,
)
#: name in the sheet, path in the document, explanation
META_ROWS = (
    ("格式", "format", "不要改动"),
    ("体系标识", "key", "小写英文，如 city；各版本相同"),
    ("版本", "version", "如 2026.1；同一体系不能重复"),
    ("名称", "title", ""),
    ("总分", "total", "填写后，各基本指标分值之和须与之相等；可不填"),
    ("总分小数位", "rounding.total", "四舍五入到几位小数，不填为 2"),
    ("指标小数位", "rounding.leaf", "不填：指标得分不先取整"),
    ("加分上限", "bonus_cap", "全部加分项合计最多加多少；不填：只受各项自身上限约束"),
)
LINKS = Tab(
    "前置与合成",
    (
        Col("类型", "type", 14, {"前置条件": "prerequisites", "按比例计入": "blends"}),
        Col("体系标识", "edition", 16),
        Col("数值", "number", 10, note="前置条件：至少多少分；按比例计入：占总分的份额，如 0.20"),
        Col("满分", "full", 10, note="按比例计入时另一体系的满分，不填为 100"),
    ),
    ("类型", "体系标识", "数值"),
)
NODES = Tab(
    "指标",
    (
        Col("编码", "code", 10),
        Col("上级编码", "parent", 10),
        Col("名称", "title", 44),
        Col("分值", "points", 8, note="只有指标有分值；上级的分值由下级相加"),
        Col("牵头角色", "lead", 14, note="角色，不是单位；site：点位的责任单位"),
        Col("协办角色", "assist", 20, note="角色=份额，一行一个或用分号隔开"),
        Col("不适用时", "na.policy", 12, NA),
        Col("分给范围", "na.within", 10, note="“分给同级”时：在哪个上级之内分，不填为直接上级"),
        Col("未测评时", "missing.policy", 10, MISSING),
        Col("适用条件", "applies", 22, note="名称=值；几个值用分号隔开，一行一个名称"),
        Col("说明", "help", 60),
    ),
    ("编码", "名称"),
    freeze=1,
)
MEASURES = Tab(
    "测评方式",
    (
        Col("指标编码", "leaf", 10),
        Col("方式", "method", 10, METHODS),
        Col("标识", "key", 10, note="同一指标有两个相同方式时才要填"),
        Col("份额", "share", 8, note="同一指标各方式的份额之和为 1；只有一个时可不填"),
        Col("规则", "kind", 12, RULES),
        Col("等级", "grades", 16, note="等级对应：A=1；B=0.6；C=0"),
        Col("合并", "combine", 10, {"取平均": "mean", "取最低": "min"}),
        Col("按什么算", "by", 16, {"检查项合格率": "pass_rate", "点位合格率平均": "site_rate", "全合格点位占比": "site_pass"}),
        Col("好坏", "better", 10, YES_NO),
        Col("档次", "cuts", 18, note="界限=得分比例，从最严到最宽：0.90=1；0.70=0.6"),
        Col("其余得", "else", 8),
        Col("零分值", "lo", 8, note="线性：到此为零分"),
        Col("满分值", "hi", 8, note="线性：到此为满分"),
        Col("起始分", "full", 8, note="扣分：从多少分起扣"),
        Col("每处扣", "each", 8),
        Col("扣到为止", "floor", 8),
        Col("扣分范围", "per", 10, {"合计": "all", "逐点位": "site"}),
        Col("单点位最多扣", "site_cap", 12),
        Col("目标", "target", 8, note="完成比例：完成数÷目标"),
        Col("上限", "cap", 8, note="完成比例最多得多少（不填为 1）；加分最多加多少分"),
        Col("认可等级", "accept", 12, note="全有或全无：哪些等级算合格，不填为 A、B"),
        Col("选项", "options", 24, note="问卷：选项=得分比例；不计分的选项写“-”"),
        Col("折算", "then", 10, {"分档": "step", "线性": "linear_clamp"}, note="问卷均值再折算时用"),
        Col("后果", "effect", 12, {"扣分": "deduct", "总分封顶": "cap", "暂停资格": "suspend", "取消资格": "disqualify"}),
        Col("数值", "value", 8, note="负面清单：扣多少分或封顶多少分"),
        Col("取值", "take", 10, {"取最新": "latest", "取平均": "mean"}),
        Col("单位", "unit", 8),
    ),
    ("指标编码", "方式", "规则"),
)  # fmt: skip
SLOT_TAB = Tab(
    "材料",
    (
        Col("指标编码", "leaf", 10),
        Col("方式标识", "measure", 12, note="不填为 document"),
        Col("材料标识", "key", 20),
        Col("名称", "title", 36),
        Col("类型", "kind", 10, SLOTS),
        Col("最少件数", "least", 10),
        Col("最多件数", "most", 10, note="0 或不填：不限"),
        Col("单件不超过MB", "size", 14),
        Col("字数上限", "words", 10),
        Col("近几个月内", "months", 12),
        Col("说明", "help", 60),
    ),
    ("指标编码", "材料标识"),
)
QUESTIONS = Tab(
    "题目",
    (
        Col("指标编码", "leaf", 10),
        Col("方式标识", "measure", 12, note="不填为 survey"),
        Col("题目", "question", 60),
    ),
    ("指标编码", "题目"),
)
ITEMS = Tab(
    "检查项",
    (
        Col("编码", "code", 16),
        Col("名称", "title", 50),
        Col("点位类型", "types", 30, note="代码或名称，用分号隔开；*：全部类型"),
        Col("指标编码", "leaf", 10),
        Col("方式标识", "measure", 12, note="不填为 field"),
        Col("份额", "share", 8, note="一处检查对该指标的分量，不填为 1"),
        Col("案件类别", "categories", 34, note="目录标识或其前段，用分号隔开：此处有这类未结案件即不合格"),
        Col("说明", "help", 50),
    ),
    ("编码",),
)  # fmt: skip
TABS = (META, LINKS, NODES, MEASURES, SLOT_TAB, QUESTIONS, ITEMS)
GUIDE = "填写说明"
