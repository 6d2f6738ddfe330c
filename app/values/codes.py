"""The code sets of a cadre file: code -> Chinese label, from the national standards."""

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from app.values.bad import BadValue


class BadCode(BadValue):
    """The text is neither a code nor a label of the set; the message is in Chinese."""


# GB/T 3304-1991, in the order of the standard: 01 to 56.
_IN_ORDER = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 "
    "塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
_PEOPLES = _IN_ORDER.split()

_RANK = {
    # GB/T 12407-2008, civil servants.
    "101": "国家级正职",
    "102": "国家级副职",
    "111": "省部级正职",
    "112": "省部级副职",
    "121": "厅局级正职",
    "122": "厅局级副职",
    "131": "县处级正职",
    "132": "县处级副职",
    "141": "乡科级正职",
    "142": "乡科级副职",
    "150": "科员级",
    "160": "办事员级",
    "199": "未定职公务员",
    # The same, staff of public institutions.
    "211": "一级职员",
    "212": "二级职员",
    "221": "三级职员",
    "222": "四级职员",
    "231": "五级职员",
    "232": "六级职员",
    "241": "七级职员",
    "242": "八级职员",
    "251": "九级职员",
    "252": "十级职员",
    # The same, professional and technical posts.
    "410": "高级",
    "411": "正高级",
    "412": "副高级",
    "420": "中级",
    "430": "初级",
    "434": "助理级",
    "435": "员级",
    "499": "未定职级专业技术人员",
    # The ranks of 2019 (公务员职务与职级并行规定), which the standard lacks: codes of our own.
    "C01": "一级巡视员",
    "C02": "二级巡视员",
    "C11": "一级调研员",
    "C12": "二级调研员",
    "C13": "三级调研员",
    "C14": "四级调研员",
    "C21": "一级主任科员",
    "C22": "二级主任科员",
    "C23": "三级主任科员",
    "C24": "四级主任科员",
    "C31": "一级科员",
    "C32": "二级科员",
}

_HEALTH = {
    # GB/T 2261.3-2003: one digit, and two where the file knows more.
    "1": "健康或良好",
    "2": "一般或较弱",
    "3": "有慢性病",
    "31": "心血管病",
    "32": "脑血管病",
    "33": "慢性呼吸系统病",
    "34": "慢性消化系统病",
    "35": "慢性肾炎",
    "36": "结核病",
    "37": "糖尿病",
    "38": "神经或精神疾病",
    "41": "癌症",
    "49": "其他慢性病",
    "6": "残疾",
    "61": "视力残疾",
    "62": "听力残疾",
    "63": "言语残疾",
    "64": "肢体残疾",
    "65": "智力残疾",
    "66": "精神残疾",
    "67": "多重残疾",
    "69": "其他残疾",
}

_SETS: dict[str, dict[str, str]] = {
    # GB/T 2261.1-2003
    "sex": {"0": "未知的性别", "1": "男", "2": "女", "9": "未说明"},
    "ethnicity": {f"{number:02d}": f"{people}族" for number, people in enumerate(_PEOPLES, start=1)}
    | {"97": "其他", "98": "外国血统中国籍人士"},
    # GB/T 4762-1984
    "political_status": {
        "01": "中共党员",
        "02": "中共预备党员",
        "03": "共青团员",
        "04": "民革党员",
        "05": "民盟盟员",
        "06": "民建会员",
        "07": "民进会员",
        "08": "农工党党员",
        "09": "致公党党员",
        "10": "九三学社社员",
        "11": "台盟盟员",
        "12": "无党派民主人士",
        "13": "群众",
    },
    "retirement_type": {"lixiu": "离休", "tuixiu": "退休", "tuizhi": "退职"},
    "rank": _RANK,
    # The treatment a person enjoys: a rank, or the medical treatment of provincial level alone.
    "treatment_level": _RANK | {"M11": "省部级医疗待遇"},
    "living_arrangement": {
        "alone": "独居",
        "empty_nest": "空巢",
        "with_children": "与子女同住",
        "with_carer": "与保姆同住",
    },
    "health_status": _HEALTH,
    "life_status": {"living": "健在", "deceased": "已故"},
    "employment": {"full_time": "专职", "part_time": "兼职"},
}

