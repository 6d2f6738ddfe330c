"""The words of every SMS, each wording ever used: a message keeps the version it was written under.

A changed wording is put behind the others; none is altered or taken out, since what was sent under it must be told.
"""

from collections.abc import Mapping, Sequence

WORDINGS: Mapping[str, Sequence[str]] = {
    "account_opened": (
        "您的银龄账号已开通。"
        "账号是本手机号码，初始密码是 {spaced}，72 小时内有效，首次登录请修改。"
        "工作人员不会向您索要密码。",
    ),
    "password_resent": (
        "您的银龄账号已重新发放初始密码：{spaced}，72 小时内有效，登录后请修改。"
        "工作人员不会向您索要密码。",
    ),
    "second_factor_reset": (
        "您的银龄账号的手机验证器已由系统管理员解除，所有设备已退出，请用密码登录后重新绑定。"
        "如果不是您本人申请的，请马上联系上级系统管理员。",
    ),
    "phone_left": (
        "您的银龄账号已改用新的手机号码，本号码不能再登录，也不再接收银龄短信。"
        "如果不是您本人申请的，请马上联系本单位系统管理员。",
    ),
    "phone_taken_up": (
        "您的银龄账号已改用本手机号码登录，原来的设备都已退出。工作人员不会向您索要密码。",
    ),
    "login_code": (
        "您的银龄登录验证码：{spaced}，5 分钟内有效。请不要告诉任何人，工作人员也不会向您索要。",
    ),
    "dormant": (
        "您的银龄账号已有 {days} 天没有登录，请抽空登录一次；有困难请联系本单位老干部工作人员。",
    ),
    "daily_digest": (
        "银龄待办提醒：{words}。请登录银龄办理。",
    ),
}


def newest(template: str) -> int:
    """The version messages are written under now, from 1."""
    return len(WORDINGS[template])


def wording(template: str, version: int) -> str:
    """The words of a version. KeyError for a template there never was, IndexError for a version."""
    if not 0 < version <= newest(template):
        raise IndexError(f"{template} has no version {version}")
    return WORDINGS[template][version - 1]
