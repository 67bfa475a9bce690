"""Ogg (RFC 3533) with Opus (RFC 7845), Vorbis or Speex: the packet of comments is emptied."""

from functools import lru_cache

from lifang.core.files.sound.edits import MOST_PARTS, Broken, Walked


class _Stream:
    """One logical stream: its rate, what plays before zero, and how many packets have begun."""

    def __init__(self) -> None:
        self.rate, self.skip, self.packets, self.last = 0, 0, 0, 0
        self.codec = b""
        #: bytes of the packet of comments written so far
        self.written = 0


def walk(data: bytes) -> Walked:
    """Pages in turn; the second packet of each stream is comments, which may span pages."""
    found, at, streams = Walked(), 0, dict[int, _Stream]()
    for _n in range(MOST_PARTS):
        if data[at : at + 4] != b"OggS" or at + 27 > len(data):
            break
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        body = at + 27 + len(lacing)
        end = body + sum(lacing)
        if end > len(data):
            break  # cut off: what came before can be played
        stream = streams.setdefault(int.from_bytes(data[at + 14 : at + 18], "little"), _Stream())
        granule = int.from_bytes(data[at + 6 : at + 14], "little", signed=True)
        stream.last = max(stream.last, granule)
        if stream.packets < 2:
            _headers(found, stream, data, at, body, lacing)
        at = end
    heard = [s for s in streams.values() if s.rate]
    if not heard or len(heard) < len(streams):
        raise Broken("no codec that is known")
    found.seconds = max((s.last - s.skip) / s.rate for s in heard)
    if found.seconds <= 0:
        raise Broken("no sound")
    return found


def _headers(
    found: Walked, stream: _Stream, data: bytes, at: int, body: int, lacing: bytes
) -> None:
    """Read the first packet, empty the second; the page's checksum is made anew."""
    page = bytearray(data[at : body + sum(lacing)])
    start, size, changed = body - at, 0, False
    for n, part in enumerate(lacing):
        size += part
        if part == 255 and n + 1 < len(lacing):
            continue
        if stream.packets == 0:
            _first(stream, bytes(page[start : start + size]))
        elif stream.packets == 1:
            blank = _blank(stream.codec)
            piece = blank[stream.written : stream.written + size].ljust(size, b"\0")
            page[start : start + size] = piece
            stream.written += size
            changed = True
        if part < 255:
            stream.packets += 1
        start, size = start + size, 0
    if changed:
        page[22:26] = b"\0\0\0\0"
        page[22:26] = checksum(bytes(page)).to_bytes(4, "little")
        found.edits.append((at, bytes(page)))


def _first(stream: _Stream, packet: bytes) -> None:
    if packet[:8] == b"OpusHead":
        stream.codec, stream.rate = b"opus", 48_000
        stream.skip = int.from_bytes(packet[10:12], "little")
    elif packet[:7] == b"\x01vorbis":
        stream.codec, stream.rate = b"vorbis", int.from_bytes(packet[12:16], "little")
    elif packet[:8] == b"Speex   ":
        stream.codec, stream.rate = b"speex", int.from_bytes(packet[36:40], "little")


def _blank(codec: bytes) -> bytes:
    """Comments of no vendor and no entries; zeros may follow."""
    none = b"\0\0\0\0" * 2
    if codec == b"opus":
        return b"OpusTags" + none
    return b"\x03vorbis" + none + b"\x01" if codec == b"vorbis" else none


@lru_cache(maxsize=1)
def _table() -> tuple[int, ...]:
    rows = []
    for n in range(256):
        r = n << 24
        for _bit in range(8):
            r = (r << 1 ^ 0x04C11DB7 if r & 0x80000000 else r << 1) & 0xFFFFFFFF
        rows.append(r)
    return tuple(rows)


def checksum(page: bytes) -> int:
    """CRC-32 of RFC 3533: polynomial 04C11DB7, not reflected, from zero."""
    table, crc = _table(), 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ table[crc >> 24 ^ byte]
    return crc
