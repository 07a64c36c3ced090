"""The `where` language: a small safe language of conditions over the fields of one table.

    city = "深圳市" and age(last_contact_at) > 18mo

It is used in `--where`, in the checks of schema.yaml, in rules and policies. An expression is read and typed here
(`parse`), its values are given their stored form (`bind`, with the meaning of values coming from above), and it is
evaluated twice over with the same answer: over columns in Python (rules.expression) and as SQL with parameters
(store.where). The grammar stands in expression_parser, the meaning of each form in expression_nodes, the calendar
in calendar. This module is the face of them.
"""

from __future__ import annotations

from custrec.model.expression_binding import Normalise, bind
from custrec.model.expression_nodes import RECORD_ID, Expression, Stored, columns_of, fields_of, predicates
from custrec.model.expression_parser import parse
from custrec.model.expression_text import to_text

__all__ = [
    "RECORD_ID",
    "Expression",
    "Normalise",
    "Stored",
    "bind",
    "columns_of",
    "fields_of",
    "parse",
    "predicates",
    "to_text",
]
