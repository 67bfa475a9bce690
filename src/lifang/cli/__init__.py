"""The command ``lifang``, for operators. Every command imports what it needs when it runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="lifang",
    help="里坊：文明城市的闭环与成绩。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
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


@app.command()
def up(
    data: Data = None,
    port: Port = 8000,
    host: Host = "127.0.0.1",
    processes: Annotated[int, typer.Option(help="网页进程数")] = 1,
    threads: Annotated[int, typer.Option(help="每个网页进程的线程数")] = 4,
    workers: Annotated[int, typer.Option(help="后台任务进程数")] = 1,
) -> None:
    """启动全部服务：网页、后台任务、定时；先升级数据库，Ctrl-C 一并结束。"""
    from lifang.cli import supervise

    choose(data)
    raise typer.Exit(
        supervise.up(host=host, port=port, processes=processes, threads=threads, workers=workers)
    )


@app.command()
def move(
    to: Annotated[str, typer.Option(help="目标库：postgresql://用户:口令@主机/库名，须为空库")],
    data: Data = None,
) -> None:
    """从 SQLite 迁移到 PostgreSQL：逐表复制，可续传，核对行数与校验和。"""
    os.environ["LIFANG_DATABASE_URL"] = ""
    start(data)
    from lifang.cli import moving

    try:
        tables = moving.move(to, say=typer.echo)
    except moving.MoveFailed as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(1) from None
    for table in tables:
        if table.rows:
            typer.echo(f"{table.name:<40}{table.rows:>10}  {table.checksum[:16]}")
    rows = sum(t.rows for t in tables)
    typer.echo(f"两边一致：{len(tables)} 张表，{rows} 行。请设置 LIFANG_DATABASE_URL 后启动。")


@app.command()
def openapi(file: Annotated[Path, typer.Argument(help="写入的文件")]) -> None:
    """把接口描述（OpenAPI）写入文件。"""
    start()
    import json

    from lifang.urls import api

    text = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str)
    file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    app()
