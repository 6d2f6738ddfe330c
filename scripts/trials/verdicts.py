"""A table of what was measured, and a verdict for each line that has a bound."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One figure; `held` None is information only."""

    what: str
    seen: str
    wanted: str = ""
    held: bool | None = None


def told(title: str, lines: list[Line]) -> bool:
    """Print the table; whether everything held."""
    print(f"\n{title}")
    for line in lines:
        mark = {None: " ", True: "✓", False: "✗"}[line.held]
        print(f"  {mark} {line.what}:{line.seen}" + (f"(要求 {line.wanted})" if line.wanted else ""))
    held = all(line.held is not False for line in lines)
    print("结论:" + ("成立" if held else "不成立"), flush=True)
    return held


def middle(values: list[float]) -> float:
    """The median; 0 for none."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def high(values: list[float], share: float = 0.95) -> float:
    """The value that this share of all does not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
