"""Why a goal is missed where it is, and what was tried: printed below the table for each goal with a missed figure."""

REASONS = {
    1: "Where a scope holds at most some thousand rows its runs are read and sorted, above that the days are "
       "walked; the layout compared with has an index for each level that ends in the order asked for. The "
       "dearest place is where both ways cross, a township here, and takes a millisecond. Tried when the layouts"
       " were compared: ranges on the record with two indexes and the planner's choice (14–28× at the worst "
       "level), the units joined (19–188×), the days alone (fails on sparse units); then the three ways of "
       "ADR-0018, which are in use.",
    2: "In the smaller data a unit, and on SQLite a township, has fewer records of a kind than a page shows: there is "
       "less to fetch, not less to search. A township on PostgreSQL has some 780 of a kind against some 80, and both "
       "are read whole and sorted, as any scope of at most a thousand is (ADR-0018); above that the days are walked, "
       "and ten times as many cost no more. Not tried: the newest of each unit of a township by itself, which would "
       "bound what is read at twenty rows a unit and begin anew in the index for each.",
    4: "The table compared with has no second lock, and lost every index that holds the scope column, 12 of 13. "
       "Tried by taking things away from an INSERT of 1,000 rows in one statement: those indexes are half of it,"
       " the key that holds number and unit together a quarter, the policy too little to see. The product's "
       "figure here sends row by row, where the policy is begun anew for each. Eight of the twelve are partial "
       "and an ordinary record is in few of them; the six that lists are picked from (ADR-0018) are what goals 1"
       " to 3 are met by. COPY is refused by PostgreSQL for whom row security binds; what writes many rows in "
       "earnest sends lists (ADR-0022).",
    5: "A move rewrites the paths of all units below, keeps the day of the move and brings the counters of every "
       "month and day from one line to the other. No record is touched. On PostgreSQL more than half of what is left "
       "is that UPDATE: the path is indexed, so each unit is entered anew in seven indexes; a fifth is the rows for "
       "the counters, a tenth the check of the paths. Tried: counters moved by delta rows instead of recounted, one "
       "UPDATE instead of two, paths checked once for a statement instead of unit by unit at the commit (12 to 17 ms "
       "became 2), statements compiled once, all in use; fewer indexes would save half of the UPDATE, but each is a "
       "foreign key's target, a uniqueness or the way to the children.",
    7: "The bare read is one statement; the product's is one as well, which tells the children and since when days "
       "are known, after one that tells the second lock the scope. Tried: children and figures as two statements "
       "(1.3–1.8×), all units summed at once (PostgreSQL sorts by texts, 2.2 ms against 1.6 at a city); the sums "
       "unit by unit are in use. The bare read's own plan differs between runs, and with it the ratio. Ten times the "
       "records fill months that were empty, so that there are more counters.",
    8: "As goal 7, and what is overdue needs the days from today to the month's end besides, about a third more "
       "rows. Tried: counters by due day for all months (3.8×), months and days grouped as one table (SQLite 2.2× at "
       "a city, apart 1.8×), a sum for each run of days (mixed); summed apart is in use.",
    9: "Each record leaves a row of changes for the counters in the same transaction, written by a trigger once for "
       "a statement, which is some 19 µs where each record is a statement of its own, as here. The figure scatters: "
       "0.97 to 1.33 with nothing between that touches it, 1.08 to 1.13 measured inside the server; sent as lists, "
       "as many rows are in earnest, 0.98 to 1.06. Tried (ADR-0015): changes of a statement grouped before they are "
       "written, which cost a writer of one record more than it saved a batch.",
    10: "In bulk a due date is one look-up in a list by number, all of a slab in one call (`itemgetter`), 17 to 20 ns; "
        "the loop beside it takes 190 to 196 µs. The ratio lies about its goal (9,688 to 11,520) and the hour decides.",
    11: "Twice the floor leaves one floor's worth of CPU for everything that guards a request. Tried, each "
        "measured (ADR-0014, ADR-0032): lists compiled once, rows instead of entities, statements past the "
        "driver's cursors, BEGIN, role, scope and first statement on one way, the end of a read not waited for, "
        "kept answers of the table of rights, one narrow statement for who asks. Left are Flask, the session "
        "around the statements, the policy's role and scope, 20 rows judged and masked. Asking who asks only now "
        "and then was not tried: a right taken away must hold at the next request.",
    12: "A row of a table joined to `records` is found visible by looking its record up: 84 pages of a page's "
       "300, about a tenth of its time. Tried: the setting read for each row (3,349× at a village), modes joined"
       " by OR (144×), the newest day of the whole tree looked up (a county passed over 315 hidden rows, 558 "
       "pages instead of 322), later days looked up within bounds (planned anew at each page, 4 ms). In use are "
       "the set in a scalar sub-select and a first day looked up within the scope's numbers. A unit's number on "
       "the joined tables would save the look-up and is not done. Changes that wait for the counters are judged "
       "row by row as well: with the ten thousands that goals 4 to 9 leave and no worker at hand (told above) "
       "the province's total came to 1.57× and its report to 1.77×; a worker folds within a second or two, and "
       "the bounded figures are of that.",
    13: "Both ways write the same rows into the same tables with their keys, counters and the second lock, and three "
       "quarters of what the database does for the product are the words names are found by (ADR-0023): fifteen "
       "index rows for each file and each account, strewn over their whole table; the comparison writes them too. "
       "The design's figure had a bare table. Tried (ADR-0022): COPY (refused, see goal 4), lists in one statement "
       "and the next part made while the database writes (both in use), words without ON CONFLICT (a third less, in "
       "use), words sorted or in collation C (nothing, or little); on SQLite 16 MB of memory and later checkpoints "
       "for parts written alone (in use; a quarter to a third less for insert and commit), nothing overwritten (no "
       "gain). Parts of 1,000 rows instead of 250 would take a sixth less, and others who write would wait as much "
       "longer.",
    14: "On SQLite the rest is Python: an id and a place for each unit; no trigger looks at new units there. Tried: "
       "one prepared statement with the rows as they are instead of the mapper's bulk insert (2.9× became 1.6×), "
       "which is in use.",
}
NOBODY = "Nobody has looked into it yet."


def why(goals: list[int]) -> list[str]:
    """A paragraph for each goal, in order."""
    return [f"- **{goal}.** {REASONS.get(goal, NOBODY)}" for goal in sorted(set(goals))]
