"""What must be done by a day: every kind of record, and the answers superiors and units owe."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app import registry
from app.deadlines.rulebook import Decided
from app.deadlines.rules import Within
from app.records.calendar import Timing, timing
from tenants.errors import NotFound

FILING, OPINION, RETURN = "filing_acknowledgement", "opinion_answer", "record_return"


@dataclass(frozen=True)
class Kind:
    """One kind of obligation: its name, what must be done, the day it counts from, and the default it comes with."""

    key: str
    title: str
    must: str
    trigger: str
    declared: Sequence[Within]


_answers = {each.key: each for each in (
    Kind(FILING, "报备确认", "确认", "报备之日", (Within(5, after="filed_on", article="第七条，参照第十八条"),)),
    Kind(OPINION, "意见建议答复", "答复", "提出之日", (Within(10, after="created_on", article="第十七条"),)),
    Kind(RETURN, "退回记录的更正", "更正", "退回之日", (Within(5, after="returned_on", article="参照第十八条"),)),
)}


def add(kind_: Kind) -> None:
    """Bring a kind of obligation that is no record; ValueError when another goes by that key."""
    if _answers.get(kind_.key, kind_) != kind_ or kind_.key in registry.modules():
        raise ValueError(f"two kinds of obligations are called {kind_.key}")
    _answers[kind_.key] = kind_


def kinds() -> Mapping[str, Kind]:
    """Every kind by key, records first."""
    found = {key: Kind(key, module.title, "录入", "工作结束之日", module.deadlines)
             for key, module in registry.modules().items()}
    return found | _answers


def kind(key: str) -> Kind:
    """The kind, or NotFound."""
    found = kinds().get(key)
    if found is None:
        raise NotFound
    return found


def decide(key: str, upward: Sequence[str], day: date, now: Timing | None = None) -> Decided:
    """When something of a kind is due in the unit that `upward` ends with; `now` where many are asked at once."""
    return (now or timing()).decide(key, kind(key).declared, upward, day)
