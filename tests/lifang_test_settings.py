"""Settings of the test suite: a data folder of its own, a quick password hasher, tasks in the database.

A module, not lines in conftest.py, since pytest-django reads the settings before any conftest.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_DATA = Path(tempfile.mkdtemp(prefix="lifang-test-"))
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.environ["LIFANG_DATA"] = str(_DATA)
# models are slow: only the tests of pictures and recordings turn them on
os.environ["LIFANG_PICTURE_CHECKS"] = "0"
os.environ["LIFANG_SPEECH_ENGINE"] = "off"
for _name in ("LIFANG_BROKER_URL", "LIFANG_CACHE_URL", "LIFANG_MEDIA_URL", "LIFANG_DEMO"):
    os.environ.pop(_name, None)

from lifang.settings import *  # noqa: E402, F403  (the environment comes first)
from lifang.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # a file, as in life: threads of one test see one database
    DATABASES["default"]["TEST"] = {"NAME": _DATA / "test.sqlite3"}
# Seventy migrations take seconds, tables made from the models none: CI runs the former, people the latter
DATABASES["default"]["TEST"]["MIGRATE"] = os.environ.get("LIFANG_CI") == "1"
