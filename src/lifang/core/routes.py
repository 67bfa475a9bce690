"""The router of ``core``: one for ``urls`` to add."""

from lifang.core.api import Router
from lifang.core.api_files import router as files_router
from lifang.core.api_imports import router as imports_router
from lifang.core.api_notify import router as notify_router
from lifang.core.api_system import router as system_router

router = Router()
router.add_router("", files_router)
router.add_router("", notify_router)
router.add_router("", system_router)
router.add_router("", imports_router)
