"""The house rules on tables: whose rows they hold, and what of them is personal."""

import csv
from collections.abc import Iterable
from pathlib import Path

from marshmallow import Schema
from sqlalchemy import Table
from sqlalchemy_utils import StringEncryptedType

from app import registry
from app.people.schema import CadreSchema
from app.schemas.fields import Named

# Rows that belong to no unit and to nobody of one.
OF_THE_PROVINCE = {
    "tree_state": "one row: the version of the tree",
    "counters": "of a unit, without the key: its check would make the folder wait for whoever holds the unit",
    "counter_days": "the same",
    "counter_state": "one row: since when counters are kept by day",
    "audit_waiting": "ids of entries that carry the key, until they are sealed; a trigger writes it",
    "counter_deltas": "the same; triggers write it from rows that carry the key",
    "cadre_words": "placed by the unit's number alone; triggers write it from rows that carry the key",
    "account_words": "the same",
    "calendar_notices": "the State Council's calendar, the same for all",
    "login_codes": "written for every number alike, before anybody knows whether it has an account",
    "login_throttles": "keyed hashes of numbers and addresses; unknown ones have no unit",
}
CLASSES = ("none", "name", "personal", "secret", "sensitive")


def adrift(tables: Iterable[Table]) -> list[str]:
    """A table carries unit_id and unit_number, or hangs on one that does."""
    known = {table.name: table for table in tables}
    return [f"{name}: belongs to no unit" for name, table in known.items()
            if name not in OF_THE_PROVINCE and not _anchored(table, known, frozenset())]


def _anchored(table: Table, known: dict[str, Table], seen: frozenset[str]) -> bool:
    if table.name == "units" or _owned(table):
        return True
    return any(
        not key.parent.nullable and key.column.table.name not in seen | {table.name}
        and _anchored(known[key.column.table.name], known, seen | {table.name})
        for key in table.foreign_keys if key.column.table.name in known
    )


def _owned(table: Table) -> bool:
    """Both columns, never null, and held together by one foreign key."""
    wanted = {"unit_id", "unit_number"}
    if not wanted <= set(table.columns.keys()) or any(table.columns[name].nullable for name in wanted):
        return False
    return any(set(key.column_keys) == wanted and {each.column.table.name for each in key.elements} == {"units"}
               for key in table.foreign_key_constraints)


def is_encrypted(table: Table, column: str) -> bool:
    """Whether a column is encrypted at rest, bound to its own name."""
    kind = table.columns[column].type
    return isinstance(kind, StringEncryptedType) and kind.engine.context == f"{table.name}.{column}"


def read_classes(path: Path) -> dict[tuple[str, str], str]:
    """(table, column) -> class, from the data dictionary."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): row["class"] for row in csv.DictReader(file)}


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def unclassified(tables: Iterable[Table], classes: dict[tuple[str, str], str]) -> list[str]:
    """Every column of every table stands in the dictionary; a module's own are told by its schema."""
    own = {module.record.__table__.name for module in registry.modules().values()}
    wanted = {(table.name, column) for table in tables if table.name not in own for column in _names(table)}
    faults = [f"{table}.{column}: not in the dictionary" for table, column in sorted(wanted - set(classes))]
    faults += [f"{table}.{column}: no such column" for table, column in sorted(set(classes) - wanted)]
    return faults + [f"{key}: no class {name}" for key, name in classes.items() if name not in CLASSES]


def bare(tables: Iterable[Table], classes: dict[tuple[str, str], str]) -> list[str]:
    """What is sensitive is encrypted at rest."""
    return [f"{table.name}.{column}: sensitive and not encrypted" for table in tables for column in _names(table)
            if classes.get((table.name, column)) == "sensitive" and not is_encrypted(table, column)]


def bare_in_modules(pairs: Iterable[tuple[Schema, Table]]) -> list[str]:
    """What a schema calls sensitive is encrypted in its table, and what is encrypted is called sensitive."""
    faults = []
    for schema, table in pairs:
        for name, field in schema.fields.items():
            if isinstance(field, Named) and name in table.columns:
                said = bool(field.metadata.get("sensitive"))
                if said is not is_encrypted(table, name):
                    faults.append(f"{table.name}.{name}: sensitive is {said}, encrypted is {not said}")
    return faults


def schemas_with_tables() -> list[tuple[Schema, Table]]:
    """Each schema that describes a table of people."""
    pairs: list[tuple[Schema, Table]] = [(module.schema(), module.record.__table__) for module in
                                         registry.modules().values()]
    return [*pairs, (CadreSchema(), _table_of_cadres())]


def _table_of_cadres() -> Table:
    record = next(iter(registry.modules().values())).record
    return record.metadata.tables["cadres"]
