"""Code sets: complete, unambiguous, and tolerant only where a spreadsheet needs it."""

import pytest

from app.values import codes as module
from app.values.codes import SETS, BadCode, by_label, check, choices, label, labels

SIZES = {
    "sex": 4, "ethnicity": 58, "political_status": 13, "retirement_type": 3, "rank": 43, "treatment_level": 44,
    "living_arrangement": 4, "health_status": 22, "life_status": 2, "employment": 2,
}  # fmt: skip


def test_sets_and_their_sizes():
    assert {name: len(codes) for name, codes in SETS.items()} == SIZES


@pytest.mark.parametrize(
    ("set_name", "code", "text"),
    [
        ("sex", "1", "男"), ("sex", "2", "女"), ("ethnicity", "01", "汉族"), ("ethnicity", "03", "回族"),
        ("ethnicity", "11", "满族"), ("ethnicity", "30", "土族"), ("ethnicity", "46", "德昂族"),
        ("ethnicity", "56", "基诺族"), ("ethnicity", "97", "其他"), ("ethnicity", "98", "外国血统中国籍人士"),
        ("political_status", "01", "中共党员"), ("political_status", "13", "群众"),
        ("retirement_type", "lixiu", "离休"), ("retirement_type", "tuixiu", "退休"),
        ("retirement_type", "tuizhi", "退职"), ("rank", "121", "厅局级正职"),
        ("rank", "252", "十级职员"), ("rank", "C01", "一级巡视员"), ("rank", "C24", "四级主任科员"),
        ("treatment_level", "M11", "省部级医疗待遇"), ("treatment_level", "142", "乡科级副职"),
        ("living_arrangement", "with_carer", "与保姆同住"), ("health_status", "3", "有慢性病"),
        ("health_status", "41", "癌症"), ("life_status", "deceased", "已故"), ("employment", "part_time", "兼职"),
    ],
)  # fmt: skip
def test_labels_of_codes(set_name, code, text):
    assert label(set_name, code) == text
    assert by_label(set_name, text) == code
    assert check(set_name, code) == code


# GB/T 3304-1991 written out a second time, number by number.
PEOPLES = """
    01汉 02蒙古 03回 04藏 05维吾尔 06苗 07彝 08壮 09布依 10朝鲜 11满 12侗
    13瑶 14白 15土家 16哈尼 17哈萨克 18傣 19黎 20傈僳 21佤 22畲 23高山 24拉祜
    25水 26东乡 27纳西 28景颇 29柯尔克孜 30土 31达斡尔 32仫佬 33羌 34布朗 35撒拉 36毛南
    37仡佬 38锡伯 39阿昌 40普米 41塔吉克 42怒 43乌孜别克 44俄罗斯 45鄂温克 46德昂 47保安 48裕固
    49京 50塔塔尔 51独龙 52鄂伦春 53赫哲 54门巴 55珞巴 56基诺
"""


def test_each_people_has_its_number():
    written = {entry[:2]: f"{entry[2:]}族" for entry in PEOPLES.split()}
    assert written | {"97": "其他", "98": "外国血统中国籍人士"} == dict(SETS["ethnicity"])


@pytest.mark.parametrize("set_name", SIZES)
def test_no_label_means_two_codes(set_name):
    assert len(set(labels(set_name))) == len(SETS[set_name])
    assert [c for c, _ in choices(set_name)] == list(SETS[set_name])
    for code, text in choices(set_name):
        assert by_label(set_name, code) == by_label(set_name, text) == code


def test_aliases_lead_to_codes_and_contradict_no_label():
    for set_name, aliases in module._ALIASES.items():
        assert set(aliases.values()) <= set(SETS[set_name])
        for alias in aliases:
            assert alias not in SETS[set_name], alias
            assert alias not in labels(set_name), alias


@pytest.mark.parametrize(
    ("set_name", "text", "code"),
    [
        ("ethnicity", "汉", "01"), ("ethnicity", " 汉 族 ", "01"), ("ethnicity", "1", "01"),
        ("ethnicity", "1.0", "01"),
        ("ethnicity", 1, "01"), ("ethnicity", 1.0, "01"), ("ethnicity", "０１", "01"),
        ("political_status", "党员", "01"), ("political_status", "13.0", "13"), ("sex", "男性", "1"),
        ("sex", 2.0, "2"), ("rank", "正处级", "131"),
        ("rank", 131.0, "131"), ("treatment_level", "副厅级", "122"), ("health_status", "健康", "1"),
        ("health_status", "30", "3"), ("life_status", "去世", "deceased"), ("retirement_type", "离休", "lixiu"),
    ],
    ids=str,
)  # fmt: skip
def test_what_rosters_write(set_name, text, code):
    assert by_label(set_name, text) == code


@pytest.mark.parametrize("text", ["", "汗", "99", "001", "½", "١", "-1", "1.5", None, "汉\x00", "汉" * 100_000, True])
def test_unknown_text_is_refused_and_the_possible_named(text):
    with pytest.raises(BadCode, match="汉族、蒙古族"):
        by_label("ethnicity", text)


@pytest.mark.parametrize("code", ["1", "汉族", "", " 01", "01\n", 1, None, [], {}])
def test_the_api_takes_codes_only(code):
    with pytest.raises(BadCode):
        check("ethnicity", code)


def test_label_of_nothing_and_of_unknown():
    assert label("sex", None) is None
    with pytest.raises(BadCode):
        label("sex", "3")
    with pytest.raises(KeyError):
        label("no_such_set", "1")


def test_sets_are_frozen():
    with pytest.raises(TypeError):
        SETS["sex"]["3"] = "x"
    with pytest.raises(TypeError):
        SETS["new"] = {}
