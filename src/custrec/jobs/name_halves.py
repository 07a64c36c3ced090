"""Which fields of a table hold half a person's name each, told by what the fields are called.

So that people are called Robert Smith, and not Robert, where a list has the two apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.files.headers import fold_header
from custrec.model.schema import Field

GIVEN = ("first name", "given name", "forename", "vorname", "prénom", "voornaam", "名")
FAMILY = (
    *("last name", "surname", "family name", "nachname", "familienname", "nom de famille", "apellido", "apellidos"),
    *("cognome", "sobrenome", "apelido", "achternaam", "姓", "姓氏"),
)
_SHORTEST_END = 4
"""A shorter word at the end of a field's name may be a part of another one."""


def whole_name(named: Sequence[Field]) -> list[Field]:
    """The first of some fields; with it, if it is half a name, the first that is the other half, in their order."""
    if not named:
        return []
    first = named[0]
    for own, other in ((GIVEN, FAMILY), (FAMILY, GIVEN)):
        if _is_any(first, own):
            return [first, *[field for field in named[1:] if _is_any(field, other)][:1]]
    return [first]


def _is_any(field: Field, words: Sequence[str]) -> bool:
    known = [fold_header(word) for word in words]
    called = [fold_header(text) for text in (field.name, field.title, *field.aliases) if text]
    ends = tuple(word for word in known if len(word) >= _SHORTEST_END)
    return any(text in known or text.endswith(ends) for text in called)
