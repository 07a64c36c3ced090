"""A Western customer list with truth: people at firms and at home, in English-speaking countries and in Europe.

    python benchmarks/duplicates/people_en.py 20000 people.csv [--seed 1]

Built as `people_cn` is, smaller: namesakes by the real frequencies of names, colleagues at one switchboard, couples and
families, now and then a son with his father's name; and the slips of Western lists: nicknames,
initials, first and last name swapped, letters with and without marks, titles, double names, legal forms, street words in
short and full, a moved house, a new number, a married name. A later record always has a way of contact, or a legible name
beside firm or home, in common with an earlier one, but for `HOPELESS` of them.
"""

from __future__ import annotations

import argparse
import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from people_en_words import (
    COUNTRIES,
    FIRMS,
    FORMS,
    KEYS,
    LAST,
    LAST_BEGINNINGS,
    LAST_ENDINGS,
    MEN,
    NICKNAMES,
    OTHER_FORMS,
    STREETS,
    TRADES,
    WAYS,
    WOMEN,
    Country,
)

FIELDS = (
    ("first_name", "person_name"), ("last_name", "person_name"), ("company", "org_name"), ("phone", "phone"),
    ("email", "email"), ("address", "address"), ("city", "string"), ("postcode", "string"), ("country", "country"),
    ("birthday", "date"), ("source", "string"), ("created_on", "date"),
)  # fmt: skip
HOPELESS = 0.004
RECORDS = (64, 25, 8, 3)


@dataclass(frozen=True)
class Home:
    """An address, of a home or a firm."""

    country: Country
    town: int
    number: int
    street: str
    way: str
    flat: str
    postcode: str


@dataclass(frozen=True)
class Firm:
    name: str
    form: str
    home: Home
    phone: str
    domain: str


@dataclass
class Person:
    number: int
    first: str
    last: str
    woman: bool
    home: Home
    phone: str
    mail: str
    birthday: date
    firm: Firm | None = None
    shown: set[str] = field(default_factory=set)


