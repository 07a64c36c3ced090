"""values/country.py and its table"""

from __future__ import annotations

import pytest
from phonenumbers import SUPPORTED_REGIONS

from custrec.values import country


def test_all_countries_of_iso_3166_are_there():
    codes, _ = country._tables()
    assert len(codes) == 249
    assert set(SUPPORTED_REGIONS) - set(codes) <= {"AC", "TA", "XK"}  # no codes of ISO 3166-1


def test_every_country_is_known_by_its_codes_and_names():
    codes, _ = country._tables()
    for code, (english, chinese) in codes.items():
        assert {country.code_of(code), country.code_of(english), country.code_of(chinese)} == {code}
        assert country.names_of(code) == (english, chinese)


def test_no_name_means_two_countries():
    lines = [
        row.split("\t")
        for row in country.files("custrec.values").joinpath("countries.tsv").read_text("utf-8").splitlines()
    ]
    seen: dict[str, str] = {}
    for code, alpha3, english, chinese, others in (line for line in lines if not line[0].startswith("#")):
        for name in {country._reduce(name) for name in (alpha3, english, chinese, *others.split(";")) if name}:
            assert seen.setdefault(name, code) == code, name


def test_lower_case_words_are_no_codes():
    assert country.code_of("NO") == "NO"
    assert country.code_of("no") is None
    assert country.code_of("No") is None


def test_an_unknown_code_has_no_names():
    with pytest.raises(KeyError):
        country.names_of("ZZ")
