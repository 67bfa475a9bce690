"""Small recordings of every kind, made here byte by byte, each with a secret in its margins."""

import io
import math
import struct
import wave

from lifang.core.files.sound.ogg import checksum

SECRET = b"GPS+28.2000+112.9000/Zhang"


def wav(
    seconds: float = 1.0, *, rate: int = 8000, hertz: float = 0.0, secret: bool = False
) -> bytes:
    """A tone, or silence; with a LIST chunk where it shall tell a secret."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        frames = int(seconds * rate)
        if hertz:
            step = 2 * math.pi * hertz / rate
            samples = (int(12_000 * math.sin(step * n)) for n in range(frames))
            file.writeframes(b"".join(struct.pack("<h", s) for s in samples))
        else:
            file.writeframes(b"\0\0" * frames)
    data = out.getvalue()
    if secret:
        chunk = b"LIST" + struct.pack("<I", len(SECRET)) + SECRET
        data = data[:12] + chunk + data[12:]
        data = data[:4] + struct.pack("<I", len(data) - 8) + data[8:]
    return data


def amr(seconds: float = 1.0) -> bytes:
    return b"#!AMR\n" + (b"\x3c" + b"\x00" * 31) * round(seconds * 50)


def mp3(seconds: float = 1.0, *, secret: bool = False) -> bytes:
    """Frames of 64 kbit/s at 24 kHz (MPEG 2), 24 ms each, 192 bytes."""
    frame = b"\xff\xf3\x84\xc4" + b"\0" * 188
    body = frame * round(seconds / 0.024)
    if not secret:
        return body
    tag = b"TIT2" + struct.pack(">I", len(SECRET) + 1) + b"\0\0\0" + SECRET
    head = b"ID3\x03\0\0" + bytes((0, 0, len(tag) >> 7, len(tag) & 127))
    return head + tag + body + b"TAG" + SECRET.ljust(125, b"\0")


def _page(granule: int, number: int, packets: list[bytes], flags: int = 0) -> bytes:
    lacing = b"".join(bytes([255] * (len(p) // 255) + [len(p) % 255]) for p in packets)
    head = b"OggS\0" + bytes((flags,)) + struct.pack("<qII", granule, 77, number)
    page = head + b"\0\0\0\0" + bytes((len(lacing),)) + lacing + b"".join(packets)
    return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def ogg(seconds: float = 1.0, *, secret: bool = False) -> bytes:
    comment = b"LOCATION=" + SECRET if secret else b""
    tags = b"OpusTags" + struct.pack("<I", 4) + b"test"
    tags += struct.pack("<II", 1, len(comment)) + comment if comment else struct.pack("<I", 0)
    head = b"OpusHead\x01\x01" + struct.pack("<HIh", 312, 48_000, 0) + b"\0"
    pages = [_page(0, 0, [head], 2), _page(0, 1, [tags])]
    pages += [_page(312 + int(seconds * 48_000), 2, [b"\xfc\xff\xfe"] * 20, 4)]
    return b"".join(pages)


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + name + body


def mp4(
    seconds: float = 1.0, *, secret: bool = False, handler: bytes = b"soun", brand: bytes = b"M4A "
) -> bytes:
    """A file with one track and no samples of use; the secret in ``udta`` and in the times."""
    made = 3_800_000_000 if secret else 0
    mvhd = box(b"mvhd", struct.pack(">IIIII", 0, made, made, 1000, int(seconds * 1000)), b"\0" * 80)
    mdhd = box(b"mdhd", struct.pack(">IIIII", 0, made, made, 8000, int(seconds * 8000)), b"\0" * 4)
    hdlr = box(b"hdlr", struct.pack(">II", 0, 0), handler, b"\0" * 12, b"name\0")
    parts = [mvhd, box(b"trak", box(b"mdia", mdhd, hdlr))]
    if secret:
        parts.append(box(b"udta", box(b"\xa9xyz", SECRET)))
    return (
        box(b"ftyp", brand, b"\0\0\0\0", b"mp42") + box(b"moov", *parts) + box(b"mdat", b"\1" * 64)
    )


def fragmented_mp4(seconds: float = 1.0) -> bytes:
    """As Safari records: no length in the index, runs of samples behind it."""
    whole = mp4(0)
    count = round(seconds * 8000 / 1024)
    tfhd = box(b"tfhd", struct.pack(">III", 8, 1, 1024))
    trun = box(b"trun", struct.pack(">II", 0, count))
    return whole + box(b"moof", box(b"traf", tfhd, trun)) + box(b"mdat", b"\1" * 64)


def _element(name: int, body: bytes, *, unknown: bool = False) -> bytes:
    wide = (name.bit_length() + 7) // 8
    size = b"\x01" + b"\xff" * 7 if unknown else (1 << 56 | len(body)).to_bytes(8, "big")
    return name.to_bytes(wide, "big") + size + body


def webm(seconds: float = 1.0, *, secret: bool = False, codec: bytes = b"A_OPUS") -> bytes:
    """As Chromium records: lengths unknown, one cluster a second, blocks of 20 ms."""
    info = _element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
    info += _element(0x5741, SECRET if secret else b"test")
    track = _element(0xD7, b"\1") + _element(0x86, codec)
    parts = _element(0x1549A966, info) + _element(0x1654AE6B, _element(0xAE, track))
    if secret:
        parts += _element(0x1254C367, _element(0x7373, SECRET))
    blocks = [n * 20 for n in range(round(seconds * 50))]
    for second in range(math.ceil(seconds)):
        cluster = _element(0xE7, (second * 1000).to_bytes(4, "big"))
        for at in blocks[second * 50 : second * 50 + 50]:
            cluster += _element(0xA3, b"\x81" + struct.pack(">h", at - second * 1000) + b"\x80\xfc")
        parts += _element(0x1F43B675, cluster, unknown=True)
    head = _element(0x1A45DFA3, _element(0x4282, b"webm"))
    return head + _element(0x18538067, parts, unknown=True)
