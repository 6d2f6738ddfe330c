"""Split a total over weights so that the parts add up exactly, the same way each time."""

from collections.abc import Sequence


def apportion(weights: Sequence[float], total: int) -> list[int]:
    """Whole parts of `total` in proportion to `weights` (largest remainder; ties go to the earlier one).

    Raises ValueError if no weight is positive while there is something to split.
    """
    whole = sum(weights)
    if whole <= 0:
        if total:
            raise ValueError("nothing to split over")
        return [0 for _ in weights]
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
