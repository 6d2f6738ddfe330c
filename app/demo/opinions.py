"""Opinions (意见建议) that cadres of the demonstration left, in the plain words such letters have."""

from dataclasses import dataclass
from datetime import datetime, time

from app.demo.inserting import insert
from app.demo.people import CadrePlan
from app.demo.province import DONGTAI, SHEYANG
from app.demo.register import Register
from app.opinions.model import Opinion
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


@dataclass(frozen=True)
class Left:
    """An opinion as loaded, for the log."""

    opinion_id: str
    cadre: CadrePlan
    at: datetime


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
    """Write the opinions; returns them as they are to appear in the log."""
    rng = register.rng("opinions")
    left, rows = [], []
    for number, cadre in enumerate(_authors(register)):
        at = register.moment.days_ago(rng.randint(1, DAYS), time(rng.randint(7, 20), rng.randrange(60)))
        opinion = Left(new_id(), cadre, at)
        left.append(opinion)
        rows.append(register.place(cadre.unit_key) | {
            "id": opinion.opinion_id, "account_id": register.account_ids[cadre.key],
            "cadre_id": register.cadre_ids[cadre.key], "text": TEXTS[(number * 5) % len(TEXTS)], "created_at": at,
        })
    insert(Opinion, rows)
    return left
