"""Numbers of people who do not exist: ID numbers of the unassigned region 320999, mobiles of reserved blocks."""

from collections import defaultdict
from datetime import date

UNASSIGNED_REGION = "320999"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REMAINDERS = "10X98765432"
# Low sequence numbers are left to fixtures and to rosters that are imported into the demonstration.
FIRST_SEQUENCE = 500
CADRE_MOBILES = 19_930_000_000
STAFF_MOBILES = 19_960_000_000


def check_digit(first_seventeen: str) -> str:
    """The eighteenth character of an ID number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return REMAINDERS[total % 11]


class IdNumbers:
    """Gives out ID numbers, none twice; the seventeenth digit is odd for men, even for women."""

    def __init__(self) -> None:
        self._given: defaultdict[tuple[date, bool], int] = defaultdict(int)

    def draw(self, birth_date: date, *, woman: bool) -> str:
        """The next free number for this day and sex. Raises ValueError when the day is used up (250 per sex)."""
        place = self._given[birth_date, woman]
        self._given[birth_date, woman] += 1
        sequence = FIRST_SEQUENCE + 2 * place + (0 if woman else 1)
        if sequence > 999:
            raise ValueError(f"too many people born on {birth_date}")
        stem = f"{UNASSIGNED_REGION}{birth_date:%Y%m%d}{sequence:03d}"
        return stem + check_digit(stem)


def cadre_mobile(serial: int) -> str:
    """The mobile of the cadre with this serial (1 and up): 19930000001 onwards, never a staff number."""
    return str(CADRE_MOBILES + serial)


def staff_mobile(serial: int) -> str:
    """The mobile of the member of staff with this serial (1 and up): 19960000001 onwards."""
    return str(STAFF_MOBILES + serial)