# Other ways offices write the same thing in their rosters.
_ALIASES: dict[str, dict[str, str]] = {
    "sex": {"男性": "1", "女性": "2", "未知": "0"},
    "ethnicity": {people: f"{number:02d}" for number, people in enumerate(_PEOPLES, start=1)}
    | {"毛难族": "36", "崩龙族": "46", "其它": "97", "外国血统": "98"},
    "political_status": {
        "党员": "01",
        "中共": "01",
        "中国共产党党员": "01",
        "预备党员": "02",
        "中国共产党预备党员": "02",
        "团员": "03",
        "民革": "04",
        "民革会员": "04",
        "民盟": "05",
        "民建": "06",
        "民进": "07",
        "农工党": "08",
        "致公党": "09",
        "九三学社": "10",
        "台盟": "11",
        "无党派": "12",
        "无党派人士": "12",
    },
    "living_arrangement": {"空巢老人": "empty_nest", "和子女同住": "with_children", "和保姆同住": "with_carer"},
    "health_status": {
        "10": "1",
        "20": "2",
        "30": "3",
        "60": "6",
        "健康": "1",
        "良好": "1",
        "一般": "2",
        "较弱": "2",
        "慢性病": "3",
    },
    "life_status": {"在世": "living", "离世": "deceased", "去世": "deceased", "已去世": "deceased"},
    "rank": {"正省级": "111", "副省级": "112"},
}
_RANK_SHORT = {"正厅级": "121", "副厅级": "122", "正处级": "131", "副处级": "132", "正科级": "141", "副科级": "142"}
_ALIASES["rank"] |= _RANK_SHORT | {"正部级": "111", "副部级": "112", "科员": "150", "办事员": "160"}
_ALIASES["treatment_level"] = _ALIASES["rank"] | {"省级医疗待遇": "M11", "部级医疗待遇": "M11"}

SETS: Mapping[str, Mapping[str, str]] = MappingProxyType({k: MappingProxyType(v) for k, v in _SETS.items()})


def label(set_name: str, code: str | None) -> str | None:
    """Return the Chinese label of a code, None for None. Raises BadCode for an unknown one.

    `set_name` is a key of SETS; any other is a mistake of the caller and a KeyError.
    """
    if code is None:
        return None
    if code not in SETS[set_name]:
        raise BadCode("code_unknown", "代码不在规定的范围内")
    return SETS[set_name][code]


def check(set_name: str, code: str) -> str:
    """Return the code itself when the set has it (for the API). Raises BadCode."""
    if not isinstance(code, str) or code not in SETS[set_name]:
        raise BadCode("code_unknown", f"只能是以下之一：{_offer(set_name)}")
    return code


def by_label(set_name: str, text: str) -> str:
    """Return the code for a code, a label or a common short form (for spreadsheets).

    Full-width forms and blanks do not matter, and a code with leading zeros may have lost
    them in the spreadsheet (`1` for `01`). Raises BadCode, naming what is possible.
    """
    wanted = "".join(unicodedata.normalize("NFKC", str(text)[:60]).split())
    codes = SETS[set_name]
    if wanted in codes:
        return wanted
    for code, known in codes.items():
        if wanted == known:
            return code
    alias = _ALIASES.get(set_name, {}).get(wanted) or _restored(codes, wanted)
    if alias is None:
        raise BadCode("code_unknown", f"无法识别，只能是以下之一：{_offer(set_name)}")
    return alias


def labels(set_name: str) -> list[str]:
    """Return all labels in the order of the standard, for the pick-lists of a template."""
    return list(SETS[set_name].values())


def choices(set_name: str) -> list[tuple[str, str]]:
    """Return (code, label) pairs in order, for a form."""
    return list(SETS[set_name].items())


def _restored(codes: Mapping[str, str], wanted: str) -> str | None:
    # "1.0": a number cell of a spreadsheet read as text.
    bare = wanted.removesuffix(".0")
    for candidate in (bare, bare.zfill(2)):
        if bare.isascii() and bare.isdigit() and candidate in codes:
            return candidate
    return None


def _offer(set_name: str) -> str:
    names = labels(set_name)
    return "、".join(names[:13]) + (" 等" if len(names) > 13 else "")
