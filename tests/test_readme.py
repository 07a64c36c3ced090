"""What README.md and docs/ say is true: commands and their output, conditions, exit codes, the schema, links."""

from __future__ import annotations

import difflib
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from custrec.cli.running import CODES
from custrec.files.presets import preset_text
from custrec.files.schema_file import parse_schema
from custrec.files.settings import parse_settings
from custrec.jobs.reading import stored
from custrec.jobs.schemas import deep_check
from custrec.model.expression import bind, parse
from custrec.store.where import compile_where
from readme_transcript import README, ROOT, transcript

TEXT = README.read_text(encoding="utf-8")
PAGES = [README, *sorted((ROOT / "docs").glob("*.md")), ROOT / "examples" / "README.md"]


@pytest.mark.skipif(shutil.which("sh") is None, reason="the commands are those of a shell")
def test_every_command_of_the_readme_says_what_the_readme_says() -> None:
    now = transcript(TEXT)
    difference = "".join(difflib.unified_diff(TEXT.splitlines(True), now.splitlines(True), "README.md", "now"))
    assert not difference, f"{difference}\nto write it anew: python tests/readme_transcript.py --write"


@pytest.mark.parametrize("text", re.findall(r"^\| `([^`]*)` \| ", TEXT.partition("## Conditions")[2], re.MULTILINE))
def test_every_condition_of_the_readme_means_something(text: str) -> None:
    schema = parse_schema(preset_text("default"), "schema.yaml")
    table = schema.tables[0]
    expression = parse(text, table, schema.defaults.timezone)
    bound = bind(expression, lambda field, written: stored(schema, table, field, written))
    assert compile_where(bound, table, schema, date(2026, 1, 1))[0]


def test_the_table_of_exit_codes_names_every_code_that_help_names() -> None:
    section = TEXT.partition("**Exit codes**")[2].partition("## ")[0]
    told = {int(code) for codes in re.findall(r"^\| ([\d, ]+) \|", section, re.MULTILINE) for code in codes.split(",")}
    assert told >= {*CODES, 1, 130, 143}


def test_the_schema_of_the_readme_is_one() -> None:
    (text,) = re.findall(r"^```yaml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    schema = parse_schema(text, "README.md")
    deep_check(schema, "README.md")
    assert [table.name for table in schema.tables] == ["members"]


def test_the_settings_of_the_readme_can_be_read() -> None:
    (text,) = re.findall(r"^```text\n(# custrec\.yaml\n.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    said = parse_settings(text, "custrec.yaml")
    assert set(said) == {"targets", "backup_max_age", "backup_keep", "backup_heartbeat", "post_hook"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_or_heading_leads_there(page: Path) -> None:
    lost = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = target.partition("#")
        if "://" in target:
            continue
        place = page.parent / name if name else page
        if not place.exists() or (heading and heading not in headings(place)):
            lost.append(target)
    assert not lost


def headings(page: Path) -> set[str]:
    """The anchors that headings get: lower case, without signs, spaces as hyphens."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}
