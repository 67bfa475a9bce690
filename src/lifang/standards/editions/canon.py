"""The one form of a document that its hash is taken of."""

import hashlib
import json
import unicodedata
from decimal import Decimal
from typing import Any


def canonical(document: Any) -> bytes:
    """JSON with sorted keys, no spaces, NFC text, exact numbers as strings (``1.50`` stays ``1.50``)."""
    return json.dumps(
        _plain(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(document: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case Decimal():
            return str(value)
        case dict():
            return {unicodedata.normalize("NFC", str(k)): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
    return value
