"""Small lists with duplicates whose truth is known, made by content alone."""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import random
from collections.abc import Sequence

from custrec.matching.columns import Column, encode
from custrec.model.schema import Defaults, Field
from custrec.values.protocol import Stored
from custrec.values.registry import for_field

FIRST = tuple(
    "james mary robert linda john susan david karen peter helen oscar nora ivan ruth felix iris hugo vera".split()
)
LAST = tuple("smith jones miller davis wilson moore taylor clark lewis walker young king wright scott baker".split())
STREETS = ["oak", "elm", "maple", "cedar", "park", "lake", "hill", "river", "church", "mill", "spring", "forest"]
KINDS = {"first": "person_name", "last": "person_name", "born": "date", "street": "address", "mail": "email"}

Record = dict[str, Stored]


def columns_of(records: Sequence[Record], kinds: dict[str, str] = KINDS) -> list[Column]:
    """The columns of stored values."""
    return [
        encode(name, for_field(Field(name, kind=kind), Defaults()), [record.get(name) for record in records])
        for name, kind in kinds.items()
    ]


def households(people: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """People in households of up to four, who share family name and address; a third stand twice, with slips."""
    chance = random.Random(seed)
    records: list[Record] = []
    truth: list[int] = []
    person = 0
    while person < people:
        last, street = chance.choice(LAST), f"{chance.randint(1, 900)} {chance.choice(STREETS)} street"
        for first in chance.sample(FIRST, chance.randint(1, 4)):
            born = f"{chance.randint(1940, 2010)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            mail = f"{first}.{last}{chance.randint(1, 9999)}@example.com" if chance.random() < 0.7 else None
            one: Record = {"first": first, "last": last, "born": born, "street": street, "mail": mail}
            records.append(one)
            truth.append(person)
            if chance.random() < 0.33:
                records.append(_copied(one, chance))
                truth.append(person)
            person += 1
    return records, truth


OFFICE_KINDS = {
    **KINDS,
    "firm": "org_name",
    "phone": "phone",
    "city": "text",
    "postcode": "text",
    "country": "country",
}
SYLLABLES = "bar ken dol mir sta von tel gro ash win fer hul pet ros cam bri lun dac".split()
CITIES = [("Leeds", "LS", "GB"), ("Bristol", "BS", "GB"), ("Boston", "021", "US"), ("Denver", "802", "US")]
FIRMS = [f"{one} {two}" for one in "Anchor Beacon Cobalt Granite Harbor Summit".split() for two in ("Foods", "Media")]


def offices(people: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """Colleagues who share firm, address, town, postcode, country and switchboard; a third stand twice, with slips."""
    chance = random.Random(seed)
    records: list[Record] = []
    truth: list[int] = []
    person = 0
    while person < people:
        (city, code, country), firm = chance.choice(CITIES), f"{chance.choice(FIRMS)} {chance.choice(LAST)}"
        office: Record = {
            "firm": firm,
            "street": f"{chance.randint(1, 2000)} {chance.choice(STREETS)} street",
            "phone": f"+1312{chance.randint(2000000, 9999999)}",
            "city": city,
            "postcode": f"{code}{chance.randint(10, 99)}",
            "country": country,
        }
        for _ in range(chance.randint(1, 9)):
            first, last = chance.choice(FIRST), "".join(chance.choices(SYLLABLES, k=3))
            mail = f"{first}.{last}{chance.randint(1, 999)}@example.com" if chance.random() < 0.8 else None
            born = f"{chance.randint(1940, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            one: Record = {**office, "first": first, "last": last, "mail": mail}
            one["born"] = born if chance.random() < 0.4 else None
            records.append(one)
            truth.append(person)
            if chance.random() < 0.33:
                records.append(_copied(one, chance))
                truth.append(person)
            person += 1
    return records, truth


TOWN_KINDS = {**KINDS, "phone": "phone", "town": "text", "postcode": "text", "country": "country"}
TOWNS = [(f"{one}{two}", f"{at}{number}") for at, one in enumerate(("Wes", "Nor", "Sut", "Eas", "Mid"), 3)
         for number, two in enumerate(("ton", "ham", "ford", "bury"), 2)]  # fmt: skip


def townsfolk(people: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """People of a few towns, many of one name, with e-mail addresses made of it; a third stand twice, of whom a quarter
    moved to another town."""
    chance = random.Random(seed)
    records: list[Record] = []
    truth: list[int] = []
    for person in range(people):
        first = chance.choice(FIRST) if chance.random() < 0.5 else "".join(chance.choices(SYLLABLES, k=2))
        last = chance.choice(LAST) if chance.random() < 0.5 else "".join(chance.choices(SYLLABLES, k=3))
        forms = (f"{first}.{last}", f"{first[0]}{last}", f"{last}.{first}", f"{first}_{last}{chance.randint(1, 99)}")
        one: Record = {"first": first, "last": last, "mail": f"{chance.choice(forms)}@mail{chance.randint(1, 9)}.com"}
        one["born"] = f"{chance.randint(1940, 2004)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        one |= {**_home(chance), "phone": f"+1312{chance.randint(2000000, 9999999)}"}
        for copied in (False, True)[: 1 + (chance.random() < 0.33)]:
            shown = _copied(one, chance) if copied else dict(one)
            if copied and chance.random() < 0.25:
                shown |= _home(chance)
            for field, blank in (("mail", 0.5), ("born", 0.7), ("phone", 0.4), ("street", 0.3), ("postcode", 0.3)):
                if chance.random() < blank:
                    shown[field] = None
            records.append(shown)
            truth.append(person)
    return records, truth


MEMBER_KINDS = {"name": "person_name", "mail": "email", "phone": "phone", "postcode": "text"}


def members(people: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """Families with first and last name in one field, who share a telephone or a mailbox now and then; a quarter stand
    twice, by an initial, with a title or a slip."""
    chance = random.Random(seed)
    records: list[Record] = []
    truth: list[int] = []
    person = 0
    while person < people:
        last = chance.choice(LAST) if chance.random() < 0.4 else "".join(chance.choices(SYLLABLES, k=3))
        home, postcode = f"+1312{chance.randint(2000000, 9999999)}", f"{chance.randint(10000, 10300)}"
        for first in chance.sample(FIRST, chance.randint(1, 4)):
            mail = f"{chance.choice((first[0], first + '.'))}{last}@mail{chance.randint(1, 9)}.com"
            if chance.random() < 0.1:
                mail = f"{last}.family{postcode}@mail.com"
            phone = home if chance.random() < 0.4 else f"+1312{chance.randint(2000000, 9999999)}"
            for copied in (False, True)[: 1 + (chance.random() < 0.25)]:
                form = chance.random() if copied else 1
                name = (
                    f"{first[0]} {last}" if form < 0.15 else f"mr {first} {last}" if form < 0.3 else f"{first} {last}"
                )
                if 0.3 <= form < 0.45:
                    name = name[:-2] + name[-1] + name[-2]
                one: Record = {"name": name, "mail": mail, "phone": phone, "postcode": postcode}
                for field, blank in (("mail", 0.3), ("phone", 0.4)):
                    if chance.random() < blank:
                        one[field] = None
                records.append(one)
                truth.append(person)
            person += 1
    return records, truth


FIRM_KINDS = {"firm": "org_name", "street": "address", "city": "text", "phone": "phone", "trade": "text"}
DIALLED = {"Leeds": "+44113", "Bristol": "+44117", "Sheffield": "+44114", "Reading": "+44118"}


def firms(count: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """Firms in four towns, whose telephones begin alike; an eighth stand twice, some without the telephone."""
    chance = random.Random(seed)
    records: list[Record] = []
    truth: list[int] = []
    for firm in range(count):
        town, dialled = chance.choice(sorted(DIALLED.items()))
        name = f"{''.join(chance.choices(SYLLABLES, k=2)).title()} {chance.choice('Foods Media Tools Cars'.split())}"
        one: Record = {
            "firm": name + chance.choice(["", " Ltd"]),
            "street": f"{chance.randint(1, 300)} {chance.choice(STREETS)} street",
            "city": town,
            "phone": f"{dialled}{chance.randint(2_000_000, 4_999_999)}",
            "trade": chance.choice(["retail", "wholesale", "services"]),
        }
        records.append(one)
        truth.append(firm)
        if chance.random() < 0.12:
            phone = None if chance.random() < 0.5 else one["phone"]
            records.append({**one, "firm": f"{name} Limited", "phone": phone})
            truth.append(firm)
    return records, truth


ARTICLE_KINDS = {"title": "text", "maker": "text", "price": "text"}


def articles(count: int, seed: int = 1) -> tuple[list[Record], list[int]]:
    """Articles of lines of up to five, whose titles differ in a number; two of five stand twice, otherwise worded."""
    chance = random.Random(seed)
    words = ["".join(chance.choices(SYLLABLES, k=2)) for _ in range(300)]
    records: list[Record] = []
    truth: list[int] = []
    article = 0
    while article < count:
        maker, line = chance.choice(words[:60]), " ".join(chance.choices(words, k=3))
        for _ in range(chance.randint(1, 5)):
            number, price = f"{chance.choice('ABCDX')}R{chance.randint(100, 9999)}", round(chance.uniform(5, 900), 2)
            records.append({"title": f"{maker} {line} {number}", "maker": maker, "price": str(price)})
            truth.append(article)
            if chance.random() < 0.4:
                title = f"{maker} {number} {line.split()[0]} {chance.choice(words)}"
                records.append({"title": title, "maker": maker, "price": str(round(price * 1.05, 2))})
                truth.append(article)
            article += 1
    return records, truth


def _home(chance: random.Random) -> Record:
    town, code = chance.choice(TOWNS)
    street = f"{chance.randint(1, 900)} {chance.choice(STREETS)} street"
    return {"street": street, "town": town, "postcode": f"{code}{chance.randint(100, 199)}", "country": "US"}


def _copied(record: Record, chance: random.Random) -> Record:
    copy = dict(record)
    field = chance.choice(["first", "last", "born", "street", "mail"])
    text = str(copy[field] or "")
    if field == "born" or not text:
        copy[field] = None
    else:
        at = chance.randrange(len(text))
        copy[field] = text[:at] + chance.choice("abcdeilnorst") + text[at + 1 :]
    return copy


def pairwise(truth: Sequence[int], clusters: Sequence[int]) -> tuple[float, float]:
    """Precision and recall of the pairs that clusters make."""

    def pairs(labels: Sequence[int]) -> set[tuple[int, int]]:
        by_label: dict[int, list[int]] = {}
        for row, label in enumerate(labels):
            by_label.setdefault(label, []).append(row)
        return {(a, b) for rows in by_label.values() for a in rows for b in rows if a < b}

    wanted, found = pairs(truth), pairs(clusters)
    both = len(wanted & found)
    return both / max(len(found), 1), both / max(len(wanted), 1)
