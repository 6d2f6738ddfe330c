"""`/sessions/second-factor`, `/sessions/current/proof`, `/me/second-factor`: codes of an authenticator."""

from flask import Response, request
from flask_smorest import Blueprint

from app.administration import accounts, login, second_factor
from app.api.declare import routes
from app.api.reading import answer, no_body, nothing, values
from app.api.shapes import account_out, me_out
from app.schemas.bodies import FactorCodeBody, ProofBody, SecondStepBody
from permissions import proof, transaction
from permissions.actions import Action
from permissions.guard import guard, me, public, require, signed_in
from permissions.roles import PC
from tenants.errors import Invalid

blueprint = Blueprint("api_second_factor", __name__, url_prefix="/api/v1", description="手机验证器")
route = routes(blueprint)


def came(kept: str | None) -> login.Came:
    """Where the caller comes from."""
    return login.Came(request.remote_addr or "", request.headers.get("User-Agent", ""), kept or "")


@route("POST", "/sessions/second-factor", takes=SecondStepBody, gives=201)
@public()
def second_step() -> Response:
    """登录第二步：验证器上的数字，或一个恢复码"""
    found = values(SecondStepBody())
    entered = second_factor.redeem(found["challenge"], found["code"], came(found.get("device")))
    shown = me_out(entered.principal)
    return answer({"token": entered.token, "must_change_password": shown["must_change_password"],
                   "account": shown["account"], "device": entered.kept}, 201)


@route("POST", "/sessions/current/proof", takes=ProofBody, gives=204)
@signed_in(before_enrolment=True, late=True)
def prove() -> Response:
    """再确认一次是本人，15 分钟内有效"""
    found = values(ProofBody())
    typed = [each for each in (found.get("password"), found.get("code")) if each]
    if len(typed) != 1:
        raise Invalid(fields={"password": ["密码和验证码请填其中一项。"]})
    principal = me()
    if principal.session is not None:
        proof.take(principal, principal.session, typed[0], request.remote_addr or "")
    transaction.begin(writes=True)
    return nothing()


@route("GET", "/me/second-factor")
@signed_in(before_enrolment=True)
def my_factor() -> Response:
    """我的手机验证器"""
    found = second_factor.state(me())
    return answer({"bound": found.bound, "required": found.required, "recovery_left": found.recovery_left})


@route("POST", "/me/second-factor", gives=201)
@signed_in(before_enrolment=True, proved=True)
def begin() -> Response:
    """开始绑定：密钥和二维码内容，只在绑定完成前给出"""
    no_body()
    second_factor.begin(me())
    found = second_factor.state(me())
    return answer({"secret": found.secret, "uri": found.address}, 201)


@route("POST", "/me/second-factor/confirm", takes=FactorCodeBody)
@signed_in(before_enrolment=True, proved=True)
def confirm() -> Response:
    """用一个验证码完成绑定；恢复码只给这一次"""
    return answer({"recovery_codes": second_factor.confirm(me(), values(FactorCodeBody())["code"])})


@route("POST", "/me/second-factor/recovery-codes")
@signed_in(proved=True)
def renew() -> Response:
    """换一批恢复码，原来的作废"""
    no_body()
    return answer({"recovery_codes": second_factor.renew_recovery(me())})


@route("DELETE", "/me/second-factor", gives=204)
@signed_in(proved=True)
def give_up() -> Response:
    """不再使用手机验证器"""
    second_factor.give_up(me())
    return nothing()


@route("DELETE", "/accounts/<account_id>/second-factor")
@guard(Action.ACCOUNT_UPDATE, channels=PC)
def reset(account_id: str) -> Response:
    """解除一个账号丢失的手机验证器"""
    account = accounts.seen(account_id)
    require(Action.ACCOUNT_UPDATE, accounts.unit_of(account))
    return answer(account_out(second_factor.reset(account)))
