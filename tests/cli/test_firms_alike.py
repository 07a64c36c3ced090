"""Firms that share a telephone, an e-mail address and a house, and have names that are nearly alike."""

from __future__ import annotations

import json

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
defaults: {region: US}
tables:
  - name: firms
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: org_name}
      - {name: phone, kind: phone}
      - {name: email, kind: email}
      - {name: address, kind: address}
"""
FIRST = "Alpine Bright Cedar Delta Eagle Falcon Granite Harbor".split()  # noqa: SIM905
SECOND = "Foods Tools Software Textiles Media Metals Paper Glass".split()  # noqa: SIM905


def row(number: str, name: str, house: int) -> str:
    return f"{number},{name},212 555 {house:04d},hq@house{house}.example.com,{house} Lake Street\n"


@pytest.mark.parametrize(
    ("one", "other", "unasked"),
    [
        ("Fund II LP", "Fund III LP", False),
        ("Tesco Store 101", "Tesco Store 102", False),
        ("Johnson Plumbing Inc", "Johnson Roofing Inc", False),
        ("Johnson Plumbing Inc", "Johnson Plumbing Incorporated", True),
        ("Johnson Plumbing", "Jonson Plumbing LLC", True),
    ],
)
def test_sisters_of_one_house_are_left_to_a_person(desk: Desk, one: str, other: str, unasked: bool) -> None:
    for file in desk.folder.iterdir():
        file.unlink()
    desk.write("schema.yaml", SCHEMA)
    strangers = [f"{a} {b} Inc" for a in FIRST for b in SECOND]
    rows = [row("A", one, 900), row("B", other, 900), *(row(f"S{n}", name, n) for n, name in enumerate(strangers))]
    desk.write("firms.csv", "no,name,phone,email,address\n" + "".join(rows))
    assert desk.run("init", "-q").code == 0
    assert desk.run("import", "firms.csv", "-q").code == 0
    assert desk.run("dedupe", "find", "-q").code == 3
    clusters = map(json.loads, desk.run("dedupe", "list", "--format", "jsonl").out.splitlines())
    (found,) = [some for some in clusters if some["cluster"] == 1]
    assert found["unasked"] is unasked
    assert unasked or "#1 and #2 have names of which each has a word or a number of its own" in found["doubts"]
