"""Mobile phone numbers: one spelling for one number, since the number is the log-in."""

import re
import unicodedata

MAX_TYPED = 64

_HINT = "请填写 11 位中国大陆手机号码，例如 19900000000"

# [0-9] and \Z on purpose: \d takes digits of every script and $ a trailing newline.
_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})\Z")

# Marks that show nothing: copied along from chat programs and from contact lists, which
# wrap numbers in direction marks. U+2212 is the minus sign, U+00AD the soft hyphen.
_DROPPED = frozenset("()\u2212\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c") | frozenset(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)


class BadPhone(ValueError):
    """The text is no mainland mobile number; the message, in Chinese, says what to do."""

    code = "bad_phone"


def normalise(text: str) -> str:
    """Return the 11 ASCII digits of a mainland mobile number.

    Accepts full-width and other compatibility digits (NFKC), +86, 0086 or 86 in front,
    and spaces, hyphens, parentheses and zero-width marks anywhere. Everything else raises
    BadPhone: letters, digits of other scripts, control characters (so a trailing line
    break too), landlines, foreign numbers, wrong lengths. Number ranges are not looked up
    in a directory of assigned ones: those go stale and would lock a real person out.
    """
    if not isinstance(text, str) or not text.strip():
        raise BadPhone(f"手机号码不能为空。{_HINT}")
    if len(text) > MAX_TYPED:
        raise BadPhone(f"手机号码过长。{_HINT}")
    kept = "".join(c for c in unicodedata.normalize("NFKC", text) if not _dropped(c))
    if not re.fullmatch(r"\+?[0-9]*", kept):
        raise BadPhone(f"手机号码中有不能识别的字符。{_HINT}")
    match = _MOBILE.match(kept)
    if match is None:
        raise BadPhone(f"不是有效的手机号码。{_HINT}")
    return match.group(1)


def mask_phone(phone: str) -> str:
    """Return 199****0001 for a normalised number, and only asterisks for anything else."""
    if re.fullmatch(r"[0-9]{11}", phone):
        return f"{phone[:3]}****{phone[7:]}"
    return "*" * min(len(phone), 11)


def _dropped(character: str) -> bool:
    # Zs: spaces of all widths. Pd: hyphens and dashes of all lengths.
    return character in _DROPPED or unicodedata.category(character) in ("Zs", "Pd")
