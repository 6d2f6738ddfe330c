"""What people were before they retired: former unit, former post and rank, plausible for the unit that cares for them.

Posts are kept so general that none points at one real holder.
"""

from random import Random

from app.demo.province import UnitPlan

PROVINCE, CITY, COUNTY, TOWNSHIP = "province", "city", "county", "township"

# Rank codes are those of GB/T 12407: 121/122 厅局级, 131/132 县处级, 141/142 乡科级, 150 科员级, 41x-43x professional.
RANKS = {
    PROVINCE: (("121", 3), ("122", 10), ("131", 30), ("132", 27), ("141", 20), ("142", 10)),
    CITY: (("122", 2), ("131", 18), ("132", 30), ("141", 32), ("142", 13), ("150", 5)),
    COUNTY: (("131", 1), ("132", 10), ("141", 37), ("142", 32), ("150", 20)),
    TOWNSHIP: (("132", 1), ("141", 19), ("142", 40), ("150", 40)),
}
POSTS = {
    "121": ("巡视员",),
    "122": ("副巡视员",),
    "131": ("调研员", "处长"),
    "132": ("副调研员", "副处长"),
    "141": ("主任科员", "科长", "办公室主任"),
    "142": ("副主任科员", "副科长", "办公室副主任"),
    "150": ("科员", "办事员"),
}
TEACHING = (("411", 2, "正高级教师"), ("412", 30, "高级教师"), ("420", 50, "一级教师"), ("430", 18, "二级教师"))
MEDICAL = (("411", 5, "主任医师"), ("412", 25, "副主任医师"), ("420", 45, "主治医师"), ("430", 25, "护师"))
TEACHING_WORDS = ("教育局", "学校", "小学", "幼儿园", "学院", "教师", "教育集团")
MEDICAL_WORDS = ("人民医院", "康复中心")
OFFICES = {
    PROVINCE: ("教育厅", "水利厅", "农业农村厅", "交通运输厅", "财政厅", "商务厅", "统计局", "档案馆"),
    CITY: ("教育局", "水利局", "农业农村局", "交通运输局", "财政局", "商务局", "统计局", "档案馆", "供销合作总社"),
    COUNTY: ("教育局", "水利局", "农业农村局", "交通运输局", "财政局", "粮食局", "统计局", "档案馆", "供销合作总社",
             "广播电视台", "文化馆", "农业技术推广中心", "物资局", "商业局", "总工会"),
}
BUREAUS = ("province_bureau", "city_bureau", "county_bureau", "development_zone")
# Since 2019 ranks of their own (职级并行); codes of the project, the standard lacks them.
RANKS_SINCE_2019 = {
    "122": ("C02", "二级巡视员"), "131": ("C12", "二级调研员"), "132": ("C14", "四级调研员"),
    "141": ("C21", "一级主任科员"), "142": ("C23", "三级主任科员"), "150": ("C31", "一级科员"),
}
HIGHER = {"150": "142", "142": "141", "141": "132", "132": "131", "131": "122", "122": "121"}


def level_of(unit_key: str) -> str:
    """The level a unit belongs to, read from its code: province, city, county or township."""
    if len(unit_key.split("-")[0]) > 6:
        return TOWNSHIP
    if unit_key.startswith("320000"):
        return PROVINCE
    return CITY if unit_key[4:6] == "00" else COUNTY


def career(rng: Random, unit: UnitPlan, place: str, *, lixiu: bool, retired_in: int) -> tuple[str, str, str, str]:
    """Former unit, former post, rank code and treatment level code of somebody who retired in the given year.

    `place` is the name of the division the unit belongs to (射阳县).
    """
    level = level_of(unit.key)
    former_unit = unit.name
    if unit.kind in BUREAUS:
        former_unit = place + rng.choice(OFFICES[level])
    for words, titles in ((TEACHING_WORDS, TEACHING), (MEDICAL_WORDS, MEDICAL)):
        if former_unit.endswith(words) or any(word in unit.name for word in words):
            rank, _, post = rng.choices(titles, [weight for _, weight, _ in titles])[0]
            return former_unit, post, rank, rank
    ranks = RANKS[level]
    rank = rng.choices([code for code, _ in ranks], [weight for _, weight in ranks])[0]
    if retired_in >= 2020 and rank in RANKS_SINCE_2019 and rng.random() < 0.6:
        rank, post = RANKS_SINCE_2019[rank]
        return former_unit, post, rank, rank
    treatment = HIGHER.get(rank, rank) if lixiu and rng.random() < 0.6 else rank
    return former_unit, rng.choice(POSTS[rank]), rank, treatment
