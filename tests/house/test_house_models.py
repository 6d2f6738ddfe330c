"""Every table belongs to a unit, and everything personal in it is classified and kept as its class demands."""

import pytest
from flask import Flask
from model_rules import adrift, bare, bare_in_modules, read_classes, schemas_with_tables, unclassified
from python_rules import ROOT
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, MetaData, String, Table

from app.modules.visits import VisitSchema
from app.schemas.fields import Line
from tenants.db import Base
from tenants.fields import encrypted

DICTIONARY = ROOT / "docs/personal_data.csv"


@pytest.fixture
def engine_name() -> str:
    """Models are the same for both engines."""
    return "sqlite"


@pytest.fixture
def tables(app: Flask) -> list[Table]:
    """Every table of the application."""
    return list(Base.metadata.tables.values())


def _units(metadata: MetaData) -> Table:
    return Table("units", metadata, Column("id", String, primary_key=True), Column("number", Integer))


def test_every_table_belongs_to_a_unit(tables: list[Table]) -> None:
    assert len(tables) > 20 and adrift(tables) == []


def test_a_table_without_a_unit_is_seen() -> None:
    metadata = MetaData()
    loose = Table("notes", metadata, Column("id", String, primary_key=True))
    assert adrift([loose, _units(metadata)]) == ["notes: belongs to no unit"]


@pytest.mark.parametrize("fault", ["no number", "nullable", "no key", "nullable link"])
def test_a_half_owned_table_is_seen(fault: str) -> None:
    metadata = MetaData()
    units = _units(metadata)
    key = ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"])
    parts = {
        "no number": [Column("unit_id", String, nullable=False)],
        "nullable": [Column("unit_id", String), Column("unit_number", Integer), key],
        "no key": [Column("unit_id", String, nullable=False), Column("unit_number", Integer, nullable=False)],
        "nullable link": [Column("unit", ForeignKey("units.id"), nullable=True)],
    }[fault]
    assert adrift([units, Table("notes", metadata, Column("id", String, primary_key=True), *parts)])


def test_a_table_that_hangs_on_an_owned_one_is_fine() -> None:
    metadata = MetaData()
    units = _units(metadata)
    notes = Table("notes", metadata, Column("id", String, primary_key=True),
                  Column("unit_id", String, nullable=False), Column("unit_number", Integer, nullable=False),
                  ForeignKeyConstraint(["unit_id", "unit_number"], ["units.id", "units.number"]))
    lines = Table("lines", metadata, Column("note_id", ForeignKey("notes.id"), primary_key=True))
    assert adrift([units, notes, lines]) == []


def test_every_column_is_in_the_data_dictionary(tables: list[Table]) -> None:
    assert unclassified(tables, read_classes(DICTIONARY)) == []


def test_a_forgotten_and_a_stale_column_are_seen(tables: list[Table]) -> None:
    classes = read_classes(DICTIONARY)
    del classes["cadres", "address"]
    classes["cadres", "shoe_size"] = "plain"
    assert len(unclassified(tables, classes)) == 3


def test_what_is_sensitive_is_encrypted(tables: list[Table]) -> None:
    classes = read_classes(DICTIONARY)
    assert bare(tables, classes) == []
    assert {column for (table, column), said in classes.items() if said == "sensitive" and table == "cadres"} == {
        "id_number", "mobile", "address", "health_status"}


def test_a_sensitive_column_in_clear_or_under_a_foreign_context_is_seen() -> None:
    table = Table("notes", MetaData(), Column("text", String), Column("moved", encrypted("cadres.address")))
    classes = {("notes", "text"): "sensitive", ("notes", "moved"): "sensitive"}
    assert len(bare([table], classes)) == 2


def test_schemas_and_tables_agree_on_what_is_sensitive(tables: list[Table]) -> None:
    assert len(schemas_with_tables()) == 5 and bare_in_modules(schemas_with_tables()) == []


def test_a_schema_that_disagrees_with_its_table_is_seen() -> None:
    class Careless(VisitSchema):
        """Its place is sensitive, its demand is not."""

        place = Line("地点", longest=100, sensitive=True)
        demand = Line("需求", longest=100)

    table = Base.metadata.tables["visits"]
    assert len(bare_in_modules([(Careless(), table)])) == 2
