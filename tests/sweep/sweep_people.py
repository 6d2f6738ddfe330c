"""Who asks and where things lie: the tree, the positions, the principals with their rights."""

from datetime import date

from sweep_reference import Person, Right

# name: (parent, kind). Positions as 射阳, the county in the middle, sees them.
PLACES: dict[str, tuple[str | None, str]] = {
    "江苏": (None, "province_bureau"),  # grandparent
    "盐城": ("江苏", "city_bureau"),  # parent
    "南通": ("江苏", "city_bureau"),  # other city
    "射阳": ("盐城", "county_bureau"),  # self
    "东台": ("盐城", "county_bureau"),  # sibling
    "海安": ("南通", "county_bureau"),  # cousin
    "合德镇": ("射阳", "township"),  # child
    "射阳教育局": ("射阳", "county_direct_unit"),  # child, and the unit administrator's self
    "安丰镇": ("东台", "township"),  # nephew
    "合德敬老院": ("合德镇", "subordinate_unit"),  # grandchild
    "新坍镇": ("射阳", "township"),  # moved in from 东台
    "千秋镇": ("东台", "township"),  # moved out to 东台
    "旧镇": ("射阳", "township"),  # closed, its rows gone over to 合德镇
}


def _grant(role: str, unit: str = "射阳", *columns: str, live: bool = True) -> tuple[Right, ...]:
    return (Right(role, unit, columns or None, live),)


def _seat(unit: str, *, live: bool = True) -> tuple[Right, ...]:
    return (Right("administrator", unit, None, live),)


PEOPLE = (
    Person("anonymous", session="none"),
    Person("revoked", "射阳", rights=_seat("射阳教育局", live=False), session="dead"),
    Person("suspended", "射阳", rights=_grant("clerk", live=False), session="dead"),
    Person("first login", "射阳", rights=_grant("clerk"), first_login=True),
    Person("nobody", "射阳"),
    Person("cadre", "射阳", "cadre", "mobile"),
    Person("cadre at the PC", "射阳", "cadre", "pc", door_open=False),
    Person("phone clerk", "射阳", end="mobile", rights=_grant("clerk")),
    Person("no PC grant", "射阳", rights=_grant("clerk"), door_open=False),
    Person("clerk", "射阳", rights=_grant("clerk")),
    Person("column clerk", "射阳", rights=_grant("clerk", "射阳", "precision_service")),
    Person("chief", "射阳", rights=_grant("chief")),
    Person("column chief", "射阳", rights=_grant("chief", "射阳", "party_garden")),
    Person("reviewer", "射阳", rights=_grant("reviewer")),
    Person("dismissed", "射阳", rights=(*_grant("clerk", "射阳", live=False), *_grant("chief", "盐城", live=False),
                                      *_grant("auditor", "旧镇", live=False))),
    Person("county auditor", "射阳", rights=_grant("auditor")),
    Person("province auditor", "江苏", rights=_grant("auditor", "江苏")),
    Person("unit administrator", "射阳教育局", rights=_seat("射阳教育局")),
    Person("county administrator", "射阳", rights=_seat("射阳")),
    Person("administrator on the phone", "东台", end="mobile", rights=_seat("东台")),
    Person("city administrator", "盐城", rights=_seat("盐城")),
    Person("province administrator", "江苏", rights=_seat("江苏")),
)
YESTERDAY = date(2026, 6, 9)
# Rights that count no more: past their day, for the other end, in a closed unit.
_SPENT = {
    "suspended": [("clerk", "射阳", None, "both", None)],
    "dismissed": [("clerk", "射阳", None, "both", YESTERDAY), ("chief", "盐城", None, "mobile", None),
                  ("auditor", "旧镇", None, "both", None)],
}


def rights_of(name: str) -> list[tuple[str, str, list[str] | None, str, date | None]]:
    """(role, unit, columns, channel, until) of the grants to write for a principal."""
    if name in _SPENT:
        return _SPENT[name]
    person = next(person for person in PEOPLE if person.name == name)
    return [(right.role, right.unit, list(right.columns) if right.columns else None, "both", None)
            for right in person.rights if right.role != "administrator"]
