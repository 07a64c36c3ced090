"""Templates: empty files with the headers of a table, for people to fill and for import to read as they are."""

from __future__ import annotations

from pathlib import Path

from custrec.errors import UsageError
from custrec.files.headers import titles_for
from custrec.files.output import STANDARD_OUTPUT, open_binary_output, open_output
from custrec.files.template import TemplateColumn, write_csv_template, write_xlsx_template
from custrec.jobs.exports import check_target, folder_for
from custrec.jobs.reading import value_type
from custrec.jobs.schemas import described
from custrec.model.schema import Schema, Table
from custrec.store.database import Store
from custrec.values.protocol import ValueType

FORMATS = ("csv", "xlsx")
_NUMBERS = frozenset({"integer", "number", "money"})


def template_format(path: str, given: str | None) -> str:
    """The format that was given, or that of the file's ending; CSV for standard output. Raises UsageError."""
    form = given or ("csv" if path == STANDARD_OUTPUT else Path(path).suffix.lower().removeprefix("."))
    if form not in FORMATS:
        raise UsageError(what="a template is csv or xlsx", hint="name the file so, or add --format")
    return form


def write_template(store: Store, table: Table, path: str, form: str) -> int:
    """Write the template of a table; says how many columns it has. Raises UsageError, IoFailure."""
    check_target(store, path)
    columns = template_columns(store.schema, table)
    if form == "csv":
        with open_output(path) as stream:
            write_csv_template(stream, columns)
    else:
        with open_binary_output(path) as binary:
            write_xlsx_template(binary, folder_for(path), table.title or table.name, columns)
    return len(columns)


def template_columns(schema: Schema, table: Table) -> list[TemplateColumn]:
    """The columns of a table as people fill them: a reference takes its parent's key."""
    headers = titles_for(table, [field.name for field in table.fields])
    columns = []
    for header, field, (name, _, must, *_) in zip(headers, table.fields, described(schema, table), strict=True):
        kind = value_type(schema, table, field)
        about = kind.describe()
        example = str(field.options.get("example") or about.example)
        columns.append(
            TemplateColumn(header, name, must, about.takes, example, _choices(kind), number=kind.kind in _NUMBERS)
        )
    return columns


def _choices(kind: ValueType) -> tuple[str, ...]:
    """What a drop-down list offers: of each value the first label that means it, or the value; yes and no."""
    if kind.kind == "boolean":
        return (kind.show(1), kind.show(0))
    if kind.kind != "choice":
        return ()
    labels = kind.field.options.get("labels") or {}
    return tuple(_label(kind, value, labels.get(value)) for value in kind.field.enum)


def _label(kind: ValueType, value: str, labels: object) -> str:
    first = labels[0] if isinstance(labels, list | tuple) and labels else labels
    return str(first) if first is not None and kind.judge(str(first)).value == value else value
