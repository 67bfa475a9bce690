"""Text of whatever encoding a Chinese office saved it in. Needs no database."""

from django.utils.translation import gettext as _

from lifang.core.errors import Invalid


def decode(data: bytes) -> str:
    """Text of a Chinese office: UTF-8 where it is valid, else GB 18030 (GBK), else UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("import.encoding", _("文字编码无法识别，请在 Excel 中另存为“CSV UTF-8”后重试"))
