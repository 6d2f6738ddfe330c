"""The units of the demonstration province: every real division, and direct and subordinate units of every kind."""

from collections import Counter
from dataclasses import dataclass

from app.demo.divisions import Division, read_divisions

ROOT = "320000"
YANCHENG, NANTONG, SHEYANG, DONGTAI = "320900", "320600", "320924", "320981"
HEDE = "320924100"

GROUP_UNITS = ("教育厅", "水利厅", "农业农村厅", "交通运输厅", "卫生健康委员会", "住房和城乡建设厅",
               "供销合作总社", "地质局")
GROUP_SUBORDINATES = ("机关服务中心", "离退休干部服务中心", "直属第一研究所")
CITY_UNITS = ("教育局", "卫生健康委员会", "财政局", "交通运输局")
CITY_SUBORDINATES = {"教育局": "教师发展学院", "卫生健康委员会": "老年康复中心"}
COUNTY_UNITS = ("教育局", "人民医院")
ZONE_UNITS = ("社会事业局", "建设投资公司")
EXTRA_UNITS = {SHEYANG: ("财政局", "农业农村局", "水利局", "卫生健康委员会", "供销合作总社", "交通运输局"),
               DONGTAI: ("农业农村局", "卫生健康委员会")}
# One chain deeper than any list shows at once: it is where paging, crumbs and inherited scope are tried.
DEEP_CHAINS = {
    ("320924", "教育局"): (
        "射阳县实验教育集团", "射阳县实验教育集团城东学校", "城东学校小学部", "小学部退休教师服务站",
    ),
    ("320924100", None): ("合德镇中心学校", "合德镇第二小学", "第二小学退休教师服务点"),
}
TOWN_ENDINGS = ("镇", "乡", "街道")
OFFICE_SCHOOL_COUNTIES = 2


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """One unit to open: `key` and `parent_key` are this plan's own (the key equals the code); parents come first."""

    key: str
    parent_key: str | None
    kind: str
    name: str
    code: str


class _Builder:
    def __init__(self, divisions: list[Division]) -> None:
        self.divisions = divisions
        self.names = {each.code: each.name for each in divisions}
        self.seen = Counter(each.name for each in divisions)
        self.units: list[UnitPlan] = []
        self.serials: Counter[tuple[str, str]] = Counter()

    def add(self, parent_key: str | None, kind: str, name: str, code: str) -> str:
        self.units.append(UnitPlan(code, parent_key, kind, name, code))
        return code

    def below(self, parent_key: str, letter: str, kind: str, name: str) -> str:
        """Add a unit that is no division: its code is the parent's with a letter for the kind and a serial."""
        self.serials[parent_key, letter] += 1
        return self.add(parent_key, kind, name, f"{parent_key}-{letter}{self.serials[parent_key, letter]:02d}")

    def subordinate(self, parent_key: str, name: str) -> str:
        return self.below(parent_key, "X", "subordinate_unit", name)

    def chain(self, parent_key: str, names: tuple[str, ...]) -> None:
        for name in names:
            parent_key = self.subordinate(parent_key, name)

    def division(self, each: Division) -> None:
        parent = None if each.parent_code is None else each.parent_code.ljust(6, "0")
        code = each.padded_code
        if each.level == "province":
            self.add(parent, "province_bureau", f"{each.name.removesuffix('省')}省委老干部局", code)
        elif each.level == "city":
            self.add(parent, "city_bureau", f"{each.name}委老干部局", code)
        elif each.is_zone:
            self.add(parent, "development_zone", f"{each.name}党工委组织人事部", code)
        elif each.level == "county":
            city = self.names[each.parent_code or ""] if self.seen[each.name] > 1 else ""
            self.add(parent, "county_bureau", f"{city}{each.name}委老干部局", code)
        else:
            self.add(parent, "township", self.township_name(each), code)

    def township_name(self, each: Division) -> str:
        """The division's own name; the county before it where the name alone would say nothing (经济开发区)."""
        if each.name.endswith(TOWN_ENDINGS) and self.seen[each.name] == 1:
            return each.name
        if self.seen[each.name] > 1 or each.name.startswith("县") or len(each.name) <= 3:
            return f"{self.names[each.parent_code or '']}{each.name.removeprefix('县')}"
        return each.name

    def province_units(self) -> None:
        for name in GROUP_UNITS:
            key = self.below(ROOT, "G", "province_group_unit", f"江苏省{name}")
            for below in GROUP_SUBORDINATES:
                self.subordinate(key, f"江苏省{name}{below}")

    def city_units(self, each: Division) -> None:
        for name in CITY_UNITS:
            key = self.below(each.padded_code, "S", "city_direct_unit", f"{each.name}{name}")
            if name in CITY_SUBORDINATES:
                self.subordinate(key, f"{each.name}{CITY_SUBORDINATES[name]}")

    def county_units(self, each: Division, position: int) -> None:
        place = self.names[each.parent_code or ""] + each.name if self.seen[each.name] > 1 else each.name
        usual = ZONE_UNITS if each.is_zone else COUNTY_UNITS
        for name in usual + EXTRA_UNITS.get(each.code, ()):
            key = self.below(each.code, "Z", "county_direct_unit", f"{place}{name}")
            chain = DEEP_CHAINS.get((each.code, name))
            if chain:
                self.chain(key, chain)
            elif name == "教育局" and position % OFFICE_SCHOOL_COUNTIES == 0:
                self.subordinate(key, f"{place}机关幼儿园")

    def township_units(self, each: Division) -> None:
        chain = DEEP_CHAINS.get((each.code, None))
        if chain:
            self.chain(each.code, chain)
        elif each.parent_code == SHEYANG and each.name.endswith("镇"):
            self.subordinate(each.code, f"{each.name}中心小学")


def units() -> list[UnitPlan]:
    """About 2,000 units in an order in which a parent always comes before its children."""
    build = _Builder(read_divisions())
    for each in build.divisions:
        build.division(each)
    build.province_units()
    counties = 0
    for each in build.divisions:
        if each.level == "city":
            build.city_units(each)
        elif each.level == "county":
            build.county_units(each, counties)
            counties += 1
        elif each.level == "township":
            build.township_units(each)
    return build.units
