"""Records of every kind: the common row, the module's own row and the people, all dated by the loaded calendar."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from app.deadlines.calendar import Due
from app.demo import rulings
from app.demo.inserting import Row, insert
from app.demo.records import RecordPlan
from app.demo.register import Register
from app.records.calendar import due_of
from app.records.model import Record, RecordPerson, State
from app.records.module import Module
from app.records.store import described
from tenants import tree
from tenants.fields import new_id
from tenants.models import Unit

PART = {"branch_activities": "status", "volunteer_service": "minutes"}


class Loading:
    """Turns record plans into rows of three tables and writes them."""

    def __init__(self, register: Register, modules: Mapping[str, Module]) -> None:
        self.register = register
        self.modules = modules
        self.schemas = {key: module.schema() for key, module in modules.items()}
        self.columns = {key: self._columns(module) for key, module in modules.items()}
        self.names = {cadre.key: cadre.name for cadre in register.plan.cadres}
        self.province = self._province()
        self.due = cache(self._due)
        self.common: list[Row] = []
        self.own: defaultdict[str, list[Row]] = defaultdict(list)
        self.people: list[Row] = []

    @staticmethod
    def _columns(module: Module) -> list[str]:
        """The columns of the module's own table, without its key."""
        return [column.name for column in module.record.__table__.columns if not column.primary_key]

    @staticmethod
    def _province() -> Unit:
        """A province just founded has no rules but the regulation's, the same everywhere."""
        root = tree.root()
        if root is None:
            raise LookupError("records before there is a province")
        return root

    def _due(self, key: str, ended_on: date) -> Due:
        return due_of(self.modules[key], ended_on, self.province)

    def add(self, plan: RecordPlan) -> None:
        """Make the rows of one record. What was left open on a form is NULL, as it is when typed."""
        module, record_id = self.modules[plan.module], new_id()
        place = self.register.place(plan.unit_key)
        given = {name: None if value in ("", 0) else value for name, value in plan.fields.items()}
        own = {name: given.get(name) for name in self.columns[plan.module]}
        names = [self.names[key] for key, _part in plan.people]
        summary, search = described(module, self.schemas[plan.module], own, names)
        self.common.append(place | self._dates(plan) | {
            "id": record_id, "module": plan.module, "summary": summary, "search": search,
            "late_reason": plan.late_reason, "created_at": plan.created_at,
            "created_by": self.register.account_ids[plan.author_key], "deleted_at": None,
        } | rulings.none_said())
        self.own[plan.module].append({"id": record_id} | own)
        part = PART.get(plan.module)
        for position, (key, value) in enumerate(plan.people):
            self.people.append(place | {
                "record_id": record_id, "cadre_id": self.register.cadre_ids[key], "place": position,
                "status": value if part == "status" else None, "minutes": value if part == "minutes" else None,
            })

    def _dates(self, plan: RecordPlan) -> dict[str, Any]:
        due, entered_at = self.due(plan.module, plan.ended_on), plan.entered_at
        return {
            "state": State.draft if plan.draft else State.entered, "ended_on": plan.ended_on, "due_on": due.on,
            "first_due_on": due.on, "due_provisional": due.provisional, "entered_at": entered_at,
            # The plan's instants carry the offset of Asia/Shanghai, so their date is the Shanghai date.
            "entered_on": entered_at.date() if entered_at else None,
            "entered_by": self.register.account_ids[plan.author_key] if entered_at else None,
        }

    def write(self) -> None:
        """Insert everything, what is referred to first."""
        insert(Record, self.common)
        for key, rows in self.own.items():
            insert(self.modules[key].record, rows)
        insert(RecordPerson, self.people)


def load_records(register: Register, modules: Mapping[str, Module]) -> Loading:
    """Write all records of the plan; returns what was written, `common` in the order of the plan."""
    loading = Loading(register, modules)
    for plan in register.plan.records:
        loading.add(plan)
    said = rulings.stand(register, loading.due, list(zip(register.plan.records, loading.common, strict=True)))
    loading.write()
    rulings.write(said)
    return loading
