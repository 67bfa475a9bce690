"""The documentation tells what is true."""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent


def test_it_works() -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "doc_tables.py", "--check"], check=False
    )
    assert done.returncode == 0, "run `make docs`"


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("requirements/*.md"),
    ]:
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(PROJECT)} -> {target}")
    assert not broken, "\n".join(broken)
