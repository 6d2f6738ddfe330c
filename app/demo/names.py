"""Synthetic names: common surnames joined with given names usual in a generation; no name of a known person."""

from itertools import accumulate
from random import Random

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董肖程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段施钱汤尹黎易常武乔贺赖龚文"
)
# The first surnames are much more frequent than the last.
SURNAME_WEIGHTS = tuple(accumulate(max(4, 70 - 2 * place) for place in range(len(SURNAMES))))


def _words(text: str) -> list[str]:
    return text.split()


ELDER_MEN = _words(
    "德福 永年 志明 国栋 长林 学文 正才 广仁 兆祥 树森 宝田 家和 庆余 步高 如松 鸿儒 士林 启明 开元 恒昌 "
    "立生 万春 景和 茂林 守业 文清 维新 耀庭 连生 同寿 福海 银海 兴邦 汝成 怀玉 克勤 仲达 伯涛 继先 培根 "
    "祖荫 绍武 登科 凤鸣 云龙 少卿 金山 友三 锦堂 厚德 以恒 育才 竹亭 春生 秋实 冬生 夏生 长庚 来喜 有余"
)
ELDER_WOMEN = _words(
    "桂英 兰芳 淑贞 素琴 惠珍 月娥 巧云 翠兰 凤仙 秀珍 雪梅 玉琴 静仪 文娟 佩芬 彩霞 金娣 银凤 腊梅 菊香 "
    "荷花 芝兰 慧如 婉华 淑芳 秋菊 冬梅 春兰 来娣 招弟 桂花 素珍 宝珠 珍珠 美英 瑞芬 玲娣 杏芳 根娣 粉兰"
)
YOUNGER_MEN = _words(
    "建国 国庆 爱国 卫东 建军 志刚 永红 跃进 援朝 和平 建平 新民 胜利 学军 卫国 红军 志强 建新 长江 东升 "
    "海林 文彬 明华 国强 国平 立新 春明 广平 正华 荣生 宏图 振华 为民 玉林 家声 金龙 兆华 洪喜 士明 德华"
)
YOUNGER_WOMEN = _words(
    "秀英 玉兰 桂兰 爱华 建华 红梅 丽华 秀兰 爱珍 国英 彩云 文英 月琴 素芳 兰英 卫红 爱民 小妹 翠萍 桂琴 "
    "美华 惠芳 玲芝 静芳 淑华 凤英 玉珍 金凤 巧珍 爱萍 粉英 琴芳 永芳 慧娟 锦华 建英 彩凤 亚琴 亚芳 志英"
)
STAFF_MEN = _words(
    "志远 晓东 文博 俊杰 海涛 晨光 宇航 子豪 振宇 立峰 伟民 浩然 建波 鹏程 天佑 思源 明哲 嘉诚 一鸣 "
    "凯文 宏伟 士杰 逸飞 成林 学峰 少华 国良 云飞 瑞林 承志 启航 永康 小兵 卫平 向阳 正阳 光辉 旭东 家骏"
)
STAFF_WOMEN = _words(
    "晓燕 雅静 梦婷 丽娟 雪莹 佳慧 文静 思雨 海燕 春燕 婷玉 静怡 晓雯 欣悦 玉洁 小芳 月华 雨桐 嘉怡 "
    "红霞 海霞 晓红 艳萍 秋萍 慧敏 诗涵 若兰 云霞 晓梅 佳琪 咏梅 晓琳 明霞 莉华 燕华 宁馨 晨曦 舒雅 忆南"
)
# Second source of given names, one character from each side, so that no single name is too frequent.
ELDER_PAIRS = {
    False: ("永长茂继庆宗士广汝耀步荣", "祥根财余堂荫康勋宽昌茂泉"),
    True: ("桂秀素淑翠凤月彩巧蕙", "珍兰琴英娥芬娟娣云莲"),
}
YOUNGER_PAIRS = {
    False: ("建志永文学士春金广荣兆洪", "祥根余明良忠林生宏柏荣泉"),
    True: ("丽爱美素永玉文秀月粉", "华萍珍芳琴娟英红霞凤"),
}
STAFF_PAIRS = {
    False: ("晓志海宏学俊立永振明", "飞阳鑫斌涛杰峰宁森超"),
    True: ("晓雅文静海秋雪婷思佳", "芸洁霞慧悦琳蓉宁娴颖"),
}

# Combinations of the tables that a reader would take for somebody known; drawn again when they come up.
KNOWN_PEOPLE = frozenset(_words(
    "李建国 王建国 张国华 张建国 王志刚 赵志刚 李德华 刘德华 王新民 李秀英 张秀英 王红梅 李红梅 杨丽华 "
    "李长江 刘长江 李学文 王永年 李志强 张志强 杨国强 李国强 李国平 王国平 徐振华 陈振华 王胜利 杨振华 "
    "李玉兰 王玉兰 赵玉兰 王立新 李立新 潘建国 李少卿 李守业 朱建华 王海燕 李海霞 李金龙 郭春生 史春生 "
    "李云龙 赵丽华 陈建平 王海涛 于海涛 李凯文 叶一鸣 王雪莹 刘启明 周立波 王宏伟 孙红霞 许海峰 张金凤 "
    "李国庆 李为民 王东升 王金平 李金明 王建林 李永宏 王永明 李志明 陈永贵 王文明 刘文学 李文良 张文宏 "
    "李文慧 王雅琳 李晓霞 王晓琳 李海峰 王学超 李明阳 王振宁 王立宏 张志林 张学良 李学良 陈志忠 王建祥 "
    "李春生 王春生 张春生 金志文 王永泉 李雪洁 刘雪琳 张雪慧 孙海峰 李永波 杨文宏 陈文忠 许文忠 刘建宏 "
    "张建宏 高洪生 马志忠 马金凤 李金凤 程志强 刘永红 张卫平 聂卫平 王和平 陈和平 张和平 丁建新 李建新 "
    "顾秀莲 孔令辉 王小兵 刘旭东 陈旭东 王旭东 郭金龙 韩长林 赵学军 李学军 李嘉诚 吴卫东 曾培根 李文静 "
    "万鹏程"
))


def _draw(rng: Random, given: list[str], pairs: tuple[str, str]) -> str:
    while True:
        first, second = pairs
        both = rng.choice(given) if rng.random() < 0.45 else rng.choice(first) + rng.choice(second)
        name = rng.choices(SURNAMES, cum_weights=SURNAME_WEIGHTS)[0] + both
        if name not in KNOWN_PEOPLE and both[0] != both[1]:
            return name


def cadre_name(rng: Random, *, woman: bool, birth_year: int) -> str:
    """A name as people born in `birth_year` (1925 to 1966) bear it; the post-1949 given names begin in 1946."""
    if birth_year < 1946 or (birth_year < 1952 and rng.random() < 0.4):
        return _draw(rng, ELDER_WOMEN if woman else ELDER_MEN, ELDER_PAIRS[woman])
    return _draw(rng, YOUNGER_WOMEN if woman else YOUNGER_MEN, YOUNGER_PAIRS[woman])


def staff_name(rng: Random, *, woman: bool) -> str:
    """A name of somebody now at work."""
    return _draw(rng, STAFF_WOMEN if woman else STAFF_MEN, STAFF_PAIRS[woman])
