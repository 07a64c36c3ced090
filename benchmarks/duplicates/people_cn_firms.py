"""Firms and addresses of a Chinese customer list, and how records write them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

import people_cn_slips as slips
from people_cn_words import BRAND, CITIES, ESTATES, FORMS, ROADS, SEVEN_DIGITS, TOWERS, TRADES, UNITS, City

OTHER_FORM = {"有限公司": "有限责任公司", "有限责任公司": "有限公司", "股份有限公司": "有限公司"}


@dataclass(frozen=True)
class Address:
    """A place, to the room."""

    city: City
    district: str
    street: str
    building: str
    room: str

    @property
    def area(self) -> str:
        return self.city.code

    def __str__(self) -> str:
        return self.whole()

    def whole(self) -> str:
        return f"{self.city.province}{self.city.name}{self.district}{self.street}{self.building}{self.room}"

    def written(self, random: Random) -> str:
        """With or without province and city, with or without the room, in short or full words, digits wide or not."""
        province, city, district = self.city.province, self.city.name, self.district
        form = random.random()
        if form < 0.4:
            province = ""
        elif form < 0.5:
            province = city = ""
        elif form < 0.58:
            province, city = province.removesuffix("省"), city.removesuffix("市")
        room = self.room
        if random.random() < 0.12:
            room = ""
        elif random.random() < 0.2:
            room = slips.other_room(room)
        building = "" if room and random.random() < 0.06 else self.building
        text = f"{province}{city}{district}{self.street}{building}{room}"
        slip = random.random()
        if slip < 0.02:
            return slips.full_width(text)
        if slip < 0.035:
            return slips.same_shape(random, text)
        if slip < 0.06:
            return f"{province}{city}{district} {self.street} {building}{room}".strip()
        return text


@dataclass(frozen=True)
class Firm:
    """A company, a branch of one, or an institution."""

    number: int
    city: City
    brand: str
    trade: str
    form: str
    """有限公司, 股份有限公司 …; blank for an institution, whose name is its trade (人民医院)."""
    branch: str
    """深圳分公司; blank for a firm of its own."""
    address: Address
    switchboard: str
    domain: str
    bracketed: bool
    """Whether the place stands in brackets: 华信科技（深圳）有限公司."""

    @property
    def area(self) -> str:
        return self.city.code if not self.branch else self.address.area

    @cached_property
    def place(self) -> str:
        return self.city.name.removesuffix("市")


def clean_firm_name(firm: Firm) -> str:
    """The name as registered."""
    if not firm.form:
        return f"{firm.city.name}{firm.brand}{firm.trade}"
    if firm.bracketed:
        return f"{firm.brand}{firm.trade}（{firm.place}）{firm.form}{firm.branch}"
    return f"{firm.city.name}{firm.brand}{firm.trade}{firm.form}{firm.branch}"


def firm_name(random: Random, firm: Firm, short: bool) -> str:
    """The name as somebody writes it: without place, form or trade, with another form, the brackets elsewhere."""
    form = random.random() * (0.6 if short else 1)
    if not firm.form:
        return f"{firm.brand}{firm.trade}" if form < 0.1 else clean_firm_name(firm)
    if form < 0.14:
        return f"{firm.place}{firm.brand}{firm.trade}{firm.branch}"
    if form < 0.21:
        return f"{firm.brand}{firm.trade}{firm.branch}"
    if form < 0.25:
        return f"{firm.place}{firm.brand}{firm.branch}"
    if form < 0.35:
        return f"{firm.brand}{firm.trade}{firm.form}{firm.branch}"
    if form < 0.39:
        return f"{firm.city.name}{firm.brand}{firm.trade}{OTHER_FORM[firm.form]}{firm.branch}"
    if form < 0.44:
        return f"{firm.city.province}{firm.city.name}{firm.brand}{firm.trade}{firm.form}{firm.branch}"
    if form < 0.47:
        return f"{firm.brand}{firm.trade}({firm.place}){firm.form}{firm.branch}"
    if form < 0.49:
        return slips.same_shape(random, clean_firm_name(firm))
    if form < 0.53:
        return clean_firm_name(firm).replace("（", "(").replace("）", ")")
    return clean_firm_name(firm)


class Places:
    """Makes homes, firms and telephone numbers."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.weights = list(accumulate(city.weight for city in CITIES))
        self.firms = 0
        self.parents: list[Firm] = []

    def city(self) -> City:
        return self.random.choices(CITIES, cum_weights=self.weights)[0]

    def home(self) -> Address:
        random = self.random
        city = self.city()
        room = (
            f"{random.randint(1, 30)}{random.choice(('栋', '号楼', '幢'))}{random.randint(1, 4)}单元"
            f"{random.randint(1, 28)}0{random.randint(1, 4)}室"
        )
        return Address(city, random.choice(city.districts), self.street(), random.choice(ESTATES), room)

    def office(self, city: City) -> Address:
        random = self.random
        room = random.choice((f"{random.randint(2, 38)}层", f"{random.randint(2, 38)}{random.randint(1, 20):02}室", ""))
        prefix = random.choice(
            (city.name.removesuffix("市"), random.choice(("华", "金", "新", "中", "天安", "联合")), "")
        )
        building = prefix + random.choice(TOWERS) + random.choice(("A座", "B座", "", ""))
        return Address(city, random.choice(city.districts), self.street(), building, room)

    def street(self) -> str:
        return f"{self.random.choice(ROADS)}{self.random.randint(1, 999)}号"

    def number(self, city: City) -> str:
        """A telephone number without its area code: eight digits, seven in `SEVEN_DIGITS`."""
        number = f"{self.random.choice('5668888')}{self.random.randrange(10**7):07}"
        return number[:7] if city.code in SEVEN_DIGITS else number

    def firm(self) -> Firm:
        """A new firm; one in twelve is a branch of an earlier one, one in fourteen an institution."""
        random = self.random
        self.firms += 1
        if self.parents and random.random() < 0.08:
            parent = random.choice(self.parents[-200:])
            city = self.city()
            branch = f"{city.name.removesuffix('市')}分公司"
            return Firm(
                self.firms, parent.city, parent.brand, parent.trade, parent.form, branch, self.office(city),
                self.number(city), parent.domain, parent.bracketed,
            )  # fmt: skip
        city = self.city()
        if random.random() < 0.07:
            district = random.choice(city.districts)
            return Firm(
                self.firms, city, district, random.choice(UNITS), "", "", self.office(city), self.number(city),
                f"{self.letters(district)}{self.firms}.gov.cn", False,
            )  # fmt: skip
        brand = "".join(random.sample(BRAND, random.choices((2, 3), (80, 20))[0]))
        form = random.choices(list(FORMS), list(FORMS.values()))[0]
        made = Firm(
            self.firms, city, brand, random.choice(TRADES), form, "", self.office(city), self.number(city),
            self.letters(brand) + random.choice(("", "tech", "group", str(self.firms))) + random.choice((".com", ".cn", ".com.cn")),
            random.random() < 0.08,
        )  # fmt: skip
        self.parents.append(made)
        return made

    def letters(self, text: str) -> str:
        return "".join(map(slips.reading, text))
