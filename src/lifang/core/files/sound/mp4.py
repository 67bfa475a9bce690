"""MP4 and M4A (ISO 14496-12), also in fragments as Safari records: user data and times are emptied."""

from collections.abc import Iterator

from lifang.core.files.sound.edits import MOST_PARTS, Broken, Walked

_INTO = frozenset(
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex", b"dinf")
)
#: titles, places, devices, cover pictures, whatever a maker adds
_EMPTIED = frozenset((b"udta", b"meta", b"uuid", b"ilst", b"free", b"skip", b"wide"))
_TIMED = frozenset((b"mvhd", b"tkhd", b"mdhd"))
#: kinds of track whose samples are sound, picture or writing
_KNOWN = frozenset((b"soun", b"vide", b"hint", b"text", b"sbtl", b"subt", b"tmcd", b"clcp"))


def walk(data: bytes) -> Walked:
    """Boxes in turn. A file without its index (``moov``) cannot be played and is refused."""
    found, fragments = Walked(), _Fragments()
    scale = length = 0
    media = False
    for name, at, start, end in _boxes(data):
        if name in _EMPTIED:
            found.edits.append((at + 4, b"free"))
            found.zero(start, end)
        elif name in _TIMED:
            wide = data[start] == 1
            size = 8 if wide else 4
            found.zero(start + 4, start + 4 + 2 * size)
            if name == b"mvhd":
                after = start + 4 + 2 * size
                scale = int.from_bytes(data[after : after + 4], "big")
                length = int.from_bytes(data[after + 4 : after + 4 + size], "big")
            elif name == b"mdhd":
                after = start + 4 + 2 * size
                fragments.scales.append(int.from_bytes(data[after : after + 4], "big"))
        elif name == b"hdlr":
            kind = data[start + 8 : start + 12]
            # samples of another kind may tell where the camera was, second by second
            found.unclean |= kind not in _KNOWN and kind not in (b"alis", b"url ", b"dhlr")
            found.zero(start + 24, end)
        elif name == b"mdat":
            media = media or end > start
        else:
            fragments.see(name, data, start, end)
    if not scale or not media:
        raise Broken("no index or no media")
    if length in (0, 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF):
        length = 0
    found.seconds = max(length / scale, fragments.seconds())
    if found.seconds <= 0:
        raise Broken("no length")
    return found


def _boxes(data: bytes) -> Iterator[tuple[bytes, int, int, int]]:
    """(name, where it begins, where its contents begin and end), boxes of boxes opened."""
    ends, at = [len(data)], 0
    for _n in range(MOST_PARTS):
        while ends and at >= ends[-1]:
            ends.pop()
        if not ends:
            return
        if at + 8 > ends[-1]:
            at = ends[-1]  # less than a box: padding
            continue
        size, name, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if size == 1:
            size, start = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        end = at + size if size else ends[-1]
        if end < start or end > ends[-1]:
            raise Broken(f"box {name!r} too long")
        yield name, at, start, end
        if name in _INTO:
            ends.append(end)
            at = start
        else:
            at = end


class _Fragments:
    """Lengths of what was recorded in fragments: the sum over the runs of the longest track."""

    def __init__(self) -> None:
        self.scales: list[int] = []
        self.defaults: dict[int, int] = {}
        self.sums: dict[int, int] = {}
        self.track, self.each = 0, 0

    def see(self, name: bytes, data: bytes, start: int, end: int) -> None:
        flags = int.from_bytes(data[start + 1 : start + 4], "big")
        if name == b"trex":
            track = int.from_bytes(data[start + 4 : start + 8], "big")
            self.defaults[track] = int.from_bytes(data[start + 12 : start + 16], "big")
        elif name == b"tfhd":
            self.track = int.from_bytes(data[start + 4 : start + 8], "big")
            at = start + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
            self.each = self.defaults.get(self.track, 0)
            if flags & 8:
                self.each = int.from_bytes(data[at : at + 4], "big")
        elif name == b"trun":
            count = int.from_bytes(data[start + 4 : start + 8], "big")
            at = start + 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
            fields = sum(4 for bit in (0x100, 0x200, 0x400, 0x800) if flags & bit)
            if flags & 0x100:
                count = min(count, (end - at) // fields)
                length = sum(
                    int.from_bytes(data[p : p + 4], "big")
                    for p in range(at, at + count * fields, fields)
                )
            else:
                length = count * self.each
            self.sums[self.track] = self.sums.get(self.track, 0) + length

    def seconds(self) -> float:
        """Tracks and their scales come in one order."""
        pairs = zip(sorted(self.sums), self.scales, strict=False)
        return max((self.sums[t] / s for t, s in pairs if s), default=0.0)
