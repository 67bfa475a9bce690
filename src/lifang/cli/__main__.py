"""``python -m lifang.cli``: the same as ``lifang``."""

from lifang.cli import app

app()
