"""`flask bootstrap`: the province and its first administrators, by command and once."""

import click
from flask.cli import with_appcontext

from app.administration import accounts, seats
from permissions import audit, transaction
from tenants import clock, provision, tree
from tenants.errors import Refusal


@click.command("bootstrap")
@click.option("--name", default="省委老干部局", show_default=True, help="Name of the province's unit.")
@click.option("--code", default="320000", show_default=True, help="Its code.")
@click.option("--administrator", "people", multiple=True, required=True, metavar="NAME:PHONE",
              help="First administrator; at most twice. The password goes out by SMS.")
@with_appcontext
def bootstrap(name: str, code: str, people: tuple[str, ...]) -> None:
    """Found the province and seat its first administrators (第七条). Refused once there is one."""
    if len(people) > 2:
        raise click.ClickException("第七条：系统管理员一般不超过2人。")
    try:
        with transaction.act("bootstrap"):
            if tree.root() is not None:
                raise click.ClickException("已有省级单位，不能重复建立。")
            unit = provision.found_province(name, code)
            audit.record("unit:open", "unit", unit.id, unit, after={"name": name, "code": code})
            for person in people:
                who, _colon, phone = person.partition(":")
                if not who.strip():
                    raise click.ClickException("请写成 姓名:手机号码。")
                account = accounts.make(unit, {
                    "kind": "staff", "name": who, "phone": phone, "employment": "full_time", "pc_grant": True,
                    "on_establishment": True, "in_service": True, "trained_on": clock.today(),
                }, by=None)
                seat = seats.seat_in(unit, account, by=None)
                audit.record("administrator:appoint", "administrator", account.id, unit, after={"seat": seat.seat})
    except Refusal as refusal:
        raise click.ClickException(f"{refusal.message} {refusal.fields or ''}") from refusal
    click.echo(f"{name}: {len(people)} administrator(s) seated; passwords are in the outbox")


COMMANDS = (bootstrap,)
