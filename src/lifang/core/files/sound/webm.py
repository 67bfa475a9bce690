"""WebM (Matroska, RFC 9559), also without lengths as browsers record: tags and names are emptied."""

import struct

from lifang.core.files.sound.edits import MOST_PARTS, Broken, Walked

_EBML, _SEGMENT, _CLUSTER, _INFO = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1549A966
_TRACKS, _TRACK, _GROUP = 0x1654AE6B, 0xAE, 0xA0
_INTO = frozenset((_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK, _GROUP))
#: Tags, Attachments, Chapters
_EMPTIED = frozenset((0x1254C367, 0x1941A469, 0x1043A770))
#: Title, DateUTC, MuxingApp, WritingApp, file names before and after, name of a track
_ZEROED = frozenset((0x7BA9, 0x4461, 0x4D80, 0x5741, 0x7384, 0x3C83AB, 0x3E83BB, 0x536E))
_SCALE, _DURATION, _TIME, _SIMPLE, _BLOCK = 0x2AD7B1, 0x4489, 0xE7, 0xA3, 0xA1
_PRIVATE, _UNKNOWN = 0x63A2, -1


def walk(data: bytes) -> Walked:
    """Elements in turn; what holds others is stepped into. One that was cut off ends the walk."""
    found, at = Walked(), 0
    scale, said, cluster, last, blocks = 1_000_000, 0.0, 0, 0, 0
    for _n in range(MOST_PARTS):
        if at + 2 > len(data):
            break
        name, size, start = head(data, at)
        if name in _INTO:
            at = start
            continue
        end = start + size
        if size == _UNKNOWN or end > len(data):
            if name in _EMPTIED or name in _ZEROED:
                found.zero(start, len(data))
            break
        if name in _EMPTIED:
            found.edits.append((at, _void(end - at)))
        elif name in _ZEROED:
            found.zero(start, end)
        elif name == _SCALE:
            scale = int.from_bytes(data[start:end], "big") or scale
        elif name == _DURATION:
            said = struct.unpack(">f" if size == 4 else ">d", data[start:end])[0]
        elif name == _TIME:
            cluster = int.from_bytes(data[start:end], "big")
        elif name in (_SIMPLE, _BLOCK):
            blocks += 1
            _track, _size, after = vint(data, start, keep=False)
            last = max(last, cluster + int.from_bytes(data[after : after + 2], "big", signed=True))
        at = end
    if not blocks:
        raise Broken("no block")
    # a block lasts some 20 ms; recordings of browsers say no length of their own
    found.seconds = max(said if said == said else 0.0, last) * scale / 1e9 + 0.02
    return found


def head(data: bytes, at: int) -> tuple[int, int, int]:
    """(id, size or −1, where the contents begin)."""
    name, _width, after = vint(data, at, keep=True)
    size, width, start = vint(data, after, keep=False)
    return name, _UNKNOWN if size == (1 << 7 * width) - 1 else size, start


def vint(data: bytes, at: int, *, keep: bool) -> tuple[int, int, int]:
    """A number of variable width: (value, width, where it ends). ``keep``: with its marker."""
    first = data[at]
    if not first:
        raise Broken("no number")
    width = 9 - first.bit_length()
    if at + width > len(data):
        raise Broken("cut off")
    value = int.from_bytes(data[at : at + width], "big")
    return value if keep else value & (1 << 7 * width) - 1, width, at + width


def packets(data: bytes) -> tuple[bytes, list[bytes]]:
    """The setup of the first track's codec, and its frames in order. Raises :class:`Broken`."""
    setup, found, at, first = b"", [], 0, 0
    for _n in range(MOST_PARTS):
        if at + 2 > len(data):
            break
        name, size, start = head(data, at)
        if name in _INTO:
            at = start
            continue
        end = start + size
        if size == _UNKNOWN or end > len(data):
            break
        if name == _PRIVATE and not setup:
            setup = bytes(data[start:end])
        elif name in (_SIMPLE, _BLOCK):
            track, _width, after = vint(data, start, keep=False)
            first = first or track
            if data[after + 2] & 0x06:
                raise Broken("several frames in one block")
            if track == first:
                found.append(bytes(data[after + 3 : end]))
        at = end
    return setup, found


def _void(length: int) -> bytes:
    """An element of nothing, ``length`` bytes in all (at least 5, as an id of four bytes has)."""
    width = min(8, length - 1)
    size = length - 1 - width
    return b"\xec" + (1 << 7 * width | size).to_bytes(width, "big") + b"\0" * size
