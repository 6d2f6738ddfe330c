"""Words no password is made of: the first guesses in every dress, and what everybody knows of its owner."""

import pytest

from permissions import passwords, weak_words


@pytest.mark.parametrize("password", [
    "password", "PASSWORD", "P@ssw0rd", "p@ssw0rd123", "Password2026!", "qwerty12345", "1qaz2wsx", "1q2w3e4r5t",
    "woaini1314", "WoAiNi520", "12345678", "11223344", "88886666", "admin@2026", "Admin123456", "iloveyou", "iloveyou2",
    "5201314a", "a123456789", "jiangsu2026", "yinling2026", "yancheng@123", "beijing2008", "woaizhongguo",
    "laoganbu123", "trustno1", "sunshine99", "abc12345", "abcd1234", "!!qwertyuiop!!", "zhangwei123", "letmein-2026",
    "mima1234"])
def test_first_guesses_are_refused_in_every_dress(password: str) -> None:
    assert weak_words.is_common(password)
    assert any("太简单" in fault for fault in passwords.weaknesses(password, kind="cadre"))


@pytest.mark.parametrize("password", [
    "haihe-zhen-72", "枫桥夜泊abc1234", "hua-kai-2026-fugui", "nongshi-72-ji", "66778899ab", "quite-another-74",
    "19490716", "nan-lai-bei-wang-3", "Xk7mPq2vLw"])
def test_others_are_not(password: str) -> None:
    assert not weak_words.is_common(password)
    assert passwords.weaknesses(password, kind="cadre") == []


@pytest.mark.parametrize("password", [
    "zhoujie-2026-x", "jiezhou-2026-x", "ZhouJie998877", "x周洁2026abcd",
    "q340001-abcde", "x19912340001", "born-1962-here", "xx19620304yy"])
def test_words_of_ones_own_are_refused(password: str) -> None:
    known = weak_words.personal(phone="19912340001", name="周洁", born="1962-03-04")
    assert passwords.weaknesses(password, kind="staff", personal=tuple(known))
    assert passwords.weaknesses("haihe-zhen-72", kind="staff", personal=tuple(known)) == []


@pytest.mark.parametrize(("password", "fine"), [
    ("sheyang-2026", False), ("jiangsu-9981-x", False), ("SheYang.12a", False), ("射阳998877", True),
    ("射阳12a", False), ("haihe-9981", False), ("haihe-zhen-72", True), ("haihe-liu-shui-7", True),
    ("sheyang-998877x", True), ("射阳真好998877a", True), ("xin-sheyang-hao-3", True)])
def test_a_place_is_refused_only_where_it_is_nearly_all(password: str, fine: bool) -> None:
    known = tuple(weak_words.places(["江苏省委老干部局", "射阳县委老干部局", "海河镇"]))
    faults = passwords.weaknesses(password, kind="cadre", places=known)
    assert not any("地名" in each for each in faults) if fine else any("地名" in each for each in faults)


def test_a_place_counts_whatever_the_case_of_the_town(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a rule that lets places pass."""
    monkeypatch.setattr(weak_words, "mostly", lambda _password, _words: False)
    assert passwords.weaknesses("haihe-9981", kind="cadre", places=tuple(weak_words.places(["海河镇"]))) == []


@pytest.mark.parametrize(("name", "password"), [("单雄信", "shanxiongxin-88"), ("仇英才", "qiuyingcai-88"),
                                                ("查良镛", "zhaliangyong-88"), ("曾国藩", "zengguofan-88")])
def test_a_surname_counts_in_every_reading(name: str, password: str) -> None:
    assert any(each in password for each in weak_words.personal(phone="19912340001", name=name))


def test_without_the_list_the_first_guess_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: an empty list."""
    monkeypatch.setattr(weak_words, "_common", lambda: frozenset())
    assert passwords.weaknesses("password2026", kind="staff") == []
