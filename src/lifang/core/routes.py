"""The router of ``core``: one for ``urls`` to add."""

from lifang.core.api import Router
from lifang.core.api_files import router as files_router

router = Router()
router.add_router("", files_router)
