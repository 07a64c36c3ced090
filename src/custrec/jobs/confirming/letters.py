"""Letters: for each customer of a campaign with work left, what is known and a token; as rows to be merged into mails
(CSV) or as sheets to be printed (HTML).

A token says as of which event its letter was written, so all letters of one run show one moment (a snapshot).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

from custrec.errors import IoFailure, LettersExist
from custrec.files.headers import titles_for
from custrec.files.output import open_output, open_to_fill_in, write_rows
from custrec.jobs.confirming.keys import signer
from custrec.jobs.confirming.reply_columns import ANSWER, TOKEN, UNTIL, header_of
from custrec.jobs.confirming.tokens import Signer, Ticket
from custrec.jobs.edits.naming import name_fields
from custrec.jobs.progress import Progress
from custrec.jobs.reading import read_for, shown, value_type
from custrec.model.confirmations import Campaign
from custrec.model.schema import Table
from custrec.report.sheets import LANGUAGES, Sheet, page
from custrec.store import campaigns as kept
from custrec.store import keyed, records
from custrec.store.database import Store, snapshot
from custrec.values.guard import guarded, told_apart

AT_ONCE = 5_000
SHEETS = 500
"""Customers in a file of sheets: what a browser prints at once without ado."""
PLAIN_KINDS = ("phone", "date", "datetime", "integer", "number", "money", "boolean")
"""Kinds whose texts are no formulas, whatever sign they begin with."""
LEFT = ("open", "partly")


@dataclass(frozen=True)
class LettersRequest:
    """Letters to write: of which campaign, into which folder, as `csv` or `html`, in which language (report.sheets);
    the fields that are shown in part only, the last day for answers, and where these go."""

    campaign: Campaign
    folder: Path
    until: date
    form: str = "html"
    lang: str = "en"
    masked: Sequence[str] = ()
    to: str = ""


@dataclass(frozen=True)
class Letters:
    """What was written: how many letters, in which files."""

    count: int
    files: list[Path]


@dataclass(frozen=True)
class _Letter:
    """One customer: their key, name, what is shown of each field, and the token."""

    key: list[str]
    name: str
    cells: list[str]
    token: str


def write_letters(store: Store, request: LettersRequest, progress: Progress) -> Letters:
    """Write the letters to all with work left. Files are for their owner only.

    Raises LettersExist, ConfirmKeyUnusable, IoFailure.
    """
    try:
        request.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise IoFailure(path=str(request.folder), reason=(error.strerror or str(error)).lower()) from error
    _refuse_existing(request)
    signs = signer(store, new=True)
    with snapshot(store.reader):
        letters = _letters(store, request, signs, progress)
        first = next(letters, None)
        if first is None:
            return Letters(0, [])
        write = _as_rows if request.form == "csv" else _as_sheets
        return write(request, chain([first], letters))


def _letters(store: Store, request: LettersRequest, signs: Signer, progress: Progress) -> Iterator[_Letter]:
    campaign, table, event = request.campaign, request.campaign.table, store.last_event
    names, keys, called = [f.name for f in campaign.fields], list(table.primary_key), name_fields(table)
    read = list(dict.fromkeys([*names, *keys, *called]))
    stored = read_for(store.schema, table, read)
    masks = {name: value_type(store.schema, table, table.by_name[name]).mask for name in request.masked}
    items = (item.record for item in kept.work_list(store, campaign) if item.standing in LEFT)
    while batch := list(islice(items, AT_ONCE)):
        rows = {row[0]: row for row in records.select_any(store, table, stored, keyed.numbered(batch))}
        texts = {row[0]: dict(zip(read, row[1:], strict=True)) for row in shown(
            store.schema, table, read, iter(rows.values()))}  # fmt: skip
        for record in batch:
            said = {name: "" if cell is None else str(cell) for name, cell in texts[record].items()}
            for name, mask in masks.items():
                value = rows[record][1 + stored.index(name)]
                said[name] = "" if value is None else mask(value)
            token = signs.token(Ticket(campaign.number, record, event, request.until))
            name = " ".join(said[one] for one in called)
            yield _Letter([said[one] for one in keys], name, [said[one] for one in names], token)
        progress.rows += len(batch)
        progress.phase("writing")


def _as_rows(request: LettersRequest, letters: Iterator[_Letter]) -> Letters:
    table, names = request.campaign.table, [f.name for f in request.campaign.fields]
    place = request.folder / f"{_stem(request.campaign.name)}.csv"
    keys = [name for name in table.primary_key if name not in names]
    own = [header_of(one, table) for one in (TOKEN, ANSWER, UNTIL)]
    until, count = request.until.isoformat(), 0
    guards = [_guard(table, name) for name in [*keys, *names]]

    def rows() -> Iterator[list[str]]:
        nonlocal count
        for one in letters:
            count += 1
            key = dict(zip(table.primary_key, one.key, strict=True))
            cells = [*(key[name] for name in keys), *one.cells]
            yield [one.token, "", until, *(guard(cell) for guard, cell in zip(guards, cells, strict=True))]

    with open_to_fill_in(place) as stream:
        write_rows(stream, "csv", [*own, *keys, *names], rows())
    return Letters(count, [place])


def _as_sheets(request: LettersRequest, letters: Iterator[_Letter]) -> Letters:
    campaign, words = request.campaign, LANGUAGES[request.lang]
    titles = _titles(campaign, request.lang)
    files: list[Path] = []
    count = 0
    while batch := list(islice(letters, SHEETS)):
        place = request.folder / f"{_stem(campaign.name)}-{len(files) + 1:03}.html"
        sheets = (
            Sheet(" · ".join(filter(None, (*one.key, one.name))), list(zip(titles, one.cells, strict=True)), one.token)
            for one in batch
        )
        until = _day(request.until, request.lang)
        with open_output(place) as stream:
            stream.writelines(
                page(campaign.name, words, sheets, until=until, to=request.to, masked=bool(request.masked))
            )
        files.append(place)
        count += len(batch)
    return Letters(count, files)


def _titles(campaign: Campaign, lang: str) -> list[str]:
    """What fields are called on a sheet: in Chinese as people's files call them, in English by title, name or alias."""
    names = [f.name for f in campaign.fields]
    if lang == "zh":
        return titles_for(campaign.table, names)
    titles = []
    for one in campaign.fields:
        known = [text for text in (one.title, one.name, *one.aliases) if text and text.isascii()]
        titles.append((known or [one.name])[0].replace("_", " ").capitalize())
    return titles


def _day(day: date, lang: str) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if lang == "zh" else f"{day.day} {day:%B %Y}"


def _guard(table: Table, name: str) -> Callable[[str], str]:
    return told_apart if table.by_name[name].kind in PLAIN_KINDS else guarded


def _stem(name: str) -> str:
    """A campaign's name as a part of a file's."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "letters"


def _refuse_existing(request: LettersRequest) -> None:
    stem = _stem(request.campaign.name)
    pattern = re.compile(re.escape(stem) + (r"\.csv" if request.form == "csv" else r"-\d{3,}\.html"))
    for place in sorted(request.folder.iterdir()):
        if pattern.fullmatch(place.name):
            raise LettersExist(path=place.name)
