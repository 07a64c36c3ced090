"""A kind of value of another package, in two versions: what an upgrade of the rules is to a store.

Version 1 keeps a grade as it was typed, without a remark in brackets. Version 2 writes it in capitals, keeps the remark
behind a +, refuses what holds a question mark, and takes `none` for a blank.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

_MODULE = """\
from custrec.model.problem import Fault
from custrec.values.protocol import Reading, ValueType
from custrec.values.text import Text


class Grade(Text):
    kind = "grade"
    version = {version}
    judge_column = ValueType.judge_column

    def judge(self, text, beside=None):
        grade, _, remark = (part.strip(" )") for part in text.partition("("))
        if self.version == 1:
            return Reading(grade, lossy=bool(remark))
        if "?" in text:
            return Reading(fault=Fault("pattern", {{"pattern": "no question"}}))
        value = f"{{grade}}+{{remark}}" if remark else grade
        return Reading(None if grade == "none" else value.upper())
"""

SCHEMA = """\
version: 1
defaults: {region: CN, timezone: Asia/Shanghai}
tables:
  - name: pupils
    primaryKey: [code]
    fields:
      - {name: code, kind: grade}
      - {name: name, type: string, constraints: {required: true}}
      - {name: seat, kind: grade, constraints: {unique: true}}
      - {name: mark, kind: grade}
      - {name: best, kind: grade}
      - {name: born, type: date, format: any}
    checks:
      - {rule: "mark != best", message: the best is none of the marks}
  - name: notes
    foreignKeys: [{fields: [code], reference: {resource: pupils, fields: [code]}}]
    fields:
      - {name: code, kind: grade, constraints: {required: true}}
      - {name: mark, kind: grade, constraints: {required: true}}
"""
"""pupils have a key, a unique seat and a check; notes have no key and refer to pupils."""


def package(folder: Path, version: int) -> Path:
    """A folder in which the package is installed in a version, made within `folder`."""
    place = folder / f"grades-{version}"
    info = place / f"grades-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (place / "grades_kind.py").write_text(_MODULE.format(version=version), encoding="utf-8")
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: grades\nVersion: {version}\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[custrec.value_types]\ngrade = grades_kind:Grade\n", encoding="utf-8")
    return place


def use(folder: Path, version: int) -> None:
    """Install a version in this process, in the place of the other; the package is made within `folder`."""
    remove()
    _installed.append(str(package(folder, version)))
    sys.path.insert(0, _installed[0])


def remove() -> None:
    """Take the package away."""
    sys.modules.pop("grades_kind", None)
    while _installed:
        sys.path.remove(_installed.pop())
    importlib.invalidate_caches()


_installed: list[str] = []
