"""Opus out of WebM, as browsers record it, into Ogg, as decoders read it (RFC 3533, RFC 7845). Pure."""

import struct
from collections.abc import Iterator

from lifang.core.files.sound import webm
from lifang.core.files.sound.edits import Broken
from lifang.core.files.sound.ogg import checksum

#: milliseconds of one frame by the first five bits of a packet (RFC 6716, table 2)
_SILK, _HYBRID, _CELT = (10, 20, 40, 60), (10, 20), (2.5, 5, 10, 20)
#: packets on a page: 255 entries of its table, five for a packet of up to 1,274 bytes
ON_PAGE = 50
_SERIAL = 1


def ogg_of_webm(data: bytes) -> bytes:
    """The sound of a WebM recording as an Ogg file; raises :class:`Broken` where it is not Opus."""
    setup, packets = webm.packets(data)
    if setup[:8] != b"OpusHead" or not packets:
        raise Broken("no Opus in it")
    tags = b"OpusTags" + struct.pack("<II", 0, 0)
    return b"".join(_pages([setup], [tags], packets))


def _pages(head: list[bytes], tags: list[bytes], packets: list[bytes]) -> Iterator[bytes]:
    yield _page(head, number=0, granule=0, flags=2)
    yield _page(tags, number=1, granule=0)
    samples = 0
    for at in range(0, len(packets), ON_PAGE):
        part = packets[at : at + ON_PAGE]
        samples += sum(samples_of(p) for p in part)
        last = at + ON_PAGE >= len(packets)
        yield _page(part, number=2 + at // ON_PAGE, granule=samples, flags=4 if last else 0)


def _page(packets: list[bytes], *, number: int, granule: int, flags: int = 0) -> bytes:
    lacing = b"".join(bytes([255] * (len(p) // 255) + [len(p) % 255]) for p in packets)
    if len(lacing) > 255:
        raise Broken("packets too long")
    head = b"OggS\0" + bytes((flags,)) + struct.pack("<qII", granule, _SERIAL, number)
    page = head + b"\0\0\0\0" + bytes((len(lacing),)) + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def samples_of(packet: bytes) -> int:
    """How many samples of 48,000 a second an Opus packet holds (RFC 6716, section 3.1)."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config < 12:
        each: float = _SILK[config % 4]
    else:
        each = _HYBRID[config % 2] if config < 16 else _CELT[config % 4]
    frames = (1, 2, 2)[code] if code < 3 else packet[1] & 0x3F if len(packet) > 1 else 0
    return int(each * 48 * frames)
