"""A Chinese customer list with truth: people at companies, families and single people, each entered once or several times.

    python benchmarks/duplicates/people_cn.py 100000 people.csv [--seed 1]

The last column is the truth (`person`); `sets` keeps it out of what is imported. A third of the people have two records
or more. What makes it hard is what makes real lists hard: namesakes in one city (surnames and given names have their real
frequencies), up to forty colleagues at one switchboard and one address with one info@ mailbox, some of them with one name;
firms of one brand in many cities and trades, branches (分公司) that are other firms; families with one surname, address and
telephone, siblings with a character in common, couples on one mobile. And records come from six sources, each with fields
that it lacks and habits of its own: an office that writes traditional characters, salesmen who write 王总, scanned cards with
characters that look alike, web forms in Latin letters. Numbers change, people move, firms change their form.

What makes it honest: a later record always has something in common with the earlier ones by which a person could tell
whose it is (the mobile number, a mailbox of one's own, or a legible name beside the firm or the home), but for
`HOPELESS` of them. Every slip's share stands in `people_cn` or with its source, none is aimed at any program.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from random import Random

import people_cn_slips as slips
from people_cn_firms import Places
from people_cn_records import Draft, Person
from people_cn_sources import SOURCES, Source
from people_cn_words import COHORTS, MOBILE_PREFIXES, PUBLIC_MAIL, RARER, SURNAMES, Cohort

FIELDS = (
    ("customer_no", "string"), ("name", "person_name"), ("company", "org_name"), ("mobile", "phone"), ("phone", "phone"),
    ("fax", "phone"), ("email", "email"), ("address", "address"), ("source", "string"), ("owner", "string"),
    ("created_at", "date"), ("last_contact_at", "date"), ("remark", "string"),
)  # fmt: skip
HOPELESS = 0.004
RECORDS = (66, 23, 7.5, 2.5, 1)
"""How many records people have: one, two, … five; weights."""
COLLEAGUES = ((1, 1, 58), (2, 3, 21), (4, 8, 13), (9, 20, 6), (21, 40, 2))
"""How many people of a firm are in the list: from, to, weight."""


class CustomerList:
    """Makes rows, one after the other; the same seed and size give the same rows."""

    def __init__(self, seed: int) -> None:
        self.random = Random(f"people_cn {seed}")
        self.places = Places(self.random)
        self.people = 0
        self.mails: set[str] = set()
        self.mobiles: set[str] = set()
        self.surnames = list(SURNAMES)
        self.surname_weights = list(accumulate(SURNAMES.values()))
        self.owners = ["".join(self.name()[:2]) for _ in range(40)]

    def rows(self, count: int) -> Iterator[list[str]]:
        """Rows in the order in which they were entered by group, the person's number last."""
        made = 0
        while made < count:
            for person in self.group():
                for _ in range(self.random.choices(range(1, 6), RECORDS)[0]):
                    if made < count:
                        yield [*self.record(person), f"P{person.number:07}"]
                        made += 1

    # People

    def group(self) -> list[Person]:
        """Colleagues, a family, or one person alone."""
        kind = self.random.random()
        if kind < 0.42:
            return self.colleagues()
        if kind < 0.62:
            return self.family()
        return [self.private_person()]

    def colleagues(self) -> list[Person]:
        random = self.random
        low, high, _ = random.choices(COLLEAGUES, [weight for _, _, weight in COLLEAGUES])[0]
        firm = self.places.firm()
        owner = random.choice(self.owners)
        staff: list[Person] = []
        for _ in range(random.randint(low, high)):
            name = self.name()
            if staff and random.random() < 0.004:
                twin = random.choice(staff)
                name = (twin.surname, twin.given, twin.woman, name[3])
            person = self.person(owner, name)
            person.firm = firm
            person.extension = str(random.randint(8001, 8899)) if random.random() < 0.25 else ""
            for other in staff:
                if (other.surname, other.given) == name[:2]:
                    other.namesake = person.namesake = True
            if random.random() < 0.5:
                person.mail = self.new_mail(self.local_part(person), firm.domain)
            staff.append(person)
        return staff

    def family(self) -> list[Person]:
        """Husband, wife with a surname of her own, grown children with his; one address, often one telephone."""
        random = self.random
        first = self.private_person()
        first.home_phone = first.home_phone or self.places.number(first.home.city)
        shared = random.choice(RARER)
        members = [first]
        for _ in range(random.choices((1, 2, 3), (55, 33, 12))[0]):
            surname, given, woman, cohort = self.name()
            related = len(members) > 1 or random.random() < 0.35
            if related:
                surname = first.surname
                given = shared + random.choice(RARER) if len(members) > 1 and random.random() < 0.4 else given
            other = self.person(random.choice(self.owners), (surname, given, woman, cohort))
            other.home, other.home_phone = first.home, first.home_phone
            if not related and random.random() < 0.06:
                other.mobile = first.mobile
            members.append(other)
        return members

    def private_person(self) -> Person:
        return self.person(self.random.choice(self.owners), self.name())

    def person(self, owner: str, name: tuple[str, str, bool, Cohort]) -> Person:
        random = self.random
        surname, given, woman, cohort = name
        home = self.places.home()
        self.people += 1
        found = Person(
            self.people, surname, given, woman, home,
            self.places.number(home.city) if random.random() < 0.35 else None,
            self.new_mobile(), None, owner,
        )  # fmt: skip
        if random.random() < 0.72:
            domain = random.choices(list(PUBLIC_MAIL), list(PUBLIC_MAIL.values()))[0]
            if domain in ("qq.com", "foxmail.com") and random.random() < 0.85:
                found.mail = self.new_mail(str(random.randint(10**7, 3 * 10**9)), domain)
            else:
                born = 1960 + 10 * COHORTS.index(cohort) + random.randrange(10)
                tail = random.choices((str(born), str(born)[2:], str(random.randint(1, 999)), ""), (30, 30, 30, 10))[0]
                found.mail = self.new_mail(self.local_part(found) + tail, domain)
        return found

    def name(self) -> tuple[str, str, bool, Cohort]:
        random = self.random
        surname = random.choices(self.surnames, cum_weights=self.surname_weights)[0]
        cohort = random.choices(COHORTS, [cohort.share for cohort in COHORTS])[0]
        woman = random.random() < 0.42
        usual, whole = (cohort.women, cohort.women_whole) if woman else (cohort.men, cohort.men_whole)
        if random.random() < 0.24:
            names = whole.split()
            return surname, names[self.by_rank(len(names), 6)], woman, cohort
        if random.random() < cohort.single * 0.6:
            return surname, self.character(usual), woman, cohort
        return surname, self.character(usual) + self.character(usual), woman, cohort

    def character(self, usual: str) -> str:
        if self.random.random() < 0.5:
            return usual[self.by_rank(len(usual), 8)]
        return self.random.choice(RARER)

    def by_rank(self, count: int, flat: int) -> int:
        """A place in a list by rank, with weights 1 / (rank + flat): Zipf's law with a flat head (Mandelbrot)."""
        share = self.random.random()
        return min(int((flat + 1) * ((count + flat) / flat) ** share) - flat - 1, count - 1) if share else 0

    def local_part(self, person: Person) -> str:
        family = slips.surname_reading(person.surname)
        syllables = [slips.reading(character) for character in person.given]
        form = self.random.random()
        if form < 0.5:
            return family + "".join(syllables)
        if form < 0.65:
            return f"{''.join(syllables)}.{family}"
        if form < 0.85:
            return family + "".join(syllable[0] for syllable in syllables)
        return "".join(syllable[0] for syllable in [family, *syllables])

    def new_mail(self, local: str, domain: str) -> str:
        mail = f"{local}@{domain}"
        while mail in self.mails:
            mail = f"{local}{self.random.randint(1, 9999)}@{domain}"
        self.mails.add(mail)
        return mail

    def new_mobile(self) -> str:
        while (found := self.random.choice(MOBILE_PREFIXES) + f"{self.random.randrange(10**8):08}") in self.mobiles:
            pass
        self.mobiles.add(found)
        return found

    # Records

    def record(self, person: Person) -> list[str]:
        """One more record of a person: what has changed since, what its source leaves out, and what slips in."""
        self.change(person)
        source = self.random.choices(SOURCES, [source.weight for source in SOURCES])[0]
        draft = Draft(self.random, person, source)
        known = draft.shows & person.shown if person.shown else draft.shows
        if not known and self.random.random() >= HOPELESS:
            draft.repair()
        person.shown |= draft.shows
        return draft.row(self.serial_number(person, source), self.owners)

    def change(self, person: Person) -> None:
        """What happens to people between two records."""
        if not person.shown:
            return
        random = self.random
        if random.random() < 0.06:
            person.mobile = self.new_mobile()
        if random.random() < 0.05:
            person.home, person.home_phone = self.places.home(), None
        if person.firm and random.random() < 0.025:
            person.firm, person.extension = self.places.firm(), ""

    def serial_number(self, person: Person, source: Source) -> str:
        random = self.random
        if person.last_number and random.random() < 0.04:
            return person.last_number
        if random.random() < (0.6 if source.name == "card" else 0.05):
            return ""
        serial = random.randrange(10**8)
        person.last_number = {"crm": f"KH{serial:08}", "web": f"W{serial:010}"}.get(
            source.name, f"{source.name.upper()}-{serial:08}"
        )
        return person.last_number


def write(path: Path, count: int, seed: int = 1) -> None:
    """Write the list as CSV, UTF-8, the truth in its last column."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(name for name, _ in FIELDS), "person"])
        writer.writerows(CustomerList(seed).rows(count))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write(options.file, options.count, options.seed)


if __name__ == "__main__":
    main()
