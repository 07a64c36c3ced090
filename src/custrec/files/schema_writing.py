"""A proposed schema as the text of schema.yaml, with a comment behind each thing that was told from the file.

The inverse of files.schema_file for what a proposal can hold: `parse_schema(schema_text(p)) == p.schema`, whatever
stands in the headers. Text is written as it is, Chinese too; what YAML could take for something else stands in double
quotes (YAML 1.2, 7.3.1), in which control and invisible characters are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from custrec.files.printable import printable
from custrec.files.schema_vocabulary import OPTION_KEYS, TYPE_KINDS
from custrec.model.proposal import Fit, Proposal, ProposedField, in_lines
from custrec.model.schema import Defaults, Field

HEAD = """\
# yaml-language-server: $schema=./schema.json
# Proposed by custrec from {source}, {looked}.
# Kinds were told from the values: read the comments, change what is wrong, then `custrec schema check`.
"""

_WIDTH = 112
_PLAIN = re.compile(r"[^\W\d_]\w*(?:[ /.-]?\w+)*").fullmatch
_NOT_TEXT = frozenset("true false null yes no on off y n inf nan".split())  # noqa: SIM905 (reads better)
_TYPES = {kind: type_ for type_, kind in TYPE_KINDS.items()} | {"choice": "string"}


def schema_text(proposal: Proposal) -> str:
    """The text of schema.yaml for a proposal; it ends with a line end."""
    table = proposal.table
    lines = [*_head(proposal), "", "version: 1", *_defaults(proposal), "", "tables:"]
    lines.append(f"  - name: {scalar(table.name)}")
    if table.title:
        lines.append(f"    title: {scalar(table.title)}")
    if table.primary_key:
        lines += _with(f"    primaryKey: {_list(table.primary_key)}", proposal.key_note)
    else:
        lines.append(f"    # no primaryKey: {proposal.key_note}")
    lines += _with(f"    missingValues: {_list(table.missing_values)}", proposal.missing_note)
    lines.append("    fields:")
    for proposed in proposal.fields:
        lines += _field(proposed)
    return "\n".join(lines) + "\n"


def fit_sentence(fit: Fit) -> str:
    """How the values of a column fit: `98.7 % of 4,812 values fit; 61 do not, e.g. in lines 12, 80; 3 blank`."""
    blank = f"; {fit.blank:,} blank" if fit.blank else ""
    if not fit.values:
        return "no values to tell it from"
    if not fit.misfits:
        return f"{f'all {fit.values:,} values fit' if fit.values > 1 else 'the one value fits'}{blank}"
    does = "does" if fit.misfits == 1 else "do"
    places = in_lines(fit.lines, fit.misfits)
    return f"{fit.share} of {fit.values:,} values fit; {fit.misfits:,} {does} not, {places}{blank}"


def scalar(text: str) -> str:
    """A text as a YAML scalar that is read back as the same text, in block and in flow style."""
    if _PLAIN(text) and text.casefold() not in _NOT_TEXT and text.isprintable():
        return text
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _head(proposal: Proposal) -> Iterator[str]:
    rows = f"{proposal.rows:,} row{'' if proposal.rows == 1 else 's'}"
    looked = f"{rows}, all of them looked at" if proposal.whole else f"{rows} of it looked at, the others not"
    if not proposal.rows:
        looked = "which has no rows yet: kinds are told from the headers alone"
    yield from HEAD.format(source=printable(proposal.source), looked=looked).rstrip("\n").split("\n")
    yield from (f"# Mind: {warning}" for warning in proposal.warnings)


def _defaults(proposal: Proposal) -> Iterator[str]:
    given, standard = proposal.defaults, Defaults()
    values = {"region": given.region, "dateOrder": given.date_order, "currency": given.currency}
    if given.timezone != standard.timezone:
        values["timezone"] = given.timezone
    yield "defaults: # where a row does not say"
    for key, value in values.items():
        note = proposal.default_notes.get(key, "")
        if value is not None:
            yield from _with(f"  {key}: {scalar(value)}", note)
        elif note:
            yield f"  # no {key}: {note}"


def _field(proposed: ProposedField) -> Iterator[str]:
    field = proposed.field
    comment = "; ".join((fit_sentence(proposed.fit), *proposed.notes))
    yield from _with(f"      - name: {scalar(field.name)}", comment)
    yield f"        type: {_TYPES[field.kind]}" if field.kind in _TYPES else f"        kind: {field.kind}"
    if field.title:
        yield f"        title: {scalar(field.title)}"
    if field.aliases:
        yield f"        aliases: {_list(field.aliases)}"
    yield from (f"        {key}: {_option(field, key)}" for key in OPTION_KEYS if key in field.options)
    if field.region_field:
        yield f"        regionField: {scalar(field.region_field)}"
    if field.currency_field:
        yield f"        currencyField: {scalar(field.currency_field)}"
    if limits := _limits(field):
        yield f"        constraints: {{{limits}}}"
    if field.classification:
        yield f"        classification: {scalar(field.classification)}"


def _limits(field: Field) -> str:
    said = ["required: true"] if field.required else []
    return ", ".join(said + ([f"enum: {_list(field.enum)}"] if field.enum else []))


def _option(field: Field, key: str) -> str:
    value = field.options[key]
    return _list(value) if isinstance(value, list | tuple) else scalar(str(value))


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(scalar, texts))}]"


def _with(line: str, comment: str) -> Iterator[str]:
    """A line with its comment behind it, or above it where that would make it long."""
    if comment and len(line) + len(comment) > _WIDTH:
        indent = " " * (len(line) - len(line.lstrip()))
        yield f"{indent}# {comment}"
        yield line
    else:
        yield f"{line} # {comment}" if comment else line
