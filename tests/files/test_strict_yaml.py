"""files.strict_yaml: YAML 1.2's meaning of scalars, faults with places, and hostile texts."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.files.strict_yaml import MAX_BYTES, MAX_DEPTH, MAX_SHOWN, Faults, compose, decode, plain


def read(text: str) -> object:
    faults = Faults()
    node = compose(text, faults)
    assert faults.lines() == ()
    assert node is not None
    return plain(node)


def faults_of(text: str) -> tuple[str, ...]:
    faults = Faults()
    compose(text, faults)
    return faults.lines()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("no", "No", "NO", "yes", "on", "off", "y", "n", "12:30", "1:2:3", "1_000")),
        *((word, word) for word in ("2024-05-01", "2024-05-01T10:00:00Z", "0b11", "+", ".", "1e", "=", "TrUe", "none")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, None) for word in ("null", "Null", "NULL", "~", "")),
        ("012", 12),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("-.5e3", -500.0),
        ("6.", 6.0),
        ('"012"', "012"),
        ("'true'", "true"),
        ("! 12", "12"),
        ("!!str 012", "012"),
        ("!!int 012", 12),
        ("!!bool true", True),
        ("!!null null", None),
    ],
)
def test_scalars_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    got = read(f"key: {text}\n")
    assert got == {"key": value}
    assert type(got["key"]) is type(value)


def test_a_scalar_keeps_its_text_as_it_is_written() -> None:
    node = compose("- 012\n- 0x1F\n- NULL\n", Faults())
    assert [item.text for item in node.items] == ["012", "0x1F", "NULL"]


def test_keys_are_the_texts_that_are_written() -> None:
    assert read("{no: 1, 012: 2, true: 3}") == {"no": 1, "012": 2, "true": 3}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key 'a' stands twice; first in line 1"),
        ("{a: 1, 'a': 2}", "line 1, column 8: the key 'a' stands twice; first in line 1"),
        ("a: &x 1\n", "line 1, column 4: the anchor '&x' is not read; write the value out where it is wanted"),
        ("<<: {a: 1}\n", "line 1, column 1: merge keys (<<) are not read; write the keys out"),
        ("a: !!python/object:os.system x\n", "line 1, column 4: the tag '!!python/object:os.system' is not read; only"),
        ("a: !own [1]\n", "line 1, column 4: the tag '!own' is not read; only plain YAML is"),
        ("a: !!map x\n", "line 1, column 4: the tag '!!map' is not read; only plain YAML is"),
        ("a: !!int x\n", "line 1, column 4: the tag '!!int' is not read; only plain YAML is"),
        ("a: !!set {x}\n", "line 1, column 4: the tag '!!set' is not read; only plain YAML is"),
        ("? [a]\n: b\n", "line 1, column 3: a key must be one word or a quoted text"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: a second document begins here; only one is read"),
        ("a: .inf\n", "line 1, column 4: '.inf' is not a finite number; put it in quotes if it is text"),
        ("a: .nan\n", "line 1, column 4: '.nan' is not a finite number; put it in quotes if it is text"),
        ("a: 1e999\n", "line 1, column 4: '1e999' is not a finite number; put it in quotes if it is text"),
        ("a: " + "9" * 5000, "line 1, column 4: a number has at most 40 digits; put it in quotes if it is text"),
        ("a:\n\t- b\n", "line 2, column 1: a tab stands before the text of this line; YAML is indented with spaces"),
        ("a: [1\nb: 2\n", "line 2, column 2: this is not YAML: while parsing a flow sequence"),
        ("a: 1\n b: 2\n", "line 2, column 3: this is not YAML: mapping values are not allowed in this context"),
        ("", "line 1, column 1: the file is empty"),
        ("# only a comment\n", "line 1, column 1: the file is empty"),
        ("a: \x00\n", "line 1, column 4: the control character U+0000 cannot stand in YAML"),
        ("中: \ud800\n", "line 1, column 4: the control character U+D800 cannot stand in YAML"),
    ],
)
def test_each_fault_is_named_at_its_place(text: str, fault: str) -> None:
    assert [line for line in faults_of(text) if line.startswith(fault)], faults_of(text)


def test_all_faults_of_a_file_are_told_at_once_in_their_order() -> None:
    lines = faults_of("a: &x 1\nb: *x\na: !t 2\n<<: 3\n")
    assert [line.split(":")[0] for line in lines] == [
        "line 1, column 4",
        "line 2, column 4",
        "line 3, column 1",
        "line 3, column 4",
        "line 4, column 1",
    ]


def test_columns_count_characters_also_behind_han() -> None:
    assert faults_of("{客户: 1, 客户: 2}") == ("line 1, column 9: the key '客户' stands twice; first in line 1",)


def test_an_alias_bomb_is_refused_without_growing() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for one, before in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n"
    lines = faults_of(bomb)
    assert len(lines) == 9 + 8 * 9
    assert all("is not read" in line for line in lines)


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? ", "{? [", "[{"])
def test_nesting_without_end_is_refused(piece: str) -> None:
    (line,) = faults_of(piece * 100_000)
    assert line.endswith(f"the nesting is deeper than {MAX_DEPTH} levels")


def test_a_file_beyond_the_bound_is_not_parsed() -> None:
    assert faults_of("#" * (MAX_BYTES + 1)) == (f"line 1, column 1: the file is larger than {MAX_BYTES:,} bytes",)
    faults = Faults()
    assert decode(b"#" * (MAX_BYTES + 1), faults) is None
    assert faults.count == 1


def test_of_very_many_faults_the_first_are_shown_and_the_others_counted() -> None:
    lines = faults_of("a: 1\n" * 5_001)
    assert len(lines) == MAX_SHOWN + 1
    assert lines[-1] == "and 4,800 more"


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        ("a: 1\nb: 客户".encode("gb18030"), "line 2, column 4: the bytes here are not UTF-8; save the file as UTF-8"),
        ("a: 1".encode("utf-16"), "line 1, column 1: the file is UTF-16; save it as UTF-8"),
        (b"a: \xed\xa0\x80", "line 1, column 4: the bytes here are not UTF-8; save the file as UTF-8"),
    ],
)
def test_bytes_that_are_not_utf_8_are_named_at_their_place(raw: bytes, fault: str) -> None:
    faults = Faults()
    assert decode(raw, faults) is None
    assert faults.lines() == (fault,)


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode("\ufeffa: 1".encode(), Faults()) == "a: 1"
    assert read("\ufeffa: 1") == {"a": 1}


def test_without_the_c_library_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: [1, {b: no}]\n客户: |\n  two\n  lines\nc: '012'\n"
    faulty = "a: 1\na: 2\nb: *x\nc: !t 1\n"
    with_c = read(text), faults_of(faulty)
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert (read(text), faults_of(faulty)) == with_c


@settings(deadline=None)
@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%#?, \n\t~01.<\x00\x85\u2028客\ud800\ufeff"), max_size=60))
def test_any_text_gives_nodes_or_faults(text: str) -> None:
    faults = Faults()
    node = compose(text, faults)
    assert node is not None or faults.count
    assert len(faults.lines()) == faults.count
    if node is not None:
        plain(node)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_a_text_or_a_fault(raw: bytes) -> None:
    faults = Faults()
    assert (decode(raw, faults) is None) == bool(faults.count)
