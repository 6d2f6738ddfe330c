"""Sequences of acts, product and rules side by side: the same verdict, the same rights, the same lists."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from choosing import Chooser
from doing import Doing
from drawing import Act
from ground import Ground, Province, grow
from written_plans import Written
from written_rules import COLUMN_OF, FINE

Step = tuple[int, int]  # its place in the sequence as first drawn, the seed of its draw


# What ends in a right: whoever is told no stands in the log, also for how he filled it in.
GIVING = ("appoint", "remove", "nominate", "seat_nominee", "open_account", "amend_account", "suspend", "reactivate",
          "resend", "give", "take_back", "freeze", "thaw", "hand_over", "replace_administrator", "move_unit",
          "close_unit", "change_right", "ask_out", "ask_in", "answer_transfer")


class Breach(AssertionError):
    """The product does not do what is written."""


def product_facts(doing: Doing) -> dict[str, Any]:
    """What the tables hold, in the rules' words."""
    rows, name = doing.ground.rows, doing.named
    hashes = {hashlib.sha256(token.encode()).hexdigest(): session for session, token in doing.made.tokens.items()}
    return {
        "units": {name[row[0]]: (name.get(row[1]), row[2] == "open", row[3],
                                 [name[each] for each in row[4].strip("/").split("/")])
                  for row in rows("SELECT id, parent_id, status, name, path FROM units")},
        "accounts": {name[row[0]]: (name[row[1]], row[2], *map(bool, row[3:])) for row in rows(
            "SELECT id, unit_id, state, pc_grant, mobile_access, on_establishment, in_service, "
            "trained_on IS NOT NULL, must_change_password FROM accounts")},
        "numbers": rows("SELECT count(*) - count(DISTINCT phone_key) FROM accounts")[0][0],
        "grants": {name[row[0]]: (name[row[1]], name[row[2]], row[3], _columns(row[4]), row[5],
                                  *(str(day) if day is not None else None for day in row[6:8]), bool(row[8]),
                                  name.get(row[9]))
                   for row in rows("SELECT id, account_id, unit_id, role, columns, channel, until, since, "
                                   "frozen_at IS NOT NULL, given_by FROM grants")},
        "seats": {(name[row[0]], row[1]): (name[row[2]], name.get(row[3]))
                  for row in rows("SELECT unit_id, seat, account_id, appointed_by FROM administrators")},
        "plans": {name[row[0]]: row[1] for row in rows("SELECT id, state FROM planned_changes")},
        "filings": sorted((name[row[0]], row[1], name[row[2]], name[row[3]], bool(row[4])) for row in rows(
            "SELECT unit_id, act, receiver_unit_id, account_id, acknowledged_at IS NOT NULL FROM filings")),
        "nominations": {name[row[0]]: (name[row[1]], name[row[2]], row[3])
                        for row in rows("SELECT id, unit_id, account_id, state FROM nominations")},
        "transfers": {name[row[0]]: (name.get(row[1]), name[row[2]], *row[3:]) for row in rows(
            "SELECT id, account_id, unit_id, side, state FROM account_transfers")},
        "sessions": {hashes[row[0]] for row in rows("SELECT token_hash FROM login_sessions WHERE revoked_at IS NULL")},
        "records": {name[row[0]]: name[row[1]] for row in rows("SELECT id, unit_id FROM records")},
    }


def _columns(found: Any) -> list[str] | None:
    return json.loads(found) if isinstance(found, str) else found


def written_facts(rules: Written) -> dict[str, Any]:
    """What there is by the rules."""
    return {
        "units": {name: (each.parent, each.open, each.name, rules.upward(name)[::-1])
                  for name, each in rules.units.items()},
        "accounts": {name: (each.unit, each.state, each.pc, each.mobile, each.on_establishment, each.in_service,
                            each.trained, each.must_change) for name, each in rules.accounts.items()},
        "numbers": 0,
        "grants": {name: (each.account, each.unit, each.role,
                          sorted(each.columns) if each.columns is not None else None, each.channel,
                          *(str(day) if day is not None else None for day in (each.until, each.since)),
                          each.frozen, each.giver)
                   for name, each in rules.grants.items()},
        "seats": {place: (account, rules.seat_givers.get(place)) for place, account in rules.seats.items()},
        "plans": {name: each.state for name, each in rules.plans.items()},
        "filings": sorted((each.unit, each.act, each.receiver, each.account, each.acknowledged)
                          for each in rules.filings),
        "nominations": {name: (each.unit, each.account, each.state) for name, each in rules.nominations.items()},
        "transfers": {name: (each.account, each.to, each.side, each.state) for name, each in rules.transfers.items()},
        "sessions": {name for name, each in rules.sessions.items() if each.lives},
        "records": {name: unit for name, (_module, unit) in rules.records.items()},
    }


