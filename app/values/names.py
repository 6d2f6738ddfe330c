"""Names of people: kept exactly as written, found by pinyin."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from app.values.text import BadText, clean_line

NAME_LIMIT = 50

# Characters read differently as a surname than in ordinary words, where the dictionary
# behind the ordinary reading goes wrong. Reading: Xiandai Hanyu Cidian, entries marked 姓.
_SURNAMES = {
    "单": "shan", "仇": "qiu", "曾": "zeng", "查": "zha", "解": "xie", "盖": "ge", "区": "ou",
    "朴": "piao", "任": "ren", "尉": "wei", "缪": "miao", "繆": "miao", "秘": "bi", "冼": "xian",
    "洗": "xian", "乐": "yue", "员": "yun", "贠": "yun", "黑": "he", "种": "chong", "折": "she",
    "翟": "zhai", "谌": "chen", "覃": "qin", "宓": "mi", "隗": "wei", "晁": "chao", "郗": "xi",
    "牟": "mu", "能": "nai", "宁": "ning", "祭": "zhai", "繁": "po", "华": "hua", "纪": "ji",
    "过": "guo", "哈": "ha", "柏": "bai", "薄": "bo", "石": "shi", "沈": "shen", "葛": "ge",
    "盛": "sheng", "燕": "yan", "应": "ying", "臧": "zang", "藏": "zang", "曲": "qu", "相": "xiang",
    "鲜": "xian", "乜": "nie", "眭": "sui", "笪": "da", "贲": "ben", "贾": "jia", "夏": "xia",
    "隽": "juan", "撒": "sa", "费": "fei", "都": "du", "台": "tai", "占": "zhan", "召": "shao",
    "句": "gou", "干": "gan", "卜": "bu", "车": "che", "阚": "kan", "那": "na", "俞": "yu",
    "曹": "cao", "於": "yu", "冯": "feng", "褚": "chu", "翁": "weng", "陆": "lu", "万": "wan",
}  # fmt: skip
_DOUBLE_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "单于": ("chan", "yu"), "长孙": ("zhang", "sun"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "乐正": ("yue", "zheng"), "鲜于": ("xian", "yu"),
    "宰父": ("zai", "fu"), "皇甫": ("huang", "fu"), "宇文": ("yu", "wen"), "夏侯": ("xia", "hou"),
    "欧阳": ("ou", "yang"), "区阳": ("ou", "yang"), "尉遲": ("yu", "chi"), "單于": ("chan", "yu"),
}  # fmt: skip

_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．.", "·"))


def clean_name(value: str) -> str:
    """Return the name of a person, 1-50 characters, exactly as given. Raises BadText.

    Only blanks around it are dropped. `·`, full-width forms, variant characters and those
    beyond the Basic Multilingual Plane stay as they are; control and invisible characters,
    NUL and lone surrogates are refused. Searching is tolerant instead, see `search_key`.
    """
    try:
        return clean_line(value, NAME_LIMIT, required=True)
    except BadText as bad:
        raise BadText(bad.code.replace("text_", "name_"), f"姓名{bad.message}") from None


def search_key(text: str) -> str:
    """Return the form by which names are compared in a search, never the one stored.

    Compatibility forms and case are unified, blanks dropped, middle dots made one.
    """
    folded = unicodedata.normalize("NFKC", text.translate(_DOTS)).casefold().translate(_DOTS)
    return "".join(folded.split())


def reading(name: str) -> tuple[str, str]:
    """Return (pinyin, initials) in a-z and 0-9 for search and sorting: ("shanxiongxin", "sxx").

    Surnames have their own readings, 吕 is `lv` as input methods spell it. Characters
    without a known reading, dots and blanks are left out, so both may be "" for a name of
    rare characters only.
    """
    spoken = syllables(name)
    return "".join(spoken), "".join(syllable[0] for syllable in spoken)


def syllables(name: str) -> tuple[str, ...]:
    """Return the pinyin of a name syllable by syllable: ("shan", "xiong", "xin")."""
    bare = search_key(name)
    surname: tuple[str, ...]
    if bare[:2] in _DOUBLE_SURNAMES:
        surname, rest = _DOUBLE_SURNAMES[bare[:2]], bare[2:]
    elif bare[:1] in _SURNAMES:
        surname, rest = (_SURNAMES[bare[:1]],), bare[1:]
    else:
        # Read alone: a phrase of the dictionary must not reach across surname and name.
        surname, rest = _syllables(bare[:1]), bare[1:]
    # Foreign names and Latin letters have no surname in front; read those as a whole.
    if "·" in bare or re.match(r"[a-z0-9]", bare):
        surname, rest = _syllables(bare), ""
    return surname + _syllables(rest)


def mask_text(value: str, keep: int = 1) -> str:
    """Return the first `keep` characters and asterisks: 张**. At most eight asterisks.

    A text no longer than `keep` is hidden whole, and "" stays "".
    """
    shown = value[:keep] if len(value) > keep else ""
    return shown + "*" * min(len(value) - len(shown), 8)


def forget() -> None:
    """Let go of the readings kept lately."""
    _syllables.cache_clear()


@lru_cache(maxsize=20_000)  # surnames and given names return again and again
def _syllables(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for run in re.findall("[a-z0-9]+|[^a-z0-9·]+", text):
        # A run of Latin letters counts as one syllable.
        found += [run] if run[0].isascii() else lazy_pinyin(run, style=Style.NORMAL, errors="ignore")
    cleaned = (re.sub("[^a-z0-9]", "", syllable) for syllable in found)
    return tuple(syllable for syllable in cleaned if syllable)
