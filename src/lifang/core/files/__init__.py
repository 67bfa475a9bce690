"""Files by content: typed by their bytes, hashed while streamed, deduplicated, bounded.

What others call: :func:`accept`, :func:`url`, :func:`token`, :func:`by_token`, :func:`opens`,
:func:`alike`, :func:`arrived`.
"""

from lifang.core.files.access import may_open, opens
from lifang.core.files.arrivals import arrived
from lifang.core.files.intake import accept, accept_path, clean_name
from lifang.core.files.likeness import Alike, alike
from lifang.core.files.links import by_token, signed, token, url
from lifang.core.files.store import store

__all__ = [
    "Alike",
    "accept",
    "accept_path",
    "alike",
    "arrived",
    "by_token",
    "clean_name",
    "may_open",
    "opens",
    "signed",
    "store",
    "token",
    "url",
]
