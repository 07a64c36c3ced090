"""A Chinese customer as they are, and a record of theirs while it is written: what it leaves out, and what slips in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

import people_cn_slips as slips
from people_cn_firms import Address, Firm, clean_firm_name, firm_name
from people_cn_sources import Source
from people_cn_words import SHARED_BOXES

REMARKS = ("老客户", "展会认识", "价格敏感", "待回访", "VIP", "月结")


@dataclass
class Person:
    """Someone, as they are; their records differ from it."""

    number: int
    surname: str
    given: str
    woman: bool
    home: Address
    home_phone: str | None
    mobile: str
    mail: str | None
    owner: str
    firm: Firm | None = None
    extension: str = ""
    namesake: bool = False
    """A colleague has the same name, so that name and firm do not tell who it is."""
    shown: set[str] = field(default_factory=set)
    """What the records so far show that tells who it is."""
    known_home: Address | None = None
    """The home that a record shows, where one does: perhaps not the present one."""
    last_number: str = ""


class Draft:
    """A record while it is written: its cells, and what they show that tells whose it is."""

    def __init__(self, random: Random, person: Person, source: Source) -> None:
        self.random, self.person, self.source = random, person, source
        self.shows: set[str] = set()
        self.legible = True
        self.traditional = self.random.random() < source.traditional
        self.name = self.write_name()
        self.company = self.mobile = self.phone = self.email = self.address = ""
        self.write_ways()
        self.write_company()
        self.write_address()

    def write_name(self) -> str:
        random, person, source = self.random, self.person, self.source
        surname, given = person.surname, person.given
        if random.random() < source.title:
            whole = random.random() < 0.25
            self.legible = whole
            return self.script(slips.address_form(random, surname, given, person.woman, whole))
        if random.random() < source.latin:
            name = slips.latin(random, surname, given)
            self.legible = len(name) > len(given) + 4
            return name
        if random.random() < 0.025:
            surname, given = slips.same_sound(random, surname, given)
        elif random.random() < source.shape:
            return self.script(slips.same_shape(random, surname + given))
        elif random.random() < 0.007:
            self.legible = False
            return given
        if random.random() < 0.03:
            return self.script(slips.spaced(random, surname, given))
        return slips.variant(surname + given) if random.random() < 0.02 else self.script(surname + given)

    def write_ways(self) -> None:
        """Mobile, telephone and e-mail."""
        random, person, source = self.random, self.person, self.source
        if random.random() < source.mobile:
            self.put_mobile(slips.digit_slip(random, person.mobile) if random.random() < 0.012 else person.mobile)
        if random.random() < source.phone:
            self.put_phone()
        if random.random() < source.email:
            if person.firm and (person.mail is None or random.random() < 0.15):
                box = random.choices(list(SHARED_BOXES), list(SHARED_BOXES.values()))[0]
                self.email = f"{box}@{person.firm.domain}"
            elif person.mail:
                self.put_mail(slips.mail_slip(random, person.mail) if random.random() < 0.015 else person.mail)

    def write_company(self) -> None:
        firm = self.person.firm
        if firm and self.random.random() < self.source.company:
            self.company = self.script(firm_name(self.random, firm, short=self.source.name == "sales"))
            self.show_work(firm)

    def write_address(self) -> None:
        if self.random.random() >= self.source.address:
            return
        firm = self.person.firm
        at_work = firm is not None and self.random.random() < 0.9
        place = firm.address if firm and at_work else self.person.home
        self.address = self.script(place.written(self.random))
        if not at_work and self.legible:
            self.shows.add(f"home {place}")
            self.person.known_home = place

    def put_mobile(self, number: str) -> None:
        self.mobile = slips.mobile(self.random, number)
        if number == self.person.mobile:
            self.shows.add(number)

    def put_mail(self, mail: str) -> None:
        self.email = mail.upper() if self.random.random() < 0.01 else mail
        if mail == self.person.mail:
            self.shows.add(mail)

    def put_phone(self) -> None:
        person = self.person
        if person.firm:
            self.phone = slips.landline(self.random, person.firm.area, person.firm.switchboard, person.extension)
        elif person.home_phone:
            self.phone = slips.landline(self.random, person.home.area, person.home_phone)
        if self.phone and self.legible and not (person.firm and person.namesake):
            self.shows.add(self.landline_of(person))

    def landline_of(self, person: Person) -> str:
        return f"landline {person.firm.switchboard if person.firm else person.home_phone}"

    def show_work(self, firm: Firm) -> None:
        if self.legible and not self.person.namesake:
            self.shows.add(f"work {firm.number}")

    def repair(self) -> None:
        """Write down something that an earlier record shows: what a person would have asked for."""
        person = self.person
        if person.mobile in person.shown or not person.shown:
            self.put_mobile(person.mobile)
        elif person.mail in person.shown and person.mail:
            self.put_mail(person.mail)
        elif old := [way for way in sorted(person.shown) if way.isdigit()]:
            self.mobile = slips.mobile(self.random, old[0])  # the number before the new one
        else:
            self.repair_place()

    def repair_place(self) -> None:
        """A legible name beside a firm, telephone or home that is known."""
        person = self.person
        self.name, self.legible = self.script(person.surname + person.given), True
        if person.firm and f"work {person.firm.number}" in person.shown:
            self.company = self.script(clean_firm_name(person.firm))
        elif self.landline_of(person) in person.shown:
            self.put_phone()
        else:
            self.address = self.script((person.known_home or person.home).whole())

    def script(self, text: str) -> str:
        return slips.traditional(text) if self.traditional else text

    def row(self, serial_number: str, owners: list[str]) -> list[str]:
        """The record's cells, in the order of the columns, some in each other's place."""
        random, source = self.random, self.source
        name, company, mobile, phone = self.name, self.company, self.mobile, self.phone
        if company and random.random() < 0.005:
            name, company = company, name
        if random.random() < 0.03:
            mobile, phone = phone, mobile
        entered = date(2014, 1, 1) + timedelta(days=random.randrange(4200))
        contact = entered + timedelta(days=random.randrange(900))
        return [
            serial_number,
            name, company, mobile, phone, "", self.email, self.address, source.name,
            self.person.owner if random.random() < 0.7 else random.choice(owners),
            entered.strftime(source.day),
            contact.strftime(source.day) if random.random() < 0.6 else "",
            random.choice(REMARKS) if random.random() < 0.08 else "",
        ]  # fmt: skip
