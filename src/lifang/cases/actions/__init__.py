"""The verbs of the loop, one function each. Every door (page, API, import, worker) calls these."""

from lifang.cases.actions.accept import (
    ask,
    ask_verification,
    assign,
    file,
    reclassify,
    reject,
    self_handle,
    verify,
)
from lifang.cases.actions.bulk import Outcome, bulk, offered
from lifang.cases.actions.check import ask_check, check, close, void
from lifang.cases.actions.crosswalk import change_over
from lifang.cases.actions.desk import change_setting, delete_view, save_view
from lifang.cases.actions.dispatch import dispatch, return_to_acceptor, return_to_dispatcher
from lifang.cases.actions.duplicates import measure_duplicates
from lifang.cases.actions.handle import add_evidence, hand_back, note, send_back, start
from lifang.cases.actions.merge import Part, merge, split, unmerge
from lifang.cases.actions.petition import (
    appeal,
    decide,
    extend,
    hang,
    resume,
    suspend,
    unhang,
    withdraw,
)
from lifang.cases.actions.report import Reported, report
from lifang.cases.actions.reporter import answer, exclude_rating, find, rate, reopen
from lifang.cases.actions.sweep import sweep

__all__ = [
    "Outcome", "Part", "Reported", "add_evidence", "answer", "appeal", "ask", "ask_check",
    "ask_verification", "assign", "bulk", "change_over", "change_setting", "check", "close", "decide",
    "delete_view", "dispatch", "exclude_rating", "extend", "file", "find", "hand_back", "hang",
    "measure_duplicates", "merge", "note", "offered", "rate", "reclassify", "reject", "reopen", "report", "resume",
    "return_to_acceptor", "return_to_dispatcher", "save_view", "self_handle", "send_back", "split",
    "start", "suspend", "sweep", "unhang", "unmerge", "verify", "void", "withdraw",
]  # fmt: skip
