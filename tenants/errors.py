"""What can be refused, each with its status, its code and a Chinese sentence that says what to do.

Raised low (tree, rights, records), turned into an answer once (`app/errors.py`).
The order in which callers check is the contract's: 401, 403 `channel_closed`, 404, 403 `forbidden`, 409, 422.
"""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """Something asked for was not done, and nothing was changed."""

    status = 400
    code = "malformed"
    message = "请求的格式不对，请检查后重试。"

    def __init__(
        self,
        message: str | None = None,
        *,
        code: str | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.message = message or type(self).message
        self.code = code or type(self).code
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        super().__init__(self.message)


class Malformed(Refusal):
    """The request cannot be read at all."""


class SignedOut(Refusal):
    """No session, or one that has ended."""

    status = 401
    code = "signed_out"
    message = "您还没有登录，或登录已失效，请重新登录。"


class WrongCredentials(Refusal):
    """Phone and password do not belong together; says nothing about which was wrong."""

    status = 401
    code = "wrong_credentials"
    message = "手机号码或密码不正确，请核对后重试；忘记密码请联系本单位系统管理员重新发送。"


class ChannelClosed(Refusal):
    """This end (PC or phone) is not open to this account (Art. 10)."""

    status = 403
    code = "channel_closed"
    message = "您的账号不能在这一端使用，请改用手机端或联系本单位系统管理员。"


class PasswordChangeRequired(Refusal):
    """Before the first change only the change itself is open (Art. 9, 12)."""

    status = 403
    code = "password_change_required"
    message = "这是首次登录，请先修改密码。"


class SecondFactorRequired(Refusal):
    """The password was right; a code is still owed, against this challenge."""

    status = 401
    code = "second_factor_required"
    message = "密码正确，请再输验证器上的 6 位数字。"

    def __init__(self, challenge: str) -> None:
        self.challenge = challenge
        super().__init__()


class SecondFactorWrong(Refusal):
    """The code is not the one, or the challenge is over."""

    status = 401
    code = "wrong_code"
    message = "验证码不对，请再输一次。"


class EnrolmentRequired(Refusal):
    """An administrator without a second factor can do nothing but get one."""

    status = 403
    code = "second_factor_enrolment_required"
    message = "系统管理员要先绑定手机验证器，绑定以后才能办理业务。"


class PasswordWanted(Refusal):
    """What was asked for needs the password once more: it was typed too long ago, or was wrong just now."""

    status = 403
    code = "proof_required"
    message = "为了安全，请再输一次登录密码。"

    def __init__(self, message: str | None = None, *, wrong: bool = False) -> None:
        self.wrong = wrong
        super().__init__("密码不正确，请再输一次。" if wrong else message, code="wrong_password" if wrong else None)


class NotFound(Refusal):
    """Not there, or outside the scope: the two are not told apart."""

    status = 404
    code = "not_found"
    message = "没有找到，或不在您的管理范围内。"


class Forbidden(Refusal):
    """Seen, but not allowed."""

    status = 403
    code = "forbidden"
    message = "您没有办理这件事的权限；需要时请联系上级系统管理员。"


class Conflict(Refusal):
    """The state of things does not allow it now."""

    status = 409
    code = "conflict"
    message = "当前状态不能这样操作，请刷新后再试。"


class Stale(Conflict):
    """Somebody else changed it meanwhile."""

    code = "stale"
    message = "这条信息刚刚被别人改过，请刷新后再改。"


class Invalid(Refusal):
    """Fields that cannot be accepted, each with its reasons."""

    status = 422
    code = "invalid"
    message = "有内容需要更正，请看各项提示。"


class TooMany(Refusal):
    """Slowed down."""

    status = 429
    code = "slow_down"
    message = "尝试次数过多，请稍后再试。"

    def __init__(self, retry_after: int, message: str | None = None) -> None:
        self.retry_after = max(1, int(retry_after))
        super().__init__(message)


class Busy(TooMany):
    """Not the caller's fault: too many want the same slow thing at once."""

    status = 503
    code = "busy"
    message = "现在登录的人很多，请稍等几秒再试。"


class UnscopedQuery(RuntimeError):
    """A query on tenant data was not built by a scope: a defect of ours, never of the caller's input."""
