"""A sheet whose rows were thinned out, closed up again: cells, heights, merges, rules and links move along."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from copy import copy

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.worksheet import Worksheet


def close_gaps(page: Worksheet, header_row: int, kept: Sequence[int]) -> dict[int, int]:
    """Move the `kept` rows (sorted, below the header) up under it; return old → new row number.

    Everything is rebuilt in one pass: deleting rows one by one costs the whole sheet each time.
    """
    rows = [*range(1, header_row + 1), *kept]
    places = {old: new for new, old in enumerate(rows, start=1)}
    _move_cells(page, places)
    _move_heights(page, places)
    _move_merges(page, rows)
    _move_rules(page, rows)
    page.auto_filter.filterColumn = []
    page.auto_filter.sortState = None
    if page.auto_filter.ref:
        page.auto_filter.ref = _squeeze_text(page.auto_filter.ref, rows) or None
    page._images = [item for item in page._images if item.anchor._from.row < header_row]
    page._charts = [item for item in page._charts if item.anchor._from.row < header_row]
    for name in list(page.tables):
        del page.tables[name]
    page.print_area = None
    page.row_breaks.brk = []
    return {old: places[old] for old in kept}


def _move_cells(page: Worksheet, places: dict[int, int]) -> None:
    """Put the cells and their links in their new rows."""
    moved = {}
    for (row, column), cell in sorted(page._cells.items(), key=lambda item: item[0]):
        if row in places:
            cell.row = places[row]
            moved[cell.row, column] = cell
    page._cells = moved
    page._hyperlinks = []
    for cell in moved.values():
        if cell.hyperlink is not None:
            cell.hyperlink.ref = cell.coordinate
            page._hyperlinks.append(cell.hyperlink)


def _move_heights(page: Worksheet, places: dict[int, int]) -> None:
    """Keep the heights of the rows that stay; a row hidden by a filter is shown."""
    heights = {row: page.row_dimensions[row].height for row in list(page.row_dimensions) if row in places}
    page.row_dimensions.clear()
    for row, height in heights.items():
        if height is not None:
            page.row_dimensions[places[row]].height = height


def _move_merges(page: Worksheet, rows: Sequence[int]) -> None:
    """Shrink merged ranges to the rows that stay; one cell alone is no longer merged."""
    merged = []
    for area in page.merged_cells.ranges:
        squeezed = _squeeze(area, rows)
        if squeezed is not None and squeezed.size["rows"] * squeezed.size["columns"] > 1:
            area.min_row, area.max_row = squeezed.min_row, squeezed.max_row
            merged.append(area)
    page.merged_cells.ranges = set(merged)


def _move_rules(page: Worksheet, rows: Sequence[int]) -> None:
    """Let pick-lists and conditional formats cover the rows that stay."""
    checks = []
    for check in page.data_validations.dataValidation:
        check.sqref = _squeeze_all(check.sqref, rows)
        if check.sqref.ranges:
            checks.append(check)
    page.data_validations.dataValidation = checks
    formats = page.conditional_formatting
    page.conditional_formatting = ConditionalFormattingList()
    for entry in formats:
        ranges = _squeeze_all(entry.sqref, rows)
        for rule in entry.rules:
            if ranges.ranges:
                page.conditional_formatting.add(str(ranges), copy(rule))


def _squeeze(area: CellRange, rows: Sequence[int]) -> CellRange | None:
    """Return the range over the rows that stay, in their new places; None when none does."""
    top = bisect_left(rows, area.min_row) + 1
    bottom = bisect_right(rows, area.max_row)
    if top > bottom:
        return None
    return CellRange(min_col=area.min_col, max_col=area.max_col, min_row=top, max_row=bottom)


def _squeeze_all(areas: MultiCellRange, rows: Sequence[int]) -> MultiCellRange:
    """Squeeze each of several ranges."""
    squeezed = (_squeeze(area, rows) for area in areas.ranges)
    return MultiCellRange([area for area in squeezed if area is not None])


def _squeeze_text(reference: str, rows: Sequence[int]) -> str:
    """Squeeze a reference such as A1:F900; return "" when nothing stays."""
    squeezed = _squeeze(CellRange(reference), rows)
    return squeezed.coord if squeezed is not None else ""
