"""What a password must not be made of: words everybody tries first, and words everybody knows of its owner."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from pypinyin import Style, pinyin

_LIST = Path(__file__).with_name("common_passwords.txt")
_LOOKALIKES = ("01345789@$!", "oleastbgasi")  # p@ssw0rd
_SHORTEST, _PLACE, _MOST_READINGS, _REST = 4, (2, 3), 24, 6
_MARKS = re.compile(r"[\W_]+")


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    return frozenset(line for line in _LIST.read_text(encoding="utf-8").split("\n") if line and line[0] != "#")


def is_common(password: str) -> bool:
    """Whether it is one of the first guesses: on the list itself, or a listed word with digits and marks around it."""
    lowered = password.lower()
    plain = lowered.translate(str.maketrans(*_LOOKALIKES))
    bare = _MARKS.sub("", lowered)
    cores = {re.sub(r"^[\W\d_]+|[\W\d_]+$", "", each) for each in (lowered, plain)}
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)  # p@ssw0rd123: what follows the word is no letter of it
    cores.add(core.translate(str.maketrans(*_LOOKALIKES)))
    cores.add(re.sub(r"[\d_]", "", bare))
    return bool(({lowered, bare, *cores} - {""}) & _common())


def readings(name: str) -> Iterator[str]:
    """A name in pinyin in every reading of its characters, surname first and surname last."""
    spelt = pinyin(name, style=Style.NORMAL, heteronym=True, errors="ignore")
    for syllables in islice(product(*spelt), _MOST_READINGS):
        yield "".join(syllables)
        yield "".join((*syllables[1:], *syllables[:1]))


def places(units: Iterable[str]) -> list[str]:
    """The places in the names of units, and their pinyin: no password may be little else (`mostly`)."""
    words: set[str] = set()
    for unit in units:
        for length in _PLACE:
            place = unit[:length]
            words |= {place, *(each for each in readings(place) if each)}
    return sorted(each for each in words if each and (len(each) >= _SHORTEST or not each.isascii()))


def mostly(password: str, words: Iterable[str]) -> bool:
    """Whether a password is one of these words with hardly anything around it: somebody guesses it in an afternoon."""
    lowered = password.lower()
    return any(each.lower() in lowered and len(_MARKS.sub("", lowered.replace(each.lower(), ""))) < _REST
               for each in words)


def personal(*, phone: str, name: str, born: str | None = None) -> list[str]:
    """Words that point to a person: number and its tail, name and its pinyin, year of birth."""
    words = {phone, phone[-8:], phone[-6:], name, *readings(name)}
    if born:
        words |= {born[:4], born.replace("-", "")}
    return sorted(each for each in words if each and (len(each) >= _SHORTEST or not each.isascii()))
