"""WAV (RIFF, Microsoft 1991), AMR (RFC 4867) and MP3 (ISO 11172-3 with ID3 and APE tags)."""

from lifang.core.files.sound.edits import MOST_PARTS, Broken, Walked

#: chunks of a WAV file that sound needs
_NEEDED = (b"fmt ", b"data", b"fact")
#: bytes of a frame of 20 ms behind its first, by mode
_AMR = (12, 13, 15, 17, 19, 20, 26, 31, 5)
_AMR_WB = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5)
#: kbit/s of layer III, for MPEG 1 and for MPEG 2 and 2.5; samples a second, by version
_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def wav(data: bytes) -> Walked:
    """Chunks that are not sound become ``JUNK``. A recording that was cut off counts as it is."""
    found, at, rate, sound = Walked(), 12, 0, 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = min(at + 8 + size, len(data))
        if name == b"fmt ":
            rate = int.from_bytes(data[at + 16 : at + 20], "little")
        elif name == b"data":
            sound += end - at - 8
        if name not in _NEEDED:
            found.edits.append((at, b"JUNK"))
            found.zero(at + 8, end)
        at = end + size % 2
    if not rate or not sound:
        raise Broken("no sound")
    found.seconds = sound / rate
    return found


def amr(data: bytes) -> Walked:
    """AMR holds nothing but frames."""
    wide = data[:9] == b"#!AMR-WB\n"
    if not wide and data[:6] != b"#!AMR\n":
        raise Broken("no AMR")
    sizes, at, frames = (_AMR_WB if wide else _AMR), 9 if wide else 6, 0
    while at < len(data):
        mode = data[at] >> 3 & 15
        if mode >= len(sizes) and mode not in (14, 15):
            break
        at += 1 + (sizes[mode] if mode < len(sizes) else 0)
        frames += 1
    if not frames:
        raise Broken("no frame")
    return Walked(seconds=frames * 0.02)


def mp3(data: bytes) -> Walked:
    """Tags are emptied. The length is that of all frames, which need not be of one rate."""
    found, at, end = Walked(), 0, len(data)
    while data[at : at + 3] == b"ID3":
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 0x7F
        stop = min(at + 10 + size, len(data))
        # a tag of nothing but padding; flags for extended header and the like go too
        found.edits.append((at + 5, b"\0"))
        found.zero(at + 10, stop)
        at = stop
    if data[end - 128 : end - 125] == b"TAG":
        found.zero(end - 125, end)
        end -= 128
    if data[end - 32 : end - 24] == b"APETAGEX":
        size = int.from_bytes(data[end - 20 : end - 16], "little")
        found.zero(max(at, end - size - 32), end)
        end -= min(size, end - at)
    found.seconds = _frames(data, at, end)
    return found


def _frames(data: bytes, at: int, end: int) -> float:
    seconds, parts, lost = 0.0, 0, 0
    while at + 4 <= end and parts < MOST_PARTS:
        parts += 1
        size, length = _frame(data[at : at + 4])
        if not size:
            lost += 1
            if lost > 65_536:
                break
            at += 1
            continue
        seconds += length
        at += size
    if seconds < 0.02:
        raise Broken("no frame")
    return seconds


def _frame(head: bytes) -> tuple[int, float]:
    """Bytes and seconds of a frame of layer III by its head; zeros where it is none."""
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0 or head[1] >> 1 & 3 != 1:
        return 0, 0.0
    version, rate, samples = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or samples == 3:
        return 0, 0.0
    hertz = _SAMPLES[version][samples]
    kbits, block = (_RATES[rate], 1152) if version == 3 else (_RATES_2[rate], 576)
    return block // 8 * kbits * 1000 // hertz + (head[2] >> 1 & 1), block / hertz
