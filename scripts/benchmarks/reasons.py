"""Why a goal is missed where it is, and what was tried: printed below the table for each goal with a missed figure."""

REASONS = {
    1: "Where a scope holds at most some thousand rows its runs are read and sorted, above that the days are "
       "walked; the layout compared with has an index for each level that ends in the order asked for. The "
       "dearest place is where both ways cross, a township here, and takes a millisecond. Tried when the layouts"
       " were compared: ranges on the record with two indexes and the planner's choice (14–28× at the worst "
       "level), the units joined (19–188×), the days alone (fails on sparse units); then the three ways of "
       "ADR-0018, which are in use.",
    2: "In the smaller data a township or a unit has fewer records than a page shows: there is less to fetch, "
       "not less to search. Tried: nothing more, since the page read is the same (tests count the pages of the "
       "database).",
    4: "The table compared with has no second lock, and lost every index that holds the scope column, 12 of 13. "
       "Tried by taking things away from an INSERT of 1,000 rows in one statement: those indexes are half of it,"
       " the key that holds number and unit together a quarter, the policy too little to see. The product's "
       "figure here sends row by row, where the policy is begun anew for each. Eight of the twelve are partial "
       "and an ordinary record is in few of them; the six that lists are picked from (ADR-0018) are what goals 1"
       " to 3 are met by. COPY is refused by PostgreSQL for whom row security binds; what writes many rows in "
       "earnest sends lists (ADR-0022).",
    5: "A move rewrites the paths of all units below, keeps the day of the move and brings the counters of every"
       " month from one line to the other: the rows in the remark, in a handful of statements, beside one row. "
       "No record is touched. Tried: counters moved by delta rows instead of recounted, which is in use.",
    7: "The bare read is one statement; the product's are three, as it asks for the children that may be seen "
       "and tells the second lock each scope. Ten times the records fill months that were empty, so that there "
       "are more counters. Tried: the children and the figures each compiled once (in use), counters of the "
       "running month by day and of others by month (in use).",
    8: "As goal 7, and what is overdue needs the days of the running month besides. Tried before: counters by "
       "due day for all months (3.8×).",
    9: "Each record leaves a row of changes for the counters in the same transaction, written by a trigger once "
       "for a statement. It lies about the goal: 1.20 on 2026-11-21, 1.33 the day after, with nothing between "
       "that touches it. Tried (ADR-0015): changes of a statement grouped before they are written, which"
       " cost a writer of one record more than it saved a batch.",
    11: "Twice the floor leaves one floor's worth of CPU for everything that guards a request. Tried, each "
        "measured (ADR-0014, ADR-0032): lists compiled once, rows instead of entities, statements past the "
        "driver's cursors, BEGIN, role, scope and first statement on one way, the end of a read not waited for, "
        "kept answers of the table of rights, one narrow statement for who asks. Left are Flask, the session "
        "around the statements, the policy's role and scope, 20 rows judged and masked. Asking who asks only now "
        "and then was not tried: a right taken away must hold at the next request.",
    12: "The policy costs a look at each row that is read, and a report tells its scope more than once. Tried "
        "before: the setting read for each row instead of once for a statement (3,349× at a village), modes "
        "joined by OR (144×); the set in a scalar sub-select is in use.",
    13: "Both ways write the same rows into the same tables with their keys, words for the search, counters and "
        "the second lock. Of 4,000 people brought in by the product more than a half of the time is the "
        "database's, and a third CPU of the worker, so that writing alone leaves some seven times; the design's "
        "figure had a bare table. Tried (ADR-0022): COPY (refused, see goal 4), lists in one statement, the next "
        "part made while the database writes, which both are in use. SQLite writes by one process and overwrites "
        "what is deleted.",
    14: "On SQLite the triggers that keep the tree look at each row, on PostgreSQL at a statement's rows "
        "together. Tried: checks once for a statement (ADR-0022), which only PostgreSQL knows.",
}
NOBODY = "Nobody has looked into it yet."


def why(goals: list[int]) -> list[str]:
    """A paragraph for each goal, in order."""
    return [f"- **{goal}.** {REASONS.get(goal, NOBODY)}" for goal in sorted(set(goals))]
