"""The tour that `custrec demo` gives: what it says, what it shows, which commands it runs, and how they end.

There is one tour, and this is it: `make demo` runs the same command. The files stand in examples/ of the checkout and
travel with the package. Whatever is shown here is run; no output is written down.
"""

from __future__ import annotations

from dataclasses import dataclass

FILES = ("customers-gbk.csv", "customers-july.csv", "contacts.csv")
"""What the tour imports."""


@dataclass(frozen=True)
class Run:
    """A command as one types it, and the exit code it has here. `{plan}` is the plan that was saved last."""

    line: str
    code: int = 0


@dataclass(frozen=True)
class Show:
    """The first lines of a file, up to a number of columns."""

    file: str
    lines: int
    columns: int
    encoding: str = "gb18030"


@dataclass(frozen=True)
class Mend:
    """A file made from another one by replacing texts, as one would in a spreadsheet."""

    file: str
    to: str
    replaced: tuple[tuple[str, str], ...]
    encoding: str = "gb18030"


@dataclass(frozen=True)
class Step:
    """What is said, and then done."""

    text: str
    does: tuple[Run | Show | Mend, ...]


@dataclass(frozen=True)
class Chapter:
    """Steps under a heading."""

    title: str
    steps: tuple[Step, ...]


TOUR = (
    Chapter(
        "A store",
        (
            Step(
                "A store is one SQLite file. schema.yaml beside it says which tables\nand fields there are.",
                (Run("custrec init"),),
            ),
        ),
    ),
    Chapter(
        "A messy file",
        (
            Step(
                "A list as a Chinese Excel saves it: GB18030, semicolons, phones and dates in\n"
                "every layout, full-width digits, amounts in 万. Some rows are wrong.",
                (Show("customers-gbk.csv", 5, 6),),
            ),
            Step(
                "A dry run (-n) has the real counts and writes nothing. Exit code 3: done, with\nfindings.",
                (Run("custrec import customers-gbk.csv -n", 3),),
            ),
            Step(
                "For good. Bad rows do not hold up the good ones, and the last line says how to\ntake it all back.",
                (Run("custrec import customers-gbk.csv", 3),),
            ),
        ),
    ),
    Chapter(
        "The rows that were rejected",
        (
            Step(
                "Each stands in the rejects file as it came, behind columns that say why.",
                (Show("custrec.rejects/1.csv", 13, 3),),
            ),
            Step(
                "Mend what can be mended and import that very file. (In a spreadsheet; here two\n"
                "cells are replaced for you.) What is still wrong is rejected again, never lost.",
                (
                    Mend("custrec.rejects/1.csv", "mended.csv", (("2025-11-31", "2025-11-30"), ("合作中", "有效"))),
                    Run("custrec import mended.csv", 3),
                ),
            ),
        ),
    ),
    Chapter(
        "Looking",
        (
            Step(
                "Conditions are a small language over the fields: text, amounts, dates, tags.",
                (Run("custrec list --where 'tags has VIP' --fields customer_no,name,credit_limit"),),
            ),
            Step(
                "find takes a name, a company, a phone in any layout, an e-mail or a key; Chinese\n"
                "by any part, and names by their sound.",
                (
                    Run("custrec find 西湖 --fields customer_no,name,company"),
                    Run("custrec find '(0086) 139-0013-8001' --fields customer_no,name,phone"),
                    Run("custrec find zhangwei --fields customer_no,name,company"),
                ),
            ),
            Step("One customer.", (Run("custrec show C0002"),)),
        ),
    ),
    Chapter(
        "Changing",
        (
            Step(
                "Every change is a plan first: -n shows it.",
                (
                    Run("custrec edit C0002 status=former credit_limit=13万 -n"),
                    Run("custrec edit C0002 status=former credit_limit=13万 --note 'called her'"),
                ),
            ),
            Step(
                "Many at once: by a condition, or by the ids that another command prints.",
                (Run("custrec tag add 北方 --where 'tags has 华北'"),),
            ),
            Step(
                "What is deleted goes to the trash, and comes back.",
                (Run("custrec delete C0003 --yes"), Run("custrec undelete C0003")),
            ),
        ),
    ),
    Chapter(
        "The next month, looked at by two",
        (
            Step(
                "Another system, English headers, fewer columns. The plan is saved, so that\n"
                "somebody else can look at it. An empty cell never wipes a value.",
                (Run("custrec import customers-july.csv --save-plan", 3),),
            ),
            Step("And applied.", (Run("custrec plan apply {plan}", 3),)),
            Step(
                "Contacts belong to customers; one of nobody is rejected.",
                (Run("custrec import contacts.csv --table contacts", 3),),
            ),
        ),
    ),
    Chapter(
        "Who, when, from where",
        (
            Step(
                "Everything that happened, and where a value came from: file, line, and what it\nwas before.",
                (Run("custrec history"), Run("custrec blame C0002 credit_limit")),
            ),
            Step(
                "And the customer as she was after the first two events.",
                (Run("custrec show C0002 --as-of event:2"),),
            ),
        ),
    ),
    Chapter(
        "The way back",
        (
            Step(
                "Every event can be undone, also an import of a million rows. July is event 7.",
                (Run("custrec undo 7"), Run("custrec redo 7")),
            ),
            Step(
                "What was built upon is not torn down unasked: nothing happens, and it says why.",
                (Run("custrec undo 1", 6),),
            ),
        ),
    ),
    Chapter(
        "The proof",
        (
            Step(
                "Every change is sealed; verify makes all seals again from what is stored. Keep\n"
                "the head elsewhere, and nobody can rebuild the history unnoticed.",
                (Run("custrec history verify"), Run("custrec history head")),
            ),
            Step("How it all stands, and what waits for somebody.", (Run("custrec status", 3),)),
        ),
    ),
)

END = "That was custrec. With a list of yours it begins so: custrec init --from FILE"
