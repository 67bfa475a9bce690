"""Triggers of the journal and the text index, by engine (lifang.core.engine)."""

from typing import Any

from django.db import migrations

from lifang.core import engine


def _build(apps: Any, schema_editor: Any) -> None:
    engine.guard(schema_editor.connection)
    engine.search_index(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(_build, migrations.RunPython.noop)]
