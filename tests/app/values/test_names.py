"""Names: kept to the character, found by their sound."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.values.names import clean_name, mask_text, reading, search_key
from app.values.text import BadText

SURNAMES = "赵钱孙李周吴郑王单仇曾查解盖区朴任缪" + "𠮷𡈽𪚥䶮㛃" + "髙﨑侮"
COMPOUND = ["尉迟", "万俟", "欧阳", "阿不都", "买买提"]
GIVEN = "伟芳秀英娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂𬶍𫍯𩽾𬇙𣗋㐂㙓䜣龘靐堃喆翀犇" + "\u9fa5\U00031350\ue863"
TAILS = ["", "·艾力", "·买买提", "•阿卜杜拉", "・达瓦", "\U000e0100", " 小", "Ａ", "b", "（女）", "ｶ", "①"]


def hostile_and_rare_names():
    """Return 600 different names of every kind that a folding step would spoil."""
    dice = random.Random(20260331)
    made = set()
    while len(made) < 600:
        head = dice.choice([*SURNAMES, *COMPOUND])
        made.add(head + "".join(dice.choices(GIVEN, k=dice.choice([1, 2, 2, 3]))) + dice.choice(TAILS))
    return sorted(made)


def spoiled(clean):
    """Return the names that do not come through a cleaning function and UTF-8 unchanged."""
    return [n for n in hostile_and_rare_names() if clean(n).encode().decode() != n]


def test_six_hundred_names_come_through_unchanged():
    assert len(hostile_and_rare_names()) >= 500
    assert spoiled(clean_name) == []


def test_the_test_sees_folding():
    assert len(spoiled(search_key)) > 100
    assert len(spoiled(lambda n: n[:3])) > 100
    assert len(spoiled(lambda n: "".join(c for c in n if ord(c) < 0x10000))) > 100


@pytest.mark.parametrize(
    ("given", "kept"),
    [(" 张三 ", "张三"), ("\u3000张三\u3000", "张三"), ("张 三", "张 三"), ("𠮷" * 50, "𠮷" * 50)],
)
def test_only_blanks_around_are_dropped(given, kept):
    assert clean_name(given) == kept


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("", "name_empty"),
        ("  ", "name_empty"),
        ("张" * 51, "name_length"),
        ("𠮷" * 51, "name_length"),
        ("张" * 200_000, "name_length"),
        ("张\x00三", "name_characters"),
        ("张三\n", "name_characters"),
        ("张\t三", "name_characters"),
        ("张\r三", "name_characters"),
        ("张\x1b[31m三", "name_characters"),
        ("张\x7f三", "name_characters"),
        ("张\x85三", "name_characters"),
        ("张三\x1f", "name_characters"),
        ("张\ud842三", "name_characters"),
        ("\udc00", "name_characters"),
        ("张\ufffe三", "name_characters"),
        ("张\U0010ffff三", "name_characters"),
        ("张\u202e三", "name_characters"),
        ("张\u2066三", "name_characters"),
        ("张\u200b三", "name_characters"),
        ("\ufeff张三", "name_characters"),
        ("张\u2028三", "name_characters"),
        (None, "name_type"),
        (1, "name_type"),
        (b"x", "name_type"),
        (["张"], "name_type"),
    ],
    ids=lambda v: ascii(v)[:20],
)
def test_refused_names(bad, code):
    with pytest.raises(BadText, match="姓名") as caught:
        clean_name(bad)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "sound", "initials"),
    [
        ("单雄信", "shanxiongxin", "sxx"), ("仇英", "qiuying", "qy"), ("曾国藩", "zengguofan", "zgf"),
        ("查良镛", "zhaliangyong", "zly"), ("解珍", "xiezhen", "xz"), ("盖叫天", "gejiaotian", "gjt"),
        ("区适子", "oushizi", "osz"), ("朴正阳", "piaozhengyang", "pzy"), ("任重", "renzhong", "rz"),
        ("尉迟恭", "yuchigong", "ycg"), ("尉文", "weiwen", "ww"), ("万俟卨", "moqixie", "mqx"), ("万里", "wanli", "wl"),
        ("单于娜", "chanyuna", "cyn"), ("长孙无忌", "zhangsunwuji", "zswj"), ("缪荃孙", "miaoquansun", "mqs"),
        ("翟让", "zhairang", "zr"), ("眭桂", "suigui", "sg"), ("笪重光", "dachongguang", "dcg"), ("吕布", "lvbu", "lb"),
        ("秘书", "bishu", "bs"), ("石重阳", "shichongyang", "scy"), ("张三丰", "zhangsanfeng", "zsf"),
        ("张 三", "zhangsan", "zs"), ("欧阳修", "ouyangxiu", "oyx"), ("买买提·艾力", "maimaitiaili", "mmtal"),
        ("艾力•Ali", "ailiali", "ala"), ("Ｊohn", "john", "j"), ("𠮷田", "tian", "t"), ("𠮷", "", ""), ("", "", ""),
    ],
)  # fmt: skip
def test_readings(name, sound, initials):
    assert reading(name) == (sound, initials)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(st.text(max_size=50))
def test_a_reading_is_lower_case_ascii(text):
    sound, initials = reading(text)
    assert not sound or (sound.isascii() and sound.isalnum() and sound == sound.lower())
    assert len(initials) <= len(sound) <= 400


@pytest.mark.parametrize(
    "other", ["买买提•艾力", "买买提・艾力", "买买提.艾力", "买买提．艾力", " 买买提 · 艾力 ", "买买提‧艾力"]
)
def test_search_is_tolerant(other):
    assert search_key(other) == search_key("买买提·艾力")


@pytest.mark.parametrize(
    ("text", "keep", "masked"),
    [
        ("张三丰", 1, "张**"),
        ("张", 1, "*"),
        ("", 1, ""),
        ("射阳县合德镇", 3, "射阳县***"),
        ("𠮷" * 99, 1, "𠮷" + "*" * 8),
        ("张三", 0, "**"),
    ],
)
def test_masks(text, keep, masked):
    assert mask_text(text, keep) == masked
