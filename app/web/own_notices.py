"""What somebody must know of their own account, on the first page: odd log-ins, a password about to end."""

from typing import Any

from flask import url_for

from app.administration import devices
from app.web.logins import device_words, moment_words
from permissions import rotation
from permissions.accounts import LoginSession
from permissions.guard import me


def own_notices() -> list[dict[str, str]]:
    """`{text, href, label, tone}` each, the gravest first; no more than one of a kind."""
    odd = devices.odd(me())
    strange = [each for each in odd if each.new_device and not _here(each)]
    found = [_strange(strange[0], len(strange))] if strange else []
    failed = sum(each.failed_before for each in odd if each.failed_before >= devices.MANY_FAILURES)
    if failed:
        found.append(_notice(f"最近有人用您的号码登录，输错了 {failed} 次。如果不是您，请修改密码。",
                             "logins.mine", "看登录记录"))
    left = rotation.days_left(me().account)
    if left is not None:
        when = f"{left} 天后" if left else "今天"
        found.append(_notice(f"您的密码{when}到期，到期以后登录要先换密码。", "auth.password", "现在就换"))
    return found


def _here(found: LoginSession) -> bool:
    here = me().session
    return here is not None and here.id == found.id


def _strange(latest: LoginSession, many: int) -> dict[str, str]:
    others = f"（共 {many} 次）" if many > 1 else ""
    device = device_words(latest.device, latest.channel)
    when = moment_words(latest.created_at)
    text = f"{when}，您的账号在一台没用过的设备上登录过：{device}{others}。是您本人吗？"
    return _notice(text, "logins.mine", "看一看")


def _notice(text: str, endpoint: str, label: str) -> dict[str, Any]:
    return {"text": text, "href": url_for(endpoint), "label": label, "tone": "warn"}
