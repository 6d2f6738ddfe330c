"""The words under which a name is found: whole ones, so that a search is a comparison for equality (ADR-0023).

A name is found by any run of its characters, by its pinyin from any syllable on, and by any run of its initials. What
is stored are runs of characters, of whole syllables and of initials; a syllable that is typed in part stands for every
syllable that begins so.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from app.values import names
from app.values.names import search_key, syllables

LONGEST = 12  # longer runs of one name are found only as the whole name
_MARKS = frozenset(("Co", "Mc", "Mn"))

# As the dictionary of readings has them; `v` for ü, as input methods spell it.
_KNOWN = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biang biao bie bin bing bo bong bu ca cai can cang cao ce
cei cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci
cong cou cu cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die din ding diu dong dou du duan
dui dun duo e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu
gua guai guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji
jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai
kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao lie lin ling liu lo long lou lu
luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan nang nao
ne nei nen neng ni nia nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan pang pao pei
pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun ran rang
rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai shan shang shao she
shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui sun suo ta tai tan tang
tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei wen weng wo wong wu xi xia
xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun za
zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai zhuan
zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_KNOWN.split())
_MOST_LETTERS = max(map(len, SYLLABLES))


def fold(text: str) -> str:
    """What counts in a search: letters, digits and characters; case, width, blanks, dots and the like do not."""
    return "".join(each for each in search_key(text) if each.isalnum() or unicodedata.category(each) in _MARKS)


def words(name: str, spoken: Sequence[str] | None = None) -> list[str]:
    """Every word a name is found by, each once, never empty for a name of which anything counts.

    `spoken` are its syllables, for whoever has read them already.
    """
    spoken = syllables(name) if spoken is None else spoken
    found = [*_runs(fold(name)), *_runs(spoken), *_runs([each[0] for each in spoken], least=2)]
    if not SYLLABLES.issuperset(spoken):
        # Foreign letters are no syllables that a search could complete: each beginning is a word.
        found += [text[:end] for start in range(len(spoken)) for text in ["".join(spoken[start:])]
                  for end in range(1, len(text) + 1)]
    return list(dict.fromkeys(found))


def _runs(parts: Sequence[str], least: int = 1) -> Iterator[str]:
    for start in range(len(parts)):
        for end in range(start + least, min(len(parts), start + LONGEST) + 1):
            yield "".join(parts[start:end])
    if len(parts) > LONGEST:
        yield "".join(parts)


def sought(typed: str) -> list[str]:
    """The words that what was typed stands for; none when nothing of it counts."""
    wanted = fold(typed)
    if not wanted:
        return []
    return [wanted, *_completed(wanted)] if wanted.isascii() and wanted.isalpha() else [wanted]


@lru_cache(maxsize=4096)
def _completed(typed: str) -> tuple[str, ...]:
    """What was typed with its last syllable completed, in every way it can be cut."""
    found: set[str] = set()
    for cut in range(max(0, len(typed) - _MOST_LETTERS), len(typed)):
        head, tail = typed[:cut], typed[cut:]
        if _spoken(head):
            found |= {head + each for each in SYLLABLES if each.startswith(tail) and each != tail}
    return tuple(sorted(found))


def _spoken(text: str) -> bool:
    """Whether a text is a row of whole syllables."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(start in reached and text[start:end] in SYLLABLES
               for start in range(max(0, end - _MOST_LETTERS), end)):
            reached.add(end)
    return len(text) in reached


def spelled(name: str) -> dict[str, str]:
    """What is stored beside a name: its pinyin and the words it is found by."""
    whole, _initials, found = _spelled(name)
    return {"name_reading": whole, "name_words": found}


def initials(name: str) -> str:
    """The first letters of a name's syllables; for whoever spells the name anyway they cost nothing."""
    return _spelled(name)[1]


def forget() -> None:
    """Let go of the names spelled lately: those of a roster lie strewn among all it needed, and keep its memory."""
    _spelled.cache_clear()
    names.forget()


@lru_cache(maxsize=20_000)
def _spelled(name: str) -> tuple[str, str, str]:
    spoken = syllables(name)
    return "".join(spoken), "".join(each[0] for each in spoken), " ".join(words(name, spoken))