class CustomerList:
    """Makes rows; the same seed and count give the same rows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"people_en {seed}")
        self.people = 0
        self.mails: set[str] = set()

    def rows(self, count: int) -> Iterator[list[str]]:
        """Rows, the person's number last."""
        made = 0
        while made < count:
            for person in self.group():
                for _ in range(self.random.choices(range(1, 5), RECORDS)[0]):
                    if made < count:
                        yield [*self.record(person), f"P{person.number:07}"]
                        made += 1

    def group(self) -> list[Person]:
        """Colleagues, a household, or one person."""
        random, kind = self.random, self.random.random()
        if kind < 0.35:
            firm = self.firm()
            staff = [self.person() for _ in range(random.choices((1, 2, 5, 12, 30), (52, 26, 14, 6, 2))[0])]
            for person in staff:
                person.firm = firm
                if random.random() < 0.6:
                    person.mail = self.mail(person, firm.domain)
            return staff
        first = self.person()
        if kind > 0.6:
            return [first]
        members = [first]
        for _ in range(random.choices((1, 2, 3), (60, 28, 12))[0]):
            name, junior = self.name(), random.random() < 0.02
            if junior:
                name = (first.first, first.last + random.choice(("", " Jr.")), first.woman)
            elif random.random() < 0.8:
                name = (name[0], first.last, name[2])
            other = self.person(name)
            other.home = first.home
            if random.random() < 0.3:
                other.phone = first.phone
            if junior:
                other.birthday = first.birthday + timedelta(days=random.randint(8000, 13000))
            members.append(other)
        return members

    def name(self) -> tuple[str, str, bool]:
        """First name, last name, and whether a woman's; four in ten last names are from the long tail."""
        random = self.random
        woman = random.random() < 0.5
        names = WOMEN if woman else MEN
        if random.random() < 0.4:
            last = random.choice(LAST_BEGINNINGS) + random.choice(LAST_ENDINGS)
        else:
            last = LAST[self.by_rank(len(LAST))].replace("_", " ")
        return names[self.by_rank(len(names))], last, woman

    def person(self, name: tuple[str, str, bool] | None = None) -> Person:
        random = self.random
        self.people += 1
        first, last, woman = name or self.name()
        home = self.home()
        born = date(1945, 1, 1) + timedelta(days=random.randrange(21000))
        made = Person(self.people, first, last, woman, home, self.phone(home), "", born)
        made.mail = self.mail(
            made, random.choice(("gmail.com", "gmail.com", "yahoo.com", "outlook.com", "web.de", "aol.com"))
        )
        return made

    def by_rank(self, count: int) -> int:
        """A place by rank, weights falling as 1 / (rank + 12)."""
        return min(int(12 * ((count + 12) / 12) ** self.random.random()) - 12, count - 1)

    def home(self) -> Home:
        random = self.random
        country = random.choices(COUNTRIES, [country.weight for country in COUNTRIES])[0]
        town = random.randrange(len(country.towns))
        start = country.towns[town][1]
        if country.name == "United Kingdom":
            postcode = f"{start}{random.randrange(10)}{random.choice('ABDEFGHJLN')}{random.choice('ABDEFGHJLN')}"
        else:
            postcode = start + f"{random.randrange(10 ** (5 - len(start))):0{5 - len(start)}}"
        street, way = random.choice(STREETS), random.choice(list(WAYS))
        flat = random.choice(("", "", "", f"Apt {random.randint(1, 40)}", f"Unit {random.randint(1, 20)}"))
        return Home(country, town, random.randint(1, 2400), street, way, flat, postcode)

    def firm(self) -> Firm:
        random, home = self.random, self.home()
        name = f"{random.choice(FIRMS)} {random.choice(TRADES)}"
        if random.random() < 0.4:
            name = f"{random.choice(FIRMS)} {name}"
        domain = plain(name).replace(" ", "") + random.choice((".com", ".net", ".co.uk", ".de"))
        return Firm(name, random.choice(FORMS[home.country.name]), home, self.phone(home), domain)

    def phone(self, home: Home) -> str:
        """A number in its international form, digits alone."""
        random, area = self.random, home.country.local.split()[home.town]
        length = 8 if area == "20" else 7
        first = {"20": "7", "117": "9"}.get(area) or ("2" if home.country.dial == "+44" else random.choice("23456789"))
        return f"{home.country.dial}{area}{first}{random.randrange(10 ** (length - 1)):0{length - 1}}"

    def mail(self, person: Person, domain: str) -> str:
        random = self.random
        first, last = plain(person.first), plain(person.last).replace(" ", "")
        local = random.choice(
            (f"{first}.{last}", f"{first[0]}{last}", f"{first}{last[0]}", f"{last}.{first}", f"{first}_{last}")
        )
        if domain.split(".")[0] in ("gmail", "yahoo", "outlook", "web", "aol"):
            local += random.choice(("", str(person.birthday.year), str(random.randint(1, 99))))
        found = f"{local}@{domain}"
        while found in self.mails:
            found = f"{local}{random.randint(1, 9999)}@{domain}"
        self.mails.add(found)
        return found

    def record(self, person: Person) -> list[str]:
        """One more record: what changed since, what is left out, what slips in."""
        random = self.random
        if person.shown:
            if random.random() < 0.06:
                person.phone = self.phone(person.home)
            if random.random() < 0.06:
                person.home = self.home()
            if person.woman and random.random() < 0.02:
                person.last = self.name()[1]
        first, last, legible = self.names(person)
        firm = person.firm if person.firm and random.random() < 0.8 else None
        phone = person.phone if random.random() < 0.65 else firm.phone if firm and random.random() < 0.7 else ""
        mail = person.mail if random.random() < 0.6 else f"info@{firm.domain}" if firm and random.random() < 0.2 else ""
        place = firm.home if firm and random.random() < 0.7 else person.home
        placed = random.random() < 0.7
        born = person.birthday if random.random() < 0.3 else None
        if phone and random.random() < 0.015:
            phone = phone[:-3] + f"{random.randrange(1000):03}"
        if mail and random.random() < 0.015:
            mail = typo(random, mail.split("@")[0]) + "@" + mail.split("@")[1]
        shows = {way for way in (phone, mail) if way and way in (person.phone, person.mail)}
        if legible and firm:
            shows.add(firm.name)
        if legible and placed:
            shows.add(str(place))
        if not (shows & person.shown if person.shown else shows) and random.random() >= HOPELESS:
            first, last = person.first, person.last
            if person.phone in person.shown or not person.shown:
                phone = person.phone
            elif person.mail in person.shown:
                mail = person.mail
            elif person.firm and person.firm.name in person.shown:
                firm = person.firm
            else:
                placed, place = True, person.home
        person.shown |= shows | ({phone, mail} & {person.phone, person.mail})
        entered = date(2012, 1, 1) + timedelta(days=random.randrange(4800))
        return [
            first, last, self.firm_name(firm) if firm else "", self.written_phone(phone), mail,
            self.street(place) if placed else "", place.country.towns[place.town][0] if placed else "",
            place.postcode if placed and random.random() < 0.9 else "", place.country.name if random.random() < 0.8 else "",
            born.isoformat() if born else "", random.choice(("crm", "shop", "fair", "erp")), entered.isoformat(),
        ]  # fmt: skip

    def names(self, person: Person) -> tuple[str, str, bool]:
        """First and last name as somebody writes them, and whether both can still be read."""
        random, first, last = self.random, person.first, person.last
        slip, legible = random.random(), True
        if slip < 0.10 and first in NICKNAMES:
            first = NICKNAMES[first]
        elif slip < 0.16:
            first, legible = first[0] + random.choice(("", ".")), False
        elif slip < 0.20:
            first = f"{first} {random.choice('ABCDEFGHJKLMPRST')}."
        elif slip < 0.23:
            first, last = last, first
        elif slip < 0.27:
            first = typo(random, first)
        elif slip < 0.31:
            last = typo(random, last)
        elif slip < 0.33:
            first = random.choice(("Mr. ", "Dr. ") if not person.woman else ("Mrs. ", "Ms. ", "Dr. ")) + first
        elif slip < 0.35:
            first, last = first.upper(), last.upper()
        if random.random() < 0.35:
            first, last = without_marks(first), without_marks(last)
        return first, last, legible

    def firm_name(self, firm: Firm) -> str:
        slip = self.random.random()
        if slip < 0.25:
            return firm.name
        if slip < 0.33:
            return f"{firm.name} {OTHER_FORMS.get(firm.form, firm.form)}"
        if slip < 0.38:
            return typo(self.random, firm.name) + f" {firm.form}"
        if slip < 0.41:
            return f"The {firm.name} Group"
        return f"{firm.name} {firm.form}"

    def street(self, home: Home) -> str:
        random = self.random
        way = WAYS[home.way] + random.choice(("", ".")) if random.random() < 0.45 else home.way
        flat = home.flat if random.random() < 0.85 else ""
        street = typo(random, home.street) if random.random() < 0.02 else home.street
        return f"{home.number} {street} {way}" + (f", {flat}" if flat else "")

    def written_phone(self, phone: str) -> str:
        if not phone:
            return ""
        form = self.random.random()
        if form < 0.3:
            return phone
        dial = next(country.dial for country in COUNTRIES if phone.startswith(country.dial))
        rest = phone.removeprefix(dial)
        if form < 0.6 or dial != "+1":
            return f"{dial} {rest[:3]} {rest[3:]}" if form < 0.8 else f"{dial}-{rest[:2]}-{rest[2:]}"
        return f"({rest[:3]}) {rest[3:6]}-{rest[6:]}" if form < 0.8 else f"+1 {rest[:3]}-{rest[3:6]}-{rest[6:]}"


def typo(random: Random, text: str) -> str:
    """A letter lost, doubled, swapped with the next, or the key beside it."""
    if len(text) < 3:
        return text
    place, form = random.randrange(1, len(text) - 1), random.random()
    if form < 0.25:
        return text[:place] + text[place + 1 :]
    if form < 0.45:
        return text[:place] + text[place] + text[place:]
    if form < 0.7:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    key = KEYS.find(text[place].lower())
    beside = KEYS[key + 1 : key + 2].strip() or "e"
    return text[:place] + beside + text[place + 1 :]


def without_marks(text: str) -> str:
    """Müller as Mueller, François as Francois, Łukasz as Lukasz."""
    text = text.translate(
        str.maketrans({"ü": "ue", "ö": "oe", "ä": "ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "å": "a"})
    )
    return "".join(
        character for character in unicodedata.normalize("NFD", text) if not unicodedata.combining(character)
    )


def plain(text: str) -> str:
    return without_marks(text).lower().replace("'", "").replace("-", "").replace(".", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with options.file.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(name for name, _ in FIELDS), "person"])
        writer.writerows(CustomerList(options.seed).rows(options.count))


if __name__ == "__main__":
    main()
