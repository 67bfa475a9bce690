"""``lifang demo``: a made-up district by code, then the loop live on it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lifang.cli.common import Data, Host, Port, ready

#: where real messages lie beside a checkout; without them the demo's own reports come in
REAL = Path("..") / "shared" / "data"


def demo(
    data: Data = Path("demo-data"),
    cases: Annotated[int, typer.Option(help="已结案件数（一年内）")] = 20_000,
    seed: Annotated[int, typer.Option(help="随机种子，相同则结果相同")] = 1,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="是否启动服务")] = True,
    feed: Annotated[bool, typer.Option("--feed/--no-feed", help="是否有新的上报陆续进来")] = True,
    speed: Annotated[
        float,
        typer.Option(
            min=1,
            envvar="LIFANG_DEMO_SPEED",
            help="真实诉求的加速倍数：21600 即 1 秒相当于原来 6 小时",
        ),
    ] = 21600,
    port: Port = 8000,
    host: Host = "127.0.0.1",
) -> None:
    """演示：生成一个虚构的区，启动服务，真实诉求从公众入口陆续进来。"""
    os.environ["LIFANG_DEMO"] = "true"
    os.environ["LIFANG_PORT"] = str(port)
    os.environ["LIFANG_DEMO_SPEED"] = str(speed)
    if "LIFANG_REAL_DATA" not in os.environ and REAL.is_dir():
        os.environ["LIFANG_REAL_DATA"] = str(REAL.resolve())
    ready(data)
    from django.db import connections

    from lifang.demo import run

    run.build(cases=cases, seed=seed)
    connections.close_all()
    if not serve:
        return
    from lifang.cli import supervise

    extra = [supervise.Child("demo_feed", may_end=True)] if feed else []
    raise typer.Exit(supervise.up(host=host, port=port, extra=extra, migrated=True))
