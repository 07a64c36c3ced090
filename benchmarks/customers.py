"""A customer file of any size, Chinese and international, with a known share of bad rows.

    python benchmarks/customers.py 1000000 customers.csv [--seed 1] [--change 0.01]

Twelve columns under Chinese headers, UTF-8, written as people's exports are: phones in six layouts,
dates in four, amounts with and without thousands separators, a company with a comma in quotes, blanks
in every optional column. Customer numbers are in the order a CRM exports them, apart from one row in
twenty that stands elsewhere. Three rows in a hundred are bad (`BAD_SHARE`): each has exactly one fault
that an import must find. The same seed gives the same bytes. No person or company in it is real.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

HEADER = [
    "客户编号", "姓名", "公司", "邮箱", "电话", "国家", "地址", "状态", "标签", "信用额度", "创建日期", "最近联系",
]  # fmt: skip
BAD_SHARE = 0.03

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
DOUBLE_SURNAMES = ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "夏侯"]
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏建文丹斌辉波宁燕云峰飞鑫浩然子轩梓涵雨欣怡嘉豪宇航思远佳琪晨曦博雅俊凯琳雪梅倩婷慧颖龙翔志国庆海山林森柏青松"
FIRST = [
    "James",
    "Mary",
    "Robert",
    "Patricia",
    "John",
    "Jennifer",
    "Michael",
    "Linda",
    "David",
    "Elizabeth",
    "William",
    "Barbara",
    "Richard",
    "Susan",
    "Joseph",
    "Jessica",
    "Thomas",
    "Sarah",
    "Charles",
    "Karen",
    "Christopher",
    "Lisa",
    "Daniel",
    "Nancy",
    "Matthew",
    "Betty",
    "Anthony",
    "Sandra",
    "Mark",
    "Margaret",
    "Donald",
    "Ashley",
    "Steven",
    "Kimberly",
    "Andrew",
    "Emily",
    "Paul",
    "Donna",
    "Joshua",
    "Michelle",
    "Kenneth",
    "Carol",
    "Kevin",
    "Amanda",
    "Brian",
    "Melissa",
    "Jürgen",
    "Søren",
    "François",
    "José",
    "Zoë",
    "Łukasz",
    "Ana",
    "Ingrid",
]
LAST = [
    "Smith",
    "Johnson",
    "Williams",
    "Brown",
    "Jones",
    "Garcia",
    "Miller",
    "Davis",
    "Rodriguez",
    "Martinez",
    "Hernandez",
    "Lopez",
    "Gonzalez",
    "Wilson",
    "Anderson",
    "Thomas",
    "Taylor",
    "Moore",
    "Jackson",
    "Martin",
    "Lee",
    "Perez",
    "Thompson",
    "White",
    "Harris",
    "Sanchez",
    "Clark",
    "Ramirez",
    "Lewis",
    "Robinson",
    "Walker",
    "Young",
    "Allen",
    "King",
    "Wright",
    "Scott",
    "Torres",
    "Nguyen",
    "Hill",
    "Flores",
    "Green",
    "Adams",
    "Nelson",
    "Baker",
    "Hall",
    "Müller",
    "Schäfer",
    "O'Brien",
    "Dubois",
    "Novák",
    "Østergaard",
    "Fernández",
]
CITIES = [
    ("广东省", "深圳市", "南山区"), ("广东省", "广州市", "天河区"), ("浙江省", "杭州市", "西湖区"), ("江苏省", "南京市", "鼓楼区"),
    ("四川省", "成都市", "武侯区"), ("湖北省", "武汉市", "洪山区"), ("陕西省", "西安市", "雁塔区"), ("山东省", "青岛市", "市南区"),
    ("", "北京市", "朝阳区"), ("", "上海市", "浦东新区"), ("", "天津市", "和平区"), ("", "重庆市", "渝中区"),
]  # fmt: skip
ROADS = [
    "科技园路",
    "人民路",
    "中山路",
    "解放大道",
    "建设路",
    "文化路",
    "长江路",
    "新华街",
    "和平路",
    "世纪大道",
    "学院路",
    "滨河路",
]
TRADES = ["科技", "贸易", "电子", "机械", "食品", "医药", "建材", "物流", "信息技术", "文化传播", "纺织", "化工"]
LEGAL = ["有限公司", "股份有限公司", "有限责任公司"]
WEST_LEGAL = ["Ltd", "GmbH", "Inc.", "LLC", "S.A.", "B.V.", "Pty Ltd"]
WEST_WORDS = [
    "Northern",
    "Summit",
    "Atlas",
    "Harbour",
    "Pioneer",
    "Cedar",
    "Granite",
    "Falcon",
    "Meridian",
    "Orchard",
    "Beacon",
    "Sterling",
    "Cobalt",
    "Willow",
    "Quarry",
]
STREETS = [
    "High Street",
    "Main St",
    "Station Road",
    "Park Avenue",
    "Church Lane",
    "Oak Drive",
    "Bahnhofstr.",
    "Rue de la Paix",
]
DOMAINS = ["163.com", "qq.com", "126.com", "sina.com", "gmail.com", "outlook.com", "foxmail.com", "aliyun.com"]
SYLLABLES = [
    "wang",
    "li",
    "zhang",
    "liu",
    "chen",
    "yang",
    "huang",
    "zhao",
    "wu",
    "zhou",
    "xu",
    "sun",
    "ma",
    "zhu",
    "hu",
    "guo",
    "he",
    "gao",
    "lin",
    "luo",
    "wei",
    "fang",
    "na",
    "min",
    "jing",
    "qiang",
    "lei",
    "jun",
]
TAGS = ["VIP", "华东", "华南", "渠道", "新客户", "重点", "展会", "newsletter"]
STATUSES = ["lead", "active", "former"]
WEST = {
    "US": ("United States", "+1 {} {}-{:04d}", ["212", "415", "312", "617", "206"]),
    "GB": ("United Kingdom", "+44 20 7{} {:04d}", [""]),
    "DE": ("德国", "+49 30 {}{:04d}", [""]),
}


def rows(count: int, seed: int = 1, change: float = 0.0) -> Iterator[list[str]]:
    """Yield `count` rows. With `change`, that share has another contact date: the same file a month later."""
    later = random.Random(f"later {seed}")
    rng = random.Random(seed)
    numbers = _export_order(count, rng)
    for n in numbers:
        row = _chinese(n, rng) if rng.random() < 0.8 else _western(n, rng)
        if rng.random() < BAD_SHARE:
            _spoil(row, rng)
        if change and later.random() < change:
            row[11] = "2026-10-01"
        yield row


def _export_order(count: int, rng: random.Random) -> list[int]:
    order = list(range(1, count + 1))
    for _ in range(count // 40):
        a, b = rng.randrange(count), rng.randrange(count)
        order[a], order[b] = order[b], order[a]
    return order


def _chinese(n: int, rng: random.Random) -> list[str]:
    surname = rng.choice(SURNAMES) if rng.random() < 0.97 else rng.choice(DOUBLE_SURNAMES)
    name = surname + "".join(rng.choices(GIVEN, k=1 if rng.random() < 0.25 else 2))
    province, city, district = rng.choice(CITIES)
    brand = rng.choice(SURNAMES) + rng.choice(GIVEN)
    company = f"{city[:2]}{brand}{rng.choice(TRADES)}{rng.choice(LEGAL)}" if rng.random() < 0.7 else ""
    address = f"{province}{city}{district}{rng.choice(ROADS)}{rng.randint(1, 999)}号{rng.randint(1, 30)}栋{rng.randint(101, 2505)}室"
    user = rng.choice(SYLLABLES) + rng.choice(SYLLABLES) + str(rng.randint(1, 99999))
    email = f"{user}@{rng.choice(DOMAINS)}" if rng.random() < 0.9 else ""
    country = rng.choice(["中国", "中国", "中国", "CN", "China", ""])
    return [f"C{n:07d}", name, company, email, _chinese_phone(rng), country, address, *_tail(rng)]


def _chinese_phone(rng: random.Random) -> str:
    if rng.random() < 0.05:
        return ""
    if rng.random() < 0.1:
        return f"0{rng.choice(['755', '571', '25', '28', '27', '29', '532'])}-{rng.randint(20000000, 89999999)}"
    head = rng.choice(["138", "139", "136", "150", "159", "186", "188", "177", "199", "133"])
    a, b = f"{rng.randrange(10000):04d}", f"{rng.randrange(10000):04d}"
    return rng.choice([
        f"{head}{a}{b}", f"{head}{a}{b}", f"{head}{a}{b}", f"{head} {a} {b}", f"{head}-{a}-{b}", f"+86 {head}{a}{b}", f"0086{head}{a}{b}",
    ])  # fmt: skip


def _western(n: int, rng: random.Random) -> list[str]:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    region = rng.choice(list(WEST))
    country, layout, areas = WEST[region]
    phone = (
        layout.format(rng.choice(areas), rng.randint(200, 999), rng.randrange(10000))
        if region == "US"
        else layout.format(rng.randint(100, 999), rng.randrange(10000))
    )
    company = ""
    if rng.random() < 0.6:
        company = f"{rng.choice(WEST_WORDS)} {rng.choice(WEST_WORDS)}{rng.choice([' ', ', '])}{rng.choice(WEST_LEGAL)}"
    address = f"{rng.randint(1, 400)} {rng.choice(STREETS)}"
    ascii_only = (first + "." + last).lower().encode("ascii", "ignore").decode().replace("'", "")
    email = f"{ascii_only}{rng.randint(1, 999)}@{rng.choice(DOMAINS)}"
    return [f"C{n:07d}", f"{first} {last}", company, email, phone, country, address, *_tail(rng)]


def _tail(rng: random.Random) -> list[str]:
    """Status, tags, credit limit, creation date, last contact."""
    created = date(2015, 1, 1) + timedelta(rng.randrange(3800))
    contact = created + timedelta(rng.randrange(1, 400))
    amount = rng.choice(
        [
            "",
            f"{rng.randint(1, 500) * 1000}",
            f"{rng.randint(1, 999)},000.00",
            f"{rng.randint(100, 99999)}.{rng.randint(0, 99):02d}",
        ]
    )
    tags = "；".join(rng.sample(TAGS, k=rng.choice([0, 0, 1, 1, 2])))
    return [rng.choice(STATUSES), tags, amount, _written(created, rng), _written(contact, rng)]


def _written(day: date, rng: random.Random) -> str:
    layout = rng.random()
    if layout < 0.7:
        return day.isoformat()
    if layout < 0.85:
        return f"{day.year}/{day.month}/{day.day}"
    if layout < 0.95:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day:%Y%m%d}"


def _spoil(row: list[str], rng: random.Random) -> None:
    """Put one fault into a row."""
    column, text = rng.choice([
        (1, ""), (3, "not an address"), (3, "name@"), (4, "1.38E+10"), (4, "12345"), (7, "aktiv"), (9, "viel"), (10, "2021-02-30"), (11, "soon"), (5, "Atlantis"),
    ])  # fmt: skip
    row[column] = text


def write(path: Path, count: int, seed: int = 1, change: float = 0.0) -> None:
    """Write the file (RFC 4180, CRLF line ends as Excel writes them)."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows(rows(count, seed, change))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--change", type=float, default=0.0)
    given = parser.parse_args()
    write(given.path, given.count, given.seed, given.change)
