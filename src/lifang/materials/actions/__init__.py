"""The verbs of filed documents."""

from lifang.materials.actions.ask import ask, assign
from lifang.materials.actions.batch import commit_batch, unpack
from lifang.materials.actions.file import attach, reuse, submit, withdraw
from lifang.materials.actions.pack import make_package, order_package, take_package, tidy_packages
from lifang.materials.actions.propose import propose
from lifang.materials.actions.review import appeal, return_, review

__all__ = [
    "appeal",
    "ask",
    "assign",
    "attach",
    "commit_batch",
    "make_package",
    "order_package",
    "propose",
    "return_",
    "reuse",
    "review",
    "submit",
    "take_package",
    "tidy_packages",
    "unpack",
    "withdraw",
]
