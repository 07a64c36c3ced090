"""What is wrong with a cell or a row: a value, not an exception.

A `Fault` says which rule a text breaks, with parameters that never hold the text itself. A `Problem` is a fault at
its place in a file. The sentences stand in one table here, by rule, so that another language can stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SENTENCES: dict[str, str] = {
    "required": "a value is required here",
    "stray-cell": "a value stands in a column that has no header",
    "ragged": "the row has {found} cells, the header {expected}",
    "ragged-over-lines": "the row has {found} cells over {lines} lines, the header {expected}: is a quote left open?",
    "open-quote": "a quote is opened in this line and never closed",
    "nul-byte": "the row holds a NUL byte, which no text has",
    "cell-too-big": "a cell is longer than {limit} MB",
    "quoting": "a quoted cell is followed by more text before the next delimiter",
    "half-character": "column {column} holds half a character, which is no text",
    "cell-no-text": "column {column} holds binary or nested data, which is no value of a field",
    "number-rounded": "the number in column {column} has more digits than its program keeps; store it there as text",
    "json-invalid": "this line is not valid JSON",
    "json-not-object": 'this line of JSON is not an object: {{"field": value, …}}',
    "json-repeated": "a key stands twice in this object",
    "undecodable": "the bytes here are not valid {encoding}",
    "too-long": "the value is longer than {limit} characters",
    "too-short": "the value is shorter than {limit} characters",
    "too-small": "the value is below the smallest allowed, {limit}",
    "too-large": "the value is above the largest allowed, {limit}",
    "pattern": "the value does not match the pattern {pattern}",
    "not-unique": "the value is already used by another record",
    "money-apart": "an amount and its currency are one value; a row that changes {amount} or {currency} gives both",
    "same-key": "the same key stands with other values in line {lines}",
    "no-parent": "there is no record in {table} with this {field}",
    "parent-in-trash": "the record in {table} with this {field} is in the trash",
    "parent-archived": "the record in {table} with this {field} is archived",
    "parent-restricted": "the record in {table} with this {field} is restricted: it is kept, and used for nothing",
    "same-record": "record {other} of these has the same value",
    "record-exists": "{table} has a record with this key already",
    "in-trash": "the record with this key is in the trash; to change it, bring it back first: custrec undelete",
    "archived": "the record with this key is archived; to change it, bring it back first: custrec unarchive",
    "restricted": "the record with this key is restricted: it is kept, and used for nothing",
    "erased-before": "somebody who was erased had the same {by}",
    "erased-value": "what was erased of this record comes back: {by}",
    "maybe-duplicate": "likely the same as {of} ({chance})",
    "check": "{message}",
    "declined": "{by} rejected this in the review of the plan",
    "declined-with-it": "it cannot be without a change that was left out",
    "moved-on": "what it would change was changed after the plan was made",
    # answers to letters
    "token-forged": "this code was not given by this store's key, or was mistyped",
    "token-foreign": "this code is that of another store, or of a key that was replaced, or was mistyped",
    "token-expired": "this code was good until {until}",
    "token-used": "this code was answered before",
    "token-twice": "line {line} has this code with another answer",
    "token-of-another": "the code is that of a letter about another record than this row's",
    "token-of-other": "this code is of the campaign {campaign} about {table}; import its answers apart",
    "campaign-over": "the campaign {campaign} takes no more answers",
    "not-asked": "nobody asks about this record in the campaign any more",
    "not-active": "the record is not active any more",
    "answer-unknown": "the answer is confirmed, corrected, delete, or blank",
    "nothing-corrected": "the answer says that something was corrected, and every value is as it was",
    "value-moved": "the value was changed after the letter was written",
    "not-normal": "the stored value is not as this version would store it",
    # values: any kind
    "scientific": "a spreadsheet has turned this into a rounded number such as 1.38E+10; export the column as text",
    "not-a-choice": "the value is none of {choices}",
    # values: names and places
    "name-no-letters": "a name needs at least one letter",
    "address-nothing": "an address needs a letter or a digit",
    "country-unknown": "this is no country by its ISO code, nor by its English or Chinese name",
    # values: ways to reach someone
    "email-invalid": "this is not a valid e-mail address",
    "email-several": "there are several e-mail addresses in one cell; keep one, and give the others their own field",
    "phone-invalid": "this is not a valid phone number {where}",
    "phone-letters": "a phone number is written in digits",
    "phone-no-region": "the country of this phone number is unknown; begin it with + or set a region",
    "phone-several": "there are several phone numbers in one cell; keep one, and give the others their own field",
    "phone-scientific": "a spreadsheet has turned this phone number into a decimal; export the column as text",
    # values: dates and times
    "date-invalid": "this is not a date",
    "date-format": "this is not a date written as {format}",
    "date-impossible": "there is no such day in the calendar",
    "date-implausible": "the year is not between {first} and {last}",
    "date-order": "day and month cannot be told apart; set dateOrder to dmy or mdy",
    "date-two-digit-year": "the year has only two digits",
    "date-weekday": "the day of the week does not belong to this date",
    "date-serial": "this is a spreadsheet's day number; format the column as a date and export it again",
    "datetime-invalid": "this is not a date with a time of day",
    "datetime-skipped": "the clocks of {zone} skipped this time",
    # values: numbers
    "integer-invalid": "this is not a whole number",
    "number-invalid": "this is not a number",
    "number-grouping": "the thousands are not grouped in threes by {group}",
    "number-decimals": "there are more than {decimals} decimals",
    "number-range": "the number is too large to be stored exactly",
    "boolean-invalid": "this is neither {true} nor {false}",
    "money-invalid": "this is not an amount of money",
    "money-currency": "the amount is not in {currency}",
    "money-no-currency": "the currency of this amount is unknown",
    # values: links
    "url-invalid": "this is not the address of a web page",
    "url-scheme": "a link begins with http:// or https://",
    "url-userinfo": "the link holds a user name or a password; write it without",
    "url-several": "there are several links in one cell; keep one, and give the others their own field",
    # values: identifiers
    "identifier-format": "this is not written as {format} is",
    "identifier-length": "the length is not that of {format}",
    "identifier-checksum": "the check digit of {format} does not agree: probably mistyped",
    "identifier-component": "a part of it cannot occur in {format}",
}
"""A sentence for each rule, also those of the value types."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule and the numbers or names that explain it; never a value of a record."""

    rule: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """One sentence for a person."""
        return SENTENCES[self.rule].format(**self.params)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault at its place: the physical line where the row begins (1 = the header), and the field, if one."""

    line: int
    field: str | None
    fault: Fault
