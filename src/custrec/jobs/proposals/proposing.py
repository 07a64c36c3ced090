"""A schema proposed for a file: what kind each column is, which tells records apart, what stands for blank.

    sample → columns → customs (region, order of dates, currency) → kinds → names → key → judged as an import would

Nothing is written and no store is asked. The promise: `parse_schema(schema_text(proposal))` takes it, and the file then
imports without a further flag; of the rows looked at, only those are refused that the proposal counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from custrec.errors import DuplicateColumns, HeaderMissing, HeaderUnusable, TooManyColumns
from custrec.files.headers import OWN_COLUMNS, fold_header
from custrec.files.printable import printable
from custrec.files.schema_vocabulary import KIND_TYPES
from custrec.jobs.proposals.column_kinds import Guess, guess
from custrec.jobs.proposals.column_values import Column
from custrec.jobs.proposals.field_naming import check_table_name, field_names, safe_name, table_of
from custrec.jobs.proposals.file_customs import Customs, customs_of
from custrec.jobs.proposals.file_samples import FileSample, read_sample
from custrec.jobs.proposals.header_words import meanings
from custrec.jobs.proposals.key_finding import Key, find_key
from custrec.model.proposal import Fit, Proposal, ProposedField, in_lines
from custrec.model.schema import Field, Table
from custrec.values.cleaning import clean_column, missing_words
from custrec.values.letters import has_han
from custrec.values.registry import for_field

ROWS, CELLS = 5000, 200_000
"""So many rows are judged at most, and fewer of a wide file: so many cells."""
MOST_COLUMNS = 500
"""The fields that a table may have (data/schema.json)."""
_LONGEST_HEADER = 200
_LINES_NAMED = 3
_SURE = frozenset({"email", "phone", "date", "datetime", "url", "identifier"})
"""Kinds that no name of a column is read as."""
_PERSONAL = frozenset({"person_name", "phone", "email", "address"})


def propose(
    path: str, *, table: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> Proposal:
    """Propose a schema for a file. `table` is what its table shall be called.

    Raises what reading a file raises, UsageError for the table's name, and TooManyColumns, DuplicateColumns,
    HeaderUnusable, HeaderMissing.
    """
    if table is not None:
        check_table_name(table)
    return propose_for(read_sample(path, encoding, delimiter), table)


def propose_for(sample: FileSample, called: str | None = None) -> Proposal:
    """Propose a schema for a sampled file. Raises as `propose` does, but for reading."""
    name, like = table_of(sample.name)
    name = called or name
    places = _usable_places(sample, name)
    thin = sample.thinned(min(ROWS, max(ROWS // 10, CELLS // len(places))))
    cells = list(zip(*thin.rows, strict=True)) or [()] * len(sample.header)
    columns = [Column.of(place, sample.header[place].strip(), cells[place]) for place in places]
    customs = customs_of(columns)
    guesses = [guess(column, customs.defaults) for column in columns]
    _refuse_record_as_header(sample, columns, guesses, customs)
    names = field_names([column.header for column in columns], [one.kind for one in guesses], like)
    key = find_key(sample, columns, guesses, names, like)
    draft = _Draft(thin, columns, guesses, names, customs, key)
    fields = draft.fields()
    missing, missing_note = draft.missing(fields)
    own = Table(
        name=name,
        id=1,
        title=like.title if like and name == like.name and any(map(has_han, sample.header)) else "",
        fields=fields,
        primary_key=(key.name,) if key.name else (),
        missing_values=missing,
    )
    return Proposal(
        source=sample.name,
        table=own,
        fields=tuple(draft.proposed(fields, missing)),
        defaults=customs.defaults,
        rows=len(thin.rows),
        whole=thin.whole,
        key_note=key.note,
        missing_note=missing_note,
        default_notes=customs.notes,
        warnings=(*sample.notes, *_warnings(sample)),
        form=sample.form,
    )


@dataclass(frozen=True)
class _Draft:
    """What is known of a file's columns, on the way to fields."""

    sample: FileSample
    columns: Sequence[Column]
    guesses: Sequence[Guess]
    names: Sequence[str]
    customs: Customs
    key: Key

    def fields(self) -> tuple[Field, ...]:
        """The fields, in the order of the columns."""
        region = next((n for n, g in zip(self.names, self.guesses, strict=True) if g.kind == "country"), None)
        currency = self._currency_field()
        named = self._name()
        drawn = []
        for number, (column, found, name) in enumerate(zip(self.columns, self.guesses, self.names, strict=True), 1):
            kind = self._kind(found, name)
            field = Field(
                name=name,
                id=number,
                type=KIND_TYPES[kind],
                kind=kind,
                title="" if name == column.header else column.header,
                enum=found.enum if kind == "choice" else (),
                required=name == self.key.name or column is named,
                classification=_classification(column, kind, found),
                options=found.options if kind == found.kind else {},
            )
            if kind == "phone" and region:
                field = self._better(field, replace(field, region_field=region), column, region)
            if kind == "money" and currency:
                field = self._better(field, replace(field, currency_field=currency), column, currency)
            drawn.append(field)
        return tuple(drawn)

    def missing(self, fields: Sequence[Field]) -> tuple[tuple[str, ...], str]:
        """The words that stand for blank where a kind cannot take them, and how often they do."""
        seen: Counter[str] = Counter()
        for column, field in zip(self.columns, fields, strict=True):
            if field.kind not in ("text", "tags"):
                seen.update(column.blank_words)
        total = sum(seen.values())
        note = f"seen {total:,} time{'s' if total > 1 else ''} where a value of the kind should stand" if total else ""
        return ("", *seen), note

    def proposed(self, fields: Sequence[Field], missing: Sequence[str]) -> list[ProposedField]:
        """Each field with how its column fits it, judged as an import does."""
        blanks = missing_words(missing)
        texts = [clean_column([text or "" for text in column.texts], blanks) for column in self.columns]
        by_name = dict(zip(self.names, texts, strict=True))
        proposed = []
        for column, field, found, own in zip(self.columns, fields, self.guesses, texts, strict=True):
            value_type = for_field(field, self.customs.defaults)
            reading = value_type.judge_column(own, by_name[value_type.beside] if value_type.beside else None)
            # A full-width sign, brought into form, may be a word for blank: then the import takes it as one.
            blank = sum(value is None or value in blanks for value in reading.values) - len(reading.faults)
            bad = sorted(reading.faults)
            fit = Fit(
                values=len(own) - blank,
                misfits=len(bad),
                blank=blank,
                lines=tuple(self.sample.lines[row] for row in bad[:_LINES_NAMED]),
            )
            notes = tuple(note for note in found.notes if field.kind == found.kind)
            proposed.append(ProposedField(column.place + 1, column.header, field, fit, notes))
        return proposed

    def _kind(self, found: Guess, name: str) -> str:
        """The kind of a field; whole numbers that tell records apart are no quantities."""
        return "text" if name == self.key.name and found.kind == "integer" else found.kind

    def _name(self) -> Column | None:
        """The column with the name of each record, if it is never blank: the one thing required beside the key."""
        for column, found in zip(self.columns, self.guesses, strict=True):
            known = any(meaning.field.name == "name" for meaning in meanings(column.header))
            if known and found.kind in ("person_name", "org_name"):
                return column if column.total == len(column.texts) > 0 else None
        return None

    def _currency_field(self) -> str | None:
        from custrec.values.currencies import CODES

        for column, found, name in zip(self.columns, self.guesses, self.names, strict=True):
            if found.kind in ("text", "choice") and column.total and column.part(lambda text: text in CODES) == 1:
                return name
        return None

    def _better(self, alone: Field, beside: Field, column: Column, other: str) -> Field:
        """The field that reads the value of another beside its own, if so it reads as many values."""
        near = self.columns[list(self.names).index(other)].texts
        own = [None if text in column.blank_words else text for text in column.texts]
        near = [None if text is None or text in self._blank_words(other) else text for text in near]
        faults = for_field(beside, self.customs.defaults).judge_column(own, near).faults
        return beside if len(faults) <= len(for_field(alone, self.customs.defaults).judge_column(own).faults) else alone

    def _blank_words(self, name: str) -> Mapping[str, int]:
        return self.columns[list(self.names).index(name)].blank_words


