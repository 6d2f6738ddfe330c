"""What staff are told who open a page of the other end (第十条): where it is, and what it takes to get there."""

from collections.abc import Collection

from permissions.identity import Principal
from permissions.roles import Channel

ON_THE_PC = "这一页不能在这一端使用；请用电脑打开本网站，从电脑端登录后办理。"
NO_PC = "这一页不能在这一端使用，要在电脑端办理；您的账号没有开通电脑端，工作需要时请本单位系统管理员开通。"
ON_THE_PHONE = "这一页不能在这一端使用；请用手机打开本网站，从手机端登录后使用。"


def told_at(principal: Principal, channels: Collection[Channel]) -> str | None:
    """The sentence for a page of these ends; None where the end he came by is shut to him, and for a cadre."""
    account, here = principal.account, principal.channel
    if principal.is_cadre or here in channels:
        return None
    if here is Channel.pc:
        return ON_THE_PHONE if account.pc_grant else None
    return None if not account.mobile_access else ON_THE_PC if account.pc_grant else NO_PC
