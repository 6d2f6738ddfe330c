"""Opinions (意见建议) that cadres of the demonstration left, in the plain words such letters have."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from app.demo.inserting import Row, insert
from app.demo.people import CadrePlan
from app.demo.province import DONGTAI, SHEYANG
from app.demo.register import Register
from app.demo.staff import StaffPlan
from app.opinions.model import Answer, Opinion
from tenants.fields import new_id

OTHERS, DAYS = 60, 120
BESIDE_KNOWN = {SHEYANG: 9, DONGTAI: 4}
TEXTS = (
    "建议把每月的学习材料提前几天送来，字再印大一些，我们眼睛不好，想多看几遍。",
    "老年大学的书法班名额少，几位老同志都没有报上，希望明年能多开一个班。",
    "上个月住院，单位和支部的同志都来看我，心里很温暖，谢谢组织。",
    "小区没有电梯，我住五楼，下楼参加活动不方便，希望帮忙向社区反映一下。",
    "建议多组织就近的参观活动，半天时间就好，太远了身体吃不消。",
    "体检报告拿到了，有几项看不明白，希望能请医生来给大家集中讲一讲。",
    "手机上看通知还不太会用，能不能安排年轻同志上门教一教。",
    "我愿意给孩子们讲讲过去的事情，身体还可以，有需要请通知我。",
    "活动室的空调有点旧了，夏天不太凉快，希望维修一下。",
    "子女都在外地，平时想有个说话的人，希望志愿者有空多来坐坐。",
    "异地就医报销的手续不太清楚，希望出一张简单明了的办事单子。",
    "支部活动的时间能否定在上午，下午有几位老同志要去做理疗。",
    "重阳节的活动办得很好，大家都很高兴，希望年年都有。",
    "建议给行动不便的老同志送学上门，我可以帮着念报纸。",
    "联系人换了新同志，工作很热心，就是电话有时打不通，请留一个备用号码。",
    "食堂助餐点离家远，希望能在我们小区附近再设一个。",
)
# What was answered to each, in the same order.
ANSWERS = (
    "您说得对。从下个月起，学习材料提前三天送到您手里，改用大字印刷。",
    "书法班明年春季加开一个班，报名时我们先给您打电话。",
    "谢谢您的鼓励。请安心休养，有需要随时给我们打电话。",
    "已和社区商量，加装电梯的事列入明年改造计划；在这之前，活动日安排志愿者接送您。",
    "下次参观就安排在城区，半天来回，车上有医生同行。",
    "已请县医院的医生本月下旬来讲体检报告，时间定了马上通知您。",
    "好的，下周安排年轻同志上门，手把手教您用手机。",
    "太好了！学校那边已经联系好，时间由您定，到时派车接您。",
    "空调已报修，师傅这周就来。",
    "已请志愿服务队每周去看您一次，陪您说说话。",
    "办事单子已经印好，随学习材料一起送到您家；也可以打电话，由我们代办。",
    "以后支部活动都改在上午九点半，谢谢您提醒。",
    "谢谢您，明年重阳节我们办得更好。",
    "从下个月起送学上门，也欢迎您来帮着念报，我们来接您。",
    "备用号码已经写在您的联系卡上，打不通时请打这个号码。",
    "助餐点的事已报民政部门，正在选址，有结果马上告诉您。",
)
SETTLED, OVERDUE_EVERY = 16, 11  # days after which all but a few are answered; every eleventh of those is not
SEEN_SHARE = 0.8
BETTER = "更正一下日期：改在下周二上午九点，其他不变。给您添麻烦了。"


@dataclass(frozen=True)
class Left:
    """An opinion as loaded, for the log, with when and by whom it was answered."""

    opinion_id: str
    cadre: CadrePlan
    at: datetime
    answered_at: datetime | None = None
    by: StaffPlan | None = None


def _authors(register: Register) -> list[CadrePlan]:
    """Known cadres, some of their neighbours, and some from anywhere; only such as have logged in."""
    rng = register.rng("opinion authors")
    users = [cadre for cadre in register.users if cadre.key not in register.first_login]
    chosen = [cadre for cadre in users if cadre.known]
    for unit_key, number in BESIDE_KNOWN.items():
        near = [cadre for cadre in users if cadre.unit_key == unit_key and not cadre.known]
        chosen += rng.sample(near, min(number, len(near)))
    return chosen + rng.sample(users, min(OTHERS, len(users)))


def load_opinions(register: Register) -> list[Left]:
    """Write the opinions with their answers; returns them as they are to appear in the log."""
    rng = register.rng("opinions")
    left: list[Left] = []
    rows: list[Row] = []
    answers: list[Row] = []
    for number, cadre in enumerate(_authors(register)):
        at = register.moment.days_ago(rng.randint(1, DAYS), time(rng.randint(7, 20), rng.randrange(60)))
        said = (number * 5) % len(TEXTS)
        opinion = _left(register, rng, number, cadre, at)
        left.append(opinion)
        place = register.place(cadre.unit_key)
        rows.append(place | {
            "id": opinion.opinion_id, "account_id": register.account_ids[cadre.key],
            "cadre_id": register.cadre_ids[cadre.key], "text": TEXTS[said], "created_at": at,
            "answered_at": opinion.answered_at,
        })
        answers += [place | each for each in _answers(register, rng, opinion, ANSWERS[said])]
    insert(Opinion, rows)
    insert(Answer, answers)
    return left


def _left(register: Register, rng: Random, number: int, cadre: CadrePlan, at: datetime) -> Left:
    """Whether it is answered: the old ones but a few, the latest not yet."""
    drawn = timedelta(days=rng.randint(1, 9), minutes=rng.randrange(200))
    who = register.administrator_of(cadre.unit_key)
    age = (register.moment.today - at.date()).days
    if who is None or age <= SETTLED or number % OVERDUE_EVERY == OVERDUE_EVERY - 1:
        return Left(new_id(), cadre, at)
    return Left(new_id(), cadre, at, at + drawn, who)


def _answers(register: Register, rng: Random, opinion: Left, text: str) -> list[Row]:
    """The wordings of its answer; that of a known cadre waits to be read, and one was corrected."""
    seen, corrected = rng.random() < SEEN_SHARE and not opinion.cadre.known, rng.random() < 1 - SEEN_SHARE
    if opinion.answered_at is None or opinion.by is None:
        return []
    said = [(text, opinion.answered_at)] + [(BETTER, opinion.answered_at + timedelta(hours=3))] * corrected
    return [{"id": new_id(), "opinion_id": opinion.opinion_id, "number": number, "text": words, "answered_at": at,
             "answered_by": register.account_ids[opinion.by.key],
             "seen_at": at + timedelta(hours=5) if seen else None} for number, (words, at) in enumerate(said, 1)]
