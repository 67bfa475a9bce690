"""What every command starts with and ends with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None, typer.Option("--data", help="数据目录（数据库、文件、密钥），默认 ./data")
]
Port = Annotated[int, typer.Option("--port", help="监听端口")]
Host = Annotated[str, typer.Option("--host", help="监听地址")]


def choose(data: Path | None) -> None:
    """Settle the data folder, before any settings are read."""
    if data is not None:
        os.environ["LIFANG_DATA"] = str(data)


def start(data: Path | None = None) -> None:
    """Load Django, for a command that works on the database."""
    choose(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
    import django

    django.setup()


def ready(data: Path | None = None) -> None:
    """Load Django and see that the database is of this version; a new one is made so."""
    start(data)
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.loader.applied_migrations:
        call_command("migrate", verbosity=0, interactive=False)
    elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
        typer.echo("数据库是旧版本的：请先备份，再运行 lifang up（会自动升级）。", err=True)
        raise typer.Exit(1)


@contextmanager
def ending() -> Iterator[None]:
    """A refusal is told in its own words and ends the command with status 1."""
    from lifang.core.errors import Problem

    try:
        yield
    except Problem as problem:
        typer.echo(str(problem.message), err=True)
        for field in problem.fields:
            typer.echo(f"  {field.path}：{field.message}", err=True)
        raise typer.Exit(1) from None
