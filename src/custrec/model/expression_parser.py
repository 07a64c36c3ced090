"""Reading an expression of the `where` language.

    condition  = every { "or" every }
    every      = denied { "and" denied }
    denied     = { "not" } ( "(" condition ")" | predicate )
    predicate  = term [ compared | tested ]                          a yes-or-no field alone means `= true`
    compared   = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) term
    tested     = ["not"] "in" "(" value { "," value } ")" | ["not"] "contains" value | ["not"] "starts" "with" value
               | ["not"] "has" value | "is" ["not"] "empty"
    term       = simple { ("+" | "-") duration }
    simple     = field | "today" | value | ("age" | "year" | "month" | "lower" | "length") "(" term ")"
    value      = text in quotes | [sign] number | date | moment | duration | word that is no field

Bounds keep every expression within what SQLite takes: NESTING levels, PREDICATES comparisons, VALUES values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from custrec.errors import ExpressionInvalid
from custrec.model.expression_lexer import QUOTES, RESERVED, Token, invalid, tokens_of
from custrec.model.expression_nodes import (
    RECORD_ID,
    And,
    Call,
    Column,
    Comparison,
    Contains,
    Expression,
    Function,
    HasTag,
    IsEmpty,
    Literal,
    Not,
    OneOf,
    Operand,
    Or,
    Order,
    Place,
    Shift,
    StartsWith,
    Today,
)
from custrec.model.expression_types import (
    Age,
    Sort,
    Term,
    against_constant,
    as_day,
    as_duration,
    compare,
    literal,
    sort_of_term,
)
from custrec.model.nearest import nearest
from custrec.model.schema import Field, Table

NESTING = 20
PREDICATES = 500
VALUES = 5_000

_FUNCTIONS = ("age", "year", "month", "lower", "length")
_NEGATABLE = ("in", "contains", "starts", "has")


def parse(text: str, table: Table, timezone: str = "UTC") -> Expression:
    """Read an expression over a table's fields.

    `timezone` (IANA name) says which day a datetime field falls on where it is held against a day. The literals are
    not bound yet (`expression_binding.bind`). Raises ExpressionInvalid, and nothing else, for whatever text.
    """
    return _Parser(text, table, timezone).whole()


class _Parser:
    def __init__(self, text: str, table: Table, timezone: str) -> None:
        self.tokens = tokens_of(text)
        self.table = table
        self.zone = timezone
        self.at = 0
        self.depth = 0
        self.predicates = 0
        self.values = 0

    # -- words ------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.token
        if token.kind != "end":
            self.at += 1
        return token

    def took_word(self, *words: str) -> bool:
        if self.token.is_word(*words):
            self.at += 1
            return True
        return False

    def took_sign(self, sign: str) -> bool:
        if self.token.is_sign(sign):
            self.at += 1
            return True
        return False

    def unexpected(self, wanted: str, hint: str | None = None) -> ExpressionInvalid:
        if self.token.kind == "end":
            return invalid(self.token.place, f"it ends where {wanted} is missing", hint)
        return invalid(self.token.place, f"{wanted} is missing before this", hint)

    # -- conditions -------------------------------------------------------------------------------------------------

    def whole(self) -> Expression:
        if self.token.kind == "end":
            raise invalid(self.token.place, "there is nothing in it")
        found = self.condition()
        if self.at + 1 < len(self.tokens):
            hint = None
            if self.token.is_sign("-", "+"):
                hint = QUOTES
            elif self.token.kind == "word":
                hint = "put text of several words in quotes"
            raise invalid(self.token.place, 'there is more, without "and" or "or" before it', hint)
        return found

    def condition(self) -> Expression:
        return self.chain("or", Or, lambda: self.chain("and", And, self.denied))

    def chain(self, word: str, kind: type[And] | type[Or], item: Callable[[], Expression]) -> Expression:
        first = item()
        if not self.token.is_word(word):
            return first
        items = [first]
        while self.took_word(word):
            items.append(item())
        return kind(tuple(flat for one in items for flat in (one.items if isinstance(one, kind) else (one,))))

    def denied(self) -> Expression:
        with_not = self.took_word("not")
        self.deeper(self.token.place if with_not or self.token.is_sign("(") else None)
        if with_not:
            found: Expression = Not(self.denied())
        elif self.took_sign("("):
            found = self.condition()
            if not self.took_sign(")"):
                raise self.unexpected("a closing parenthesis")
        else:
            return self.predicate()
        self.depth -= 1
        return found

    def deeper(self, place: Place | None) -> None:
        if place is not None:
            self.depth += 1
            if self.depth > NESTING:
                raise invalid(place, f"it is nested more than {NESTING} deep", "take it apart")

    # -- predicates -------------------------------------------------------------------------------------------------

    def predicate(self) -> Expression:
        self.predicates += 1
        if self.predicates > PREDICATES:
            reason = f"there are more than {PREDICATES} comparisons"
            raise invalid(self.token.place, reason, 'ask for several values with "in"')
        left = self.term()
        if self.token.is_sign("=", "!=", "<", "<=", ">", ">="):
            return self.compared(left)
        if left.token is not None and left.token.kind == "word":
            raise self.unknown_field(left.token)
        if self.took_word("is"):
            return self.emptiness(left)
        following = self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if self.token.is_word("not") and following.is_word(*_NEGATABLE):
            self.take()
            return Not(self.tested(left))
        if self.token.is_word(*_NEGATABLE):
            return self.tested(left)
        if sort_of_term(left) is Sort.TRUTH and isinstance(left.node, Column):
            return Comparison("=", left.node, Literal("true", left.node.field, place=left.place))
        raise self.unexpected("a comparison", 'one of = != < <= > >=, in, contains, starts with, has, "is empty"')

    def compared(self, left: Term) -> Expression:
        order = self.take()
        right = self.term()
        for one, other in ((left, right), (right, left)):
            word = one.token
            takes_words = sort_of_term(other) in (Sort.TEXT, Sort.TRUTH, Sort.TAGS)
            if word is not None and word.kind == "word" and not takes_words:
                raise self.unknown_field(word)
        if self.token.is_sign("=", "!=", "<", "<=", ">", ">="):
            raise invalid(self.token.place, "a comparison has two sides", 'join two comparisons with "and"')
        if order.text == "!=":
            return Not(compare("=", left, right, self.zone))
        return compare(cast(Order, order.text), left, right, self.zone)

    def tested(self, left: Term) -> Expression:
        if not left.reads_a_field:
            raise invalid(left.place, f"{left.noun} is asked about, and no field of the record")
        word = self.take()
        if word.is_word("in"):
            return self.one_of(left)
        if word.is_word("has"):
            return self.has_tag(left)
        if word.is_word("starts") and not self.took_word("with"):
            raise self.unexpected('"with"', 'write: name starts with "张"')
        node = left.node
        if node is None or isinstance(node, Age) or sort_of_term(left) is not Sort.TEXT:
            hint = 'ask for one tag: tags has "VIP"' if sort_of_term(left) is Sort.TAGS else None
            raise invalid(word.place, f'"{word.text.lower()}" asks about a text, and this is {left.noun}', hint)
        sought = literal(node, left, self.value()).text
        return Contains(node, sought) if word.is_word("contains") else StartsWith(node, sought)

    def one_of(self, left: Term) -> OneOf:
        if isinstance(left.node, Age):
            raise invalid(left.place, "an age is compared with one duration", "use = < <= > or >=")
        if not self.took_sign("("):
            raise self.unexpected("an opening parenthesis", 'write: status in ("lead", "active")')
        pairs: list[tuple[Operand, Operand]] = []
        while not pairs or self.took_sign(","):
            pairs.append(against_constant(left, self.value(), self.zone))
        if not self.took_sign(")"):
            raise self.unexpected("a comma or a closing parenthesis")
        # beside days, a datetime field is its day; a list of days and instants has no one meaning
        for node, item in pairs:
            if node != pairs[0][0]:
                place = item.place if isinstance(item, Literal) else None
                raise invalid(place or left.place, "a list holds either days or points in time")
        return OneOf(pairs[0][0], tuple(item for _, item in pairs))

    def has_tag(self, left: Term) -> HasTag:
        if sort_of_term(left) is not Sort.TAGS or not isinstance(left.node, Column):
            raise invalid(
                left.place, f'"has" asks for a tag, and this is {left.noun}', 'ask for a part of a text with "contains"'
            )
        return HasTag(left.node, literal(left.node, left, self.value()))

    def emptiness(self, left: Term) -> Expression:
        denied = self.took_word("not")
        if not self.took_word("empty"):
            raise self.unexpected('"empty"', 'compare with =, or write "is empty" or "is not empty"')
        if not isinstance(left.node, Column):
            raise invalid(left.place, "only a field can be empty")
        return Not(IsEmpty(left.node)) if denied else IsEmpty(left.node)

    # -- terms ------------------------------------------------------------------------------------------------------

    def value(self) -> Term:
        """A term that reads no field."""
        term = self.term()
        self.values += 1
        if self.values > VALUES:
            raise invalid(term.place, f"there are more than {VALUES:,} values", "use --ids-from for lists")
        if term.reads_a_field:
            raise invalid(term.place, "a value belongs here, not a field", "quote a text that is also a field's name")
        return term

    def term(self) -> Term:
        term = self.simple()
        start, shifts = term.place.start, 0
        while self.token.is_sign("+", "-"):
            sign = self.take()
            shifts += 1
            if shifts > NESTING:
                raise invalid(sign.place, f"there are more than {NESTING} durations in a row", "add them up")
            if term.token is not None and term.token.kind not in ("date", "quoted"):
                raise invalid(
                    sign.place,
                    "only dates are calculated with",
                    QUOTES,
                )
            day = as_day(term, self.zone)
            duration = as_duration(self.simple())
            end = self.tokens[self.at - 1].place.end
            place = Place(term.place.text, start, end)
            term = Term(place, Shift(day, duration if sign.text == "+" else -duration))
        return term

    def simple(self) -> Term:
        token = self.token
        if token.is_sign("-", "+"):
            return self.signed_number()
        if token.kind in ("end", "sign"):
            raise self.unexpected("a field or a value")
        self.take()
        if token.kind == "name":
            return self.named(token)
        if token.kind != "word":
            return Term(token.place, token=token)
        if self.token.is_sign("("):
            return self.call(token)
        if token.is_word("today"):
            return Term(token.place, Today())
        if token.is_word(*RESERVED):
            raise invalid(
                token.place,
                f'a field or a value is missing before "{token.text}"',
                "a text stands in quotes, such a field name in backticks",
            )
        field = self.field(token.text)
        return Term(token.place, Column(field)) if field else Term(token.place, token=token)

    def signed_number(self) -> Term:
        sign, number = self.take(), self.token
        if number.kind != "number" or number.place.start != sign.place.end:
            raise self.unexpected("a field or a value")
        self.take()
        place = Place(sign.place.text, sign.place.start, number.place.end)
        return Term(place, token=Token("number", sign.text + number.text, place))

    def call(self, name: Token) -> Term:
        if not name.is_word(*_FUNCTIONS):
            near = nearest(name.text, _FUNCTIONS)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(_FUNCTIONS)}"
            raise invalid(name.place, f'there is no function "{name.text[:40]}"', hint)
        self.take()
        self.deeper(name.place)
        argument = self.term()
        if not self.took_sign(")"):
            raise self.unexpected("a closing parenthesis")
        self.depth -= 1
        place = Place(name.place.text, name.place.start, self.tokens[self.at - 1].place.end)
        if argument.token is not None and argument.token.kind == "word":
            raise self.unknown_field(argument.token)
        if not argument.reads_a_field:
            raise invalid(
                argument.place, f"{name.text.lower()}(…) is asked of {argument.noun}, and of no field of the record"
            )
        function = name.text.lower()
        if function == "age":
            return Term(place, Age(as_day(argument, self.zone)))
        if function in ("year", "month"):
            return Term(place, Call(cast(Function, function), as_day(argument, self.zone)))
        if not isinstance(argument.node, Column) or sort_of_term(argument) is not Sort.TEXT:
            raise invalid(argument.place, f"{function}(…) wants a text field, not {argument.noun}")
        return Term(place, Call(cast(Function, function), argument.node))

    # -- fields -----------------------------------------------------------------------------------------------------

    def named(self, token: Token) -> Term:
        field = self.table.by_name.get(token.text)
        if field is None:
            raise self.unknown_field(token)
        return Term(token.place, Column(field))

    def field(self, name: str) -> Field | None:
        return RECORD_ID if name == RECORD_ID.name else self.table.by_name.get(name)

    def unknown_field(self, token: Token) -> ExpressionInvalid:
        called = {f.name.lower(): f.name for f in self.table.fields} | {RECORD_ID.name: RECORD_ID.name}
        for field in self.table.fields:
            for other in (field.title, *field.aliases):
                called.setdefault(other.lower(), field.name)
        near = nearest(token.text, called)
        hint = f"did you mean {called[near]}?" if near else f"fields: {', '.join(f.name for f in self.table.fields)}"
        return invalid(token.place, f'{self.table.name} has no field "{token.text[:40]}"', hint)
