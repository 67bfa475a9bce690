"""Write the OpenAPI document: the contract of the faces, the tests and the type generator."""

import json
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Write the OpenAPI schema as JSON to standard output."

    def handle(self, *args: Any, **options: Any) -> None:
        from lifang.urls import api

        self.stdout.write(
            json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str)
        )
