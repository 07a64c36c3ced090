"""custrec dedupe tune, test: what answers make of the weights, and whether known pairs are told rightly."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.agreeing import agrees
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.judging_pairs import ListFile
from custrec.cli.options import DryRun, Json, TableName
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.duplicates.golden import Flipped
    from custrec.jobs.duplicates.tuning import Tuned

FIELDS = 8
"""So many fields whose weights moved are shown."""


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "tune",
        codes=(0, 2, 4, 6, 7, 9, 10),
        examples=["custrec dedupe tune -n", "custrec dedupe tune --yes --json"],
    )(tune)
    command(
        group,
        "test",
        codes=(0, 2, 3, 4, 7),
        summary=True,
        examples=["custrec dedupe test golden.csv", "custrec dedupe test golden.csv --json"],
    )(test)


def tune(
    face: Face,
    table: TableName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Accept without being asked, if it helps.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Learn from what people said so far: merges that somebody named or reviewed, and what is not the same. How well
    answers are told that the weights have not seen is shown before they are accepted."""
    from custrec.cli.progress import shown_progress, waiting
    from custrec.jobs.duplicates.finding import FindRequest, find_duplicates
    from custrec.jobs.duplicates.tuning import tuned
    from custrec.jobs.reading import table_named, table_option

    session = face.session
    session.check_schema(writing=not dry_run)
    chosen = table_named(session.store.schema, table)
    with waiting(face, "comparing"):
        found = tuned(session.store, chosen)
    if not as_json:
        _say_tuned(face, chosen.name, found)
    accepted = found.tuning.helps and not dry_run and (yes or _asked(chosen.name))
    if accepted:
        with shown_progress(face) as progress:
            request = FindRequest(chosen, model=found.tuning.model)
            if damaged := find_duplicates(session.store, request, session.at, session.wait, progress).damaged:
                face.warn(damaged)
    if as_json:
        face.out_json("tuning", _tuned_said(chosen.name, found) | {"accepted": accepted})
    elif accepted:
        option = table_option(session.store.schema, chosen.name)
        face.say(f"accepted: all records were compared again; look at them: custrec dedupe list{option}")
    elif not found.tuning.helps:
        face.say("answers that were not seen are told no better: the weights stay as they are")
    else:
        face.say("nothing was written (dry run)" if dry_run else "the weights stay as they are")
    return 0 if accepted or dry_run or not found.tuning.helps else 9


def _asked(table: str) -> bool:
    """Ask at a terminal. Raises TuningNeedsConsent where nobody is there."""
    from custrec.errors import TuningNeedsConsent

    if not sys.stdin.isatty():
        raise TuningNeedsConsent(table=table)
    return agrees("judge by these weights from now on")


def _say_tuned(face: Face, table: str, found: Tuned) -> None:
    tuning = found.tuning
    before, after = tuning.before, tuning.after
    face.say(
        f"{table}: {found.same + found.different:,} answers, {found.same:,} the same and {found.different:,} not; "
        f"a pair counts as the same from {found.threshold:g} on"
    )
    rows = [
        (name, f"{was:.3f}", f"{now:.3f}")
        for name, was, now in (
            ("precision", before.precision, after.precision),
            ("recall", before.recall, after.recall),
            ("F1", before.f1, after.f1),
            ("bits lost per answer", before.loss, after.loss),
        )
    ]
    face.table(("on answers not seen", "as it is", "tuned"), rows, right=("as it is", "tuned"))
    if tuning.moved:
        moved = [
            (one.field, *(f"{was:+.1f} → {now:+.1f}" for was, now in (one.differs, one.agrees)))
            for one in tuning.moved[:FIELDS]
        ]
        face.table(("weight in bits", "where it differs", "where it agrees"), moved)


def _tuned_said(table: str, found: Tuned) -> dict[str, Any]:
    tuning = found.tuning
    return {
        "table": table,
        "same": found.same,
        "different": found.different,
        "threshold": found.threshold,
        "helps": tuning.helps,
        **{
            name: {
                "precision": round(one.precision, 4),
                "recall": round(one.recall, 4),
                "f1": round(one.f1, 4),
                "bits_lost": round(one.loss, 4),
            }
            for name, one in (("before", tuning.before), ("after", tuning.after))
        },
        "moved": [
            {
                "field": one.field,
                "differs": [round(n, 3) for n in one.differs],
                "agrees": [round(n, 3) for n in one.agrees],
            }
            for one in tuning.moved
        ],
    }


def test(face: Face, path: ListFile, table: TableName = None, as_json: Json = False) -> int:
    """Hold known pairs against what would be found: a CSV with columns one, other and expected (same or different).
    A pair that is told otherwise is named, with what each field says in bits. Nothing is written."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.duplicates.golden import tested
    from custrec.jobs.duplicates.odds import percent
    from custrec.jobs.reading import table_named

    store = face.reader.store
    named = table_named(store.schema, table) if table else None
    with shown_progress(face) as progress:
        found = tested(store, named, path, progress)
    said = {
        "table": found.table.name,
        "pairs": found.pairs,
        "same": found.same,
        "different": found.pairs - found.same,
        "learned": found.learned,
        "flipped": [_flipped_said(one) for one in found.flipped],
    }
    face.result("golden", said)
    if as_json:
        face.out_json("golden", said)
        return 3 if found.flipped else 0
    for one in found.flipped:
        told = "should be one, and are not" if one.same else "should not be one, and are"
        pair = " and ".join(f"#{n} {key or ''}".strip() for n, key in zip((one.one, one.other), one.keys, strict=True))
        face.out(f"line {one.line}: {pair} {told} ({percent(one.probability)})")
        face.out(f"  {' · '.join(one.why)}")
    by = "by weights learned for this, as none were kept" if found.learned else "by the weights of the last search"
    face.say(f"{many(found.pairs, 'known pair')}, {len(found.flipped):,} told otherwise, {by}")
    return 3 if found.flipped else 0


def _flipped_said(one: Flipped) -> dict[str, Any]:
    return {
        "line": one.line,
        "one": one.one,
        "other": one.other,
        "key": one.keys[0],
        "other_key": one.keys[1],
        "expected": "same" if one.same else "different",
        "probability": round(one.probability, 6),
        "why": list(one.why),
    }
