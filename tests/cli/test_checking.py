"""custrec check as a process: what it finds in one pass, how it is told, and with which exit code."""

from __future__ import annotations

import csv
import io
import json

import pytest

from terminal import Desk

SECTIONS = ("records", "duplicates", "stale", "retention")
PEOPLE = "no,name,city\n" + "".join(f"D{n},Person {n} Name{n},Town {n}\n" for n in range(30))
TWICE = "E1,Same One,Ulm\nE2,Same One,Ulm\n"


def test_a_store_without_findings_is_checked_in_silence(desk: Desk) -> None:
    assert desk.take(PEOPLE).code == 0
    assert desk.run("check", "-q").out == ""
    done = desk.run("check")
    assert (done.code, done.err) == (0, "".join(f"{name}: no findings\n" for name in SECTIONS))


CHANGES = {
    "    primaryKey: [no]\n": "    primaryKey: [no]\n"
    "    stale: {anchor: since, after: 6mo}\n"
    "    retention: [{name: old, anchor: since, archive: 1y}]\n"
    "    checks: [{rule: 'city != Ulm', message: not in Ulm, level: warn}]\n",
}
"""What is exchanged in the text of schema.yaml."""


@pytest.fixture
def findings(desk: Desk) -> Desk:
    """A store with two records that may be one, one value that would not be taken today, and a rule that is due."""
    assert desk.take(PEOPLE + TWICE).code == 0
    place = desk.folder / "schema.yaml"
    text = place.read_text(encoding="utf-8")
    for old, new in CHANGES.items():
        assert old in text
        text = text.replace(old, new, 1)
    place.write_text(text, encoding="utf-8")
    assert desk.run("schema", "apply", "--yes").code == 0
    assert desk.take("no,since\nD1,2020-01-01\n").code == 0
    return desk


def test_all_sections_are_told_at_once_with_one_exit_code(findings: Desk) -> None:
    done = findings.run("check", "--json")
    assert done.code == 3
    sections = {one["section"]: one for one in done.json["sections"]}
    assert tuple(sections) == SECTIONS
    assert sections["records"]["lines"] == [{"table": "customers", "what": "not in Ulm", "findings": 2}]
    assert sections["duplicates"]["findings"] == 1
    assert sections["retention"]["lines"] == [{"table": "customers", "what": "to archive: old", "findings": 1}]
    assert [one["exit_code"] for one in sections.values()] == [3, 3, 3, 3]
    assert done.json["schema"] == "custrec.check/1"
    words = findings.run("check")
    assert (words.code, "look at them: custrec validate" in words.err) == (3, True)
    assert "custrec dedupe list" in words.err
    listed = list(csv.DictReader(io.StringIO(findings.run("check", "--format", "csv").out)))
    assert [row["section"] for row in listed] == list(SECTIONS)


def test_a_monitor_is_told_the_counts_and_the_mail_is_one_line_without_values(findings: Desk) -> None:
    done = findings.run("check", "-q", "--summary-file", "check.json")
    assert (done.code, done.out) == (3, "")
    found = "records 2 · duplicates 1 · stale 1 · retention 1"
    assert done.err == f"custrec: check found: {found}; look with: custrec check\n"
    said = json.loads((findings.folder / "check.json").read_text(encoding="utf-8"))
    assert (said["exit_code"], said["results"][0]["sections"][0]["findings"]) == (3, 2)
    assert "Same One" not in json.dumps(said)


def test_single_sections_and_tables_are_checked(findings: Desk) -> None:
    assert [one["section"] for one in findings.run("check", "--only", "duplicates", "--json").json["sections"]] == [
        "duplicates"
    ]
    assert findings.run("check", "--table", "notes").code == 0
    assert findings.run("check", "--only", "luck").code == 2
