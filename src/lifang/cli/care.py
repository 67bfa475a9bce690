"""``lifang recover``, ``doctor``, ``move`` and ``openapi``: looking after a running district."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lifang.cli.common import Data, ready, start


def recover(data: Data = None) -> None:
    """找回被中断的后台任务（定时进程每分钟也会做一次）。"""
    ready(data)
    from lifang.core import recovery

    found = recovery.recover()
    for name, count in found.items():
        typer.echo(f"{name}：{count if count >= 0 else '失败，原因见日志'}")
    raise typer.Exit(1 if any(n < 0 for n in found.values()) else 0)


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="略过需要通读全部数据的检查")] = False,
    data: Data = None,
) -> None:
    """检查数据库、日志链、后台任务、日历、文件与设置，指出问题与处理办法。"""
    start(data)
    from lifang.core import doctor as examiner

    worst = 0
    for check, findings in examiner.examine(long=not quick):
        for finding in findings:
            mark = {"ok": "正常", "warning": "注意", "error": "错误"}[finding.level]
            typer.echo(f"[{mark}] {check.title}：{finding.message}")
            worst = max(worst, finding.level == "error")
    raise typer.Exit(int(worst))


def move(
    to: Annotated[str, typer.Option(help="目标库：postgresql://用户:口令@主机/库名，须为空库")],
    data: Data = None,
) -> None:
    """从 SQLite 迁移到 PostgreSQL：逐表复制，可续传，核对行数与校验和。"""
    os.environ["LIFANG_DATABASE_URL"] = ""
    ready(data)
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


def openapi(file: Annotated[Path, typer.Argument(help="写入的文件")]) -> None:
    """把接口描述（OpenAPI）写入文件。"""
    start()
    import json

    from lifang.urls import api

    text = json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str)
    file.write_text(text + "\n", encoding="utf-8")
