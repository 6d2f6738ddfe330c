"""`flask demo load`: the demonstration province, into an empty database of a demonstration only."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app import registry
from app.cli.audit import anchor
from app.demo.load import SMALL, WHOLE, load
from permissions import sealing
from tenants import tree
from tenants.errors import Refusal

demo = AppGroup("demo", help="The demonstration province; everybody in it is invented.")
COMMANDS = (demo,)


@demo.command("load")
@click.option("--small", is_flag=True, help="The same tree with a twentieth of the cadres and records.")
def load_demo(small: bool) -> None:
    """Load units, people and records; the accounts to try are in demo_accounts.json of the instance folder."""
    settings = current_app.config["SETTINGS"]
    if not settings.demo:
        raise click.ClickException("这里不是演示环境：装入演示数据须设 YINLING_DEMO=1。")
    if tree.root() is not None:
        raise click.ClickException("数据库里已有单位，演示数据只能装入空的数据库。")
    _forget_former_log()
    cadre_total, record_total = SMALL if small else WHOLE
    try:
        file = load(Path(settings.instance), registry.modules(), cadre_total=cadre_total, record_total=record_total,
                    say=click.echo)
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"演示账号：{file}")


def _forget_former_log() -> None:
    """A folder may keep the head of the log of a database that is gone; it says nothing about the empty one."""
    if sealing.head().seq == 0:
        anchor().unlink(missing_ok=True)