def _classification(column: Column, kind: str, found: Guess) -> str | None:
    """Who may see it: as the default schema has it for this header, else by kind."""
    known = next((m.field for m in meanings(column.header) if m.field.kind == kind), None)
    if known is not None:
        return known.classification
    if kind == "money":
        return "finance"
    return "personal" if kind in _PERSONAL or found.options.get("format") == "cn.ric" else None


def _usable_places(sample: FileSample, table: str) -> list[int]:
    """The columns that become fields. Raises where a header cannot be told from others, or is no name."""
    places = [i for i, header in enumerate(sample.header) if header.strip() and header.strip() not in OWN_COLUMNS]
    if len(places) > MOST_COLUMNS:
        raise TooManyColumns(file=sample.name, count=len(places), limit=MOST_COLUMNS)
    meant: dict[str, list[int]] = {}
    for place in places:
        header = sample.header[place]
        folded = fold_header(header)
        if not folded or not safe_name(f"a{folded}"):
            raise HeaderUnusable(file=sample.name, reason=f"column {place + 1} is headed by dashes alone")
        if len(header) > _LONGEST_HEADER:
            reason = f"the header of column {place + 1} is longer than {_LONGEST_HEADER} characters"
            raise HeaderUnusable(file=sample.name, reason=reason)
        meant.setdefault(folded, []).append(place)
    if twice := [found for found in meant.values() if len(found) > 1]:
        lines = [
            f"{printable(sample.header[found[0]].strip())}: columns {', '.join(str(place + 1) for place in found)}"
            for found in twice
        ]
        raise DuplicateColumns(count=len(twice), table=table, file=sample.name, details=tuple(lines))
    if not places:
        raise HeaderUnusable(file=sample.name, reason="none of its columns has a name")
    return places


def _refuse_record_as_header(
    sample: FileSample, columns: Sequence[Column], guesses: Sequence[Guess], customs: Customs
) -> None:
    """Raise HeaderMissing where a header is itself a value of a kind that no name of a column is read as."""
    for column, found in zip(columns, guesses, strict=True):
        if found.kind in _SURE:
            kind = for_field(Field("x", kind=found.kind, options=found.options), customs.defaults)
            if kind.judge(column.header).fault is None:
                raise HeaderMissing(file=sample.name, columns=column.place + 1)


def _warnings(sample: FileSample) -> list[str]:
    """What the file has that no schema mends."""
    headless = [place for place, header in enumerate(sample.header) if not header.strip()]
    filled = {place + 1: sum(1 for row in sample.rows if row[place].strip()) for place in headless}
    said = [
        f"column {place} has no header: {_rows(count)} with a value in it will be refused; name it, or import with"
        " --ignore-columns"
        for place, count in filled.items()
        if count
    ]
    if damaged := sum(sample.damaged.values()):
        rules = ", ".join(f"{rule} {count:,}" for rule, count in sample.damaged.most_common())
        said.append(f"{_rows(damaged)} cannot be read ({rules}), {in_lines(sample.damaged_lines, damaged)}")
    return said


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