def written_lists(rules: Written, who: str) -> dict[str, Any]:
    """What every list shows to somebody by the rules."""
    if shut := rules.shut_out(who, pc=False):
        return dict.fromkeys(("units", "accounts", "filings", "nominations", *COLUMN_OF), shut)
    nothing = frozenset({403})
    accounts = rules.reach(who, "see accounts")
    filings, proposed = rules.reach(who, "see filings"), rules.reach(who, "see nominations")
    return {
        "units": rules.reach(who, "see units") or nothing,
        "accounts": {name for name, each in rules.accounts.items() if each.unit in accounts} if accounts else nothing,
        "filings": {f"{each.unit} {each.act} {each.account} {each.acknowledged}" for each in rules.filings
                    if each.unit in filings} if filings else nothing,
        "nominations": {name for name, each in rules.nominations.items()
                        if each.unit in proposed} if proposed else nothing,
    } | {module: {name for name, (kind, unit) in rules.records.items() if kind == module and unit in reach}
         if (reach := rules.reach(who, "see records", column)) else nothing for module, column in COLUMN_OF.items()}


def log_counts(doing: Doing) -> dict[str, int]:
    """How many lines the log has, by how it ended."""
    return {str(result): int(lines) for result, lines in
            doing.ground.rows("SELECT result, count(*) FROM audit_entries GROUP BY result")}


@dataclass
class Tally:
    """What was compared."""

    sequences: int = 0
    acts: int = 0
    done: int = 0
    lists: int = 0


def run(ground: Ground, base: Province, steps: Sequence[Step], tally: Tally, often: Sequence[str] = (),
        looks: float = 0.05, begun: Doing | None = None) -> None:
    """One sequence from the kept moment; raises Breach. `often` names acts to be drawn more than others, `looks`
    says how often somebody looks at all lists in the middle of it."""
    doing = begun or Doing.begin(ground, base)
    rules = doing.made.rules
    log = log_counts(doing)
    for place, seed in steps:
        drawn = Random(seed)
        act = Chooser(rules, drawn, place, often).act()
        log = _step(doing, act, log, tally)
        if drawn.random() < looks:
            _look(doing, _somebody(rules, drawn), act, tally)
            log = log_counts(doing)
    _look(doing, _somebody(rules, Random(steps[-1][1])), None, tally)
    tally.sequences += 1



def _step(doing: Doing, act: Act, log: dict[str, int], tally: Tally) -> dict[str, int]:
    rules = doing.made.rules
    idle = act.name == "change_right" and rules.as_it_is(act.told["grant"], act.told["right"])
    answer = getattr(doing, act.name)(**act.told)
    wanted = getattr(rules, act.name)(**act.told)
    tally.acts += 1
    if answer is None:
        tally.done += 1
        _same(product_facts(doing), written_facts(rules), act)
        return log_counts(doing)
    told = FINE if 200 <= answer.status_code < 300 else frozenset({answer.status_code})
    if ((told or wanted) and not told <= wanted) or bool(told) != bool(wanted):
        raise Breach(f"{act}: answered {answer.status_code} {answer.get_data(as_text=True)[:200]}, "
                     f"by the rules {sorted(wanted) or 'done'}")
    tally.done += not wanted
    _same(product_facts(doing), written_facts(rules), act)
    now = log_counts(doing)
    noted = answer.status_code in ((403, 404, 409, 422) if act.name in GIVING else (403, 404, 409))
    if noted and act.name != "log_in" and now.get("refused", 0) != log.get("refused", 0) + 1:
        raise Breach(f"{act}: refused with {answer.status_code}, and the log says {log}, then {now}")
    if not wanted and not idle and now["ok"] <= log["ok"]:
        raise Breach(f"{act}: done, and no line about it in the log")
    _hold(rules)
    return now


def _somebody(rules: Written, drawn: Random) -> str:
    """Mostly somebody who was given something."""
    given = {each.account for each in rules.grants.values()} | set(rules.seats.values())
    holders = [name for name, each in rules.sessions.items() if each.account in given and each.lives]
    return drawn.choice(holders if holders and drawn.random() < 0.8 else list(rules.sessions))


