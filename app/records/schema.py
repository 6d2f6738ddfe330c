"""What may be put into a record: common fields, fields about people, and the rules between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from app.schemas.fields import REQUIRED, Code, Day, Flag, Line, Named, Reference, Whole, is_id
from app.schemas.strict import Strict, flatten

MOST_PEOPLE = 50


@dataclass(frozen=True)
class Link:
    """A person of a record as typed: who, and how they took part."""

    cadre_id: str
    status: str | None = None
    minutes: int | None = None


class PeopleField(Named):
    """A field whose value becomes rows of `record_people`."""

    widget = "people"

    def links(self, value: Any) -> list[Link]:
        """Rows for a validated value."""
        raise NotImplementedError

    def value_of(self, links: Sequence[Link]) -> Any:
        """The value that gives back these rows."""
        raise NotImplementedError


def _distinct(ids: Sequence[str]) -> None:
    if len(set(ids)) != len(ids):
        raise ValidationError("同一位老同志不要重复填写。")


class CadreIds(PeopleField):
    """1 to 50 cadres."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, list) or not all(isinstance(each, str) and is_id(each) for each in value):
            raise ValidationError("请选择老同志。")
        if not value and self.required:
            raise ValidationError(REQUIRED)
        if len(value) > MOST_PEOPLE:
            raise ValidationError(f"一次最多填写 {MOST_PEOPLE} 位老同志。")
        _distinct(value)
        return value

    def from_form(self, values: Sequence[str]) -> Any:
        return [each for each in values if each] or None

    def links(self, value: Any) -> list[Link]:
        return [Link(each) for each in value or []]

    def value_of(self, links: Sequence[Link]) -> Any:
        return [link.cadre_id for link in links]


class OneCadre(PeopleField):
    """Exactly one cadre."""

    widget = "person"

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or not is_id(value):
            raise ValidationError("请选择老同志。")
        return value

    def links(self, value: Any) -> list[Link]:
        return [Link(value)] if value else []

    def value_of(self, links: Sequence[Link]) -> Any:
        return links[0].cadre_id if links else None


class Rows(PeopleField):
    """A list of `{cadre_id, <part>}`; the part is validated by a field of its own."""

    def __init__(self, label: str, *, part: str, part_field: Named, most: int = 300, **kwargs: Any) -> None:
        self.part, self.part_field, self.most = part, part_field, most
        super().__init__(label, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise ValidationError("请逐人填写。")
        if not value and self.required:
            raise ValidationError(REQUIRED)
        if len(value) > self.most:
            raise ValidationError(f"一次最多填写 {self.most} 位老同志。")
        errors: dict[int, Any] = {}
        rows = []
        for place, row in enumerate(value):
            try:
                rows.append(self._row(row))
            except ValidationError as error:
                errors[place] = error.messages
        if errors:
            raise ValidationError(errors)
        _distinct([row["cadre_id"] for row in rows])
        return rows

    def _row(self, row: Any) -> dict[str, Any]:
        if not isinstance(row, Mapping) or not set(row) <= {"cadre_id", self.part}:
            raise ValidationError(f"每一项应为 cadre_id 和 {self.part}。")
        if not isinstance(row.get("cadre_id"), str) or not is_id(row["cadre_id"]):
            raise ValidationError({"cadre_id": ["请选择老同志。"]})
        try:
            part = self.part_field.deserialize(row.get(self.part))
        except ValidationError as error:
            raise ValidationError({self.part: error.messages}) from error
        return {"cadre_id": row["cadre_id"], self.part: part}

    def from_form(self, values: Sequence[str]) -> Any:
        """Each input holds `cadre id:part`; a bare id has an empty part."""
        rows = []
        for each in values:
            cadre_id, _colon, part = each.partition(":")
            if cadre_id:
                rows.append({"cadre_id": cadre_id, self.part: self.part_field.from_form([part])})
        return rows or None

    def links(self, value: Any) -> list[Link]:
        return [Link(row["cadre_id"], **{self.part: row[self.part]}) for row in value or []]

    def value_of(self, links: Sequence[Link]) -> Any:
        return [{"cadre_id": link.cadre_id, self.part: getattr(link, self.part)} for link in links]


class Attendance(Rows):
    """Who took part, and how (五种出勤)."""

    STATUS = {"present": "参加", "absent": "缺勤", "leave": "请假", "immobile": "行动不便", "other": "其他"}
    widget = "attendance"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, part="status", part_field=Code("出勤", self.STATUS, required=True), **kwargs)


class Participants(Rows):
    """Who served, and for how many minutes."""

    widget = "participants"

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, part="minutes", part_field=Whole("分钟", least=1, most=6000, required=True), **kwargs)


class RecordSchema(Strict):
    """Fields every record takes; modules add their own. `unit_id` is placed before the rest is read."""

    ended_on = Day("工作结束日期", required=True, help="走访为当天，帮扶为送达当天，活动为最后一天")
    draft = Flag("先存草稿", widget="hidden", load_default=False)
    late_reason = Line("逾期原因", longest=200, widget="late_reason")

    def own(self) -> dict[str, Named]:
        """The module's own fields."""
        return {name: field for name, field in self.named().items() if name not in RecordSchema._declared_fields}

    def people_field(self) -> tuple[str, PeopleField] | None:
        """The field about people, if the module has one."""
        return next(((name, each) for name, each in self.own().items() if isinstance(each, PeopleField)), None)

    def missing_for_entry(self, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """Required own fields that a draft may leave empty but an entry may not."""
        return {
            name: [REQUIRED]
            for name, field in self.own().items()
            if field.required and values.get(name) in (None, "", [])
        }


__all__ = ["Attendance", "CadreIds", "Link", "OneCadre", "Participants", "PeopleField", "RecordSchema", "Reference",
           "flatten"]