def _look(doing: Doing, who: str, after: Act | None, tally: Tally) -> None:
    rules = doing.made.rules
    _same(doing.lists(who), written_lists(rules, who), f"{who} looks after {after}")
    account = Random(len(rules.sessions)).choice(sorted(rules.accounts))
    seeing = rules.reach(who, "see accounts")
    wanted: Any = rules.shut_out(who, pc=False)
    if not wanted:
        mine = rules.reach(who, "see rights")
        wanted = {name for name, each in rules.grants.items() if each.account == account and each.unit in mine
                  } if rules.accounts[account].unit in seeing else frozenset({404})
    _same({"rights": doing.rights_of(who, account)}, {"rights": wanted}, f"{who} looks at {account} after {after}")
    tally.lists += 7


def _same(product: dict[str, Any], written: dict[str, Any], after: object) -> None:
    for what, found in product.items():
        if found != written[what]:
            raise Breach(f"{after}: {what} differ: {_difference(found, written[what])}")


def _difference(product: Any, written: Any) -> str:
    if isinstance(product, dict) and isinstance(written, dict):
        odd = [key for key in {**product, **written} if product.get(key) != written.get(key)]
        return "; ".join(f"{key}: {product.get(key)}, by the rules {written.get(key)}" for key in odd[:5])
    if isinstance(product, set) and isinstance(written, set):
        return f"too many {sorted(product - written)}, missing {sorted(written - product)}"
    return f"{product}, by the rules {written}"


def _hold(rules: Written) -> None:
    """What holds whatever happens, asked of the rules themselves."""
    phones = [each.phone for each in rules.accounts.values()]
    assert len(phones) == len(set(phones)), "one number, two accounts"
    assert all(number in (1, 2) for _unit, number in rules.seats), "a third seat"


def steps_of(seed: int, length: int) -> list[Step]:
    """A sequence as drawn from one number."""
    drawn = Random(seed)
    return [(place, drawn.randrange(2**48)) for place in range(1, length + 1)]


def sequences(ground: Ground, count: int, *, length: int, each: int, seed: int = 20_261_121,
              say: Callable[[str], None] = print) -> Tally:
    """So many sequences over random provinces, so many in each; the first breach is said at once, then shrunk."""
    tally = Tally()
    for number in range(count):
        if number % each == 0:
            base = grow(ground, seed + number)
        steps = steps_of(seed * 7 + number, length)
        try:
            run(ground, base, steps, tally)
        except (AssertionError, LookupError) as breach:
            where = f"{breach!r:.2000}\nin province {seed + number - number % each}, sequence {seed * 7 + number}"
            say(where)
            short = shrunk(ground, base, steps)
            raise Breach(f"{where}; shortest way:\n" + "\n".join(told(ground, base, short))) from breach
    return tally


def hunt(ground: Ground, base: Province, often: Sequence[str], *, most: int,
         length: int = 12) -> tuple[int, str] | None:
    """How many sequences it takes to see that something is wrong, and what was seen; None when nothing was."""
    for number in range(1, most + 1):
        try:
            run(ground, base, steps_of(number, length), Tally(), often, looks=0.2)
        except AssertionError as breach:
            return number, str(breach)
    return None


def _fails(ground: Ground, base: Province, steps: Sequence[Step]) -> bool:
    if not steps:
        return False
    try:
        run(ground, base, steps, Tally())
    except (AssertionError, LookupError):
        return True
    return False


def shrunk(ground: Ground, base: Province, steps: list[Step], most: int = 40, longest: float = 20.0) -> list[Step]:
    """Leave out what is not needed for the breach, in halves, then one by one; never for long: any way will do."""
    size, tried, began = max(1, len(steps) // 2), 0, time.monotonic()
    while size >= 1:
        start = 0
        while start < len(steps):
            if tried == most or time.monotonic() - began > longest:
                return steps
            shorter = steps[:start] + steps[start + size:]
            tried += 1
            if _fails(ground, base, shorter):
                steps = shorter
            else:
                start += size
        size //= 2
    return steps


def told(ground: Ground, base: Province, steps: Sequence[Step]) -> Iterator[str]:
    """The acts of a sequence in words, as far as it goes."""
    doing = Doing.begin(ground, base)
    for place, seed in steps:
        act = Chooser(doing.made.rules, Random(seed), place).act()
        answer = getattr(doing, act.name)(**act.told)
        wanted = getattr(doing.made.rules, act.name)(**act.told)
        yield f"  {act.name} {act.told}: {answer.status_code if answer is not None else '-'}, rules {sorted(wanted)}"
