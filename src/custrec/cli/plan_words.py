"""The words for a plan and for what became of it: one renderer for every command that writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from custrec.cli import confirming_words, decision_words, merging_words
from custrec.cli.counting import many
from custrec.cli.erasure_words import places_to_clean, say_destroying, say_places, say_returned, say_wiped, wiped_said
from custrec.cli.face import Face
from custrec.cli.nearness import near
from custrec.model.decisions import table_called
from custrec.model.lifecycle import WAYS
from custrec.model.plan import CONFIRMING, Counts, Event, Plan
from custrec.model.review import review_rule
from custrec.session.session import Report

SAMPLE_KEYS = ("line", "field", "before", "after")
SAMPLES = 12
"""How many samples are shown."""
CHANGING = ("add", "note", "edit", "tag", *WAYS)
"""People's own changes."""
WHERE_TO = {
    "archive": "to the archive",
    "unarchive": "back from the archive",
    "delete": "to the trash",
    "undelete": "back from the trash",
    "restrict": "restricted: kept, and used for nothing",
    "unrestrict": "no more restricted",
}
"""Where records go, by the verb."""
KEPT = (
    *("destroyed", "why", "rule"),
    *("warnings", "notes", "rejects", "review", "fields", "moved", "made", "changes", "copy"),
    *("reviewed", "declined", "recalled", "sealed", "duplicates", "likely"),
    *("returned", "refilled", "ledger_trouble"),
)
"""What of a plan's detail programs are told."""
FINDINGS = ("duplicates", "likely", "returned", "refilled", "ledger_trouble")
"""What a plan's detail names that somebody has to look at."""
RULE_WORDS = 8
"""How many rules a summary names."""


def planned(face: Face, plan: Plan, as_json: bool, aside: Mapping[str, Any] | None = None, saved: bool = False) -> None:
    """Say what a plan would do. `aside` is what its file keeps for people to look at."""
    said = face.result("plan", plan_said(plan) | {"applied": False} | _aftermath(face, plan))
    if as_json:
        sample = [dict(zip(SAMPLE_KEYS, one, strict=True)) for one in (aside or {}).get("samples", ())]
        face.out_json("plan", said | ({"sample": sample} if sample else {}))
        return
    say_plan(face, plan, aside)
    if saved:
        step = "review" if _wants_review(face, plan) else "apply"
        by = "another person reviews it with" if step == "review" else "apply with"
        face.say(f"saved as plan {plan.id} · {by}: custrec plan {step} {plan.id}")
    else:
        if plan.erases:
            say_places(face, places_to_clean(face.session.store), face.session.remains())
        face.say("nothing was written (dry run)")


def _aftermath(face: Face, plan: Plan) -> dict[str, Any]:
    """Of a plan that destroys: which places will be cleaned, and where it remains."""
    if not plan.erases:
        return {}
    remains = [{"place": one.name, "until": one.until} for one in face.session.remains()]
    return {"places": places_to_clean(face.session.store), "remains": remains}


def _wants_review(face: Face, plan: Plan) -> bool:
    rules = [review_rule(table_called(face.session.store.schema, name)) for name in plan.tables]
    return any(rule is not None and rule.holds(plan.verb, plan.counts.changes) for rule in rules)


def carried_out(face: Face, report: Report, as_json: bool, aside: Mapping[str, Any] | None = None) -> None:
    """Say what was done, and how to undo it."""
    plan, event = report.plan, report.event
    seconds = {stage: round(spent, 3) for stage, spent in report.seconds.items()}
    done = {"applied": event is not None, "event": event.id if event else None, "seconds": seconds}
    remains = face.session.remains() if plan.erases and report.wiped else ()
    done |= wiped_said(report.wiped, remains)
    said = face.result("plan", plan_said(plan) | done)
    if as_json:
        face.out_json("plan", said)
        return
    _say_counts(face, plan)
    for one in plan.detail.get("reviewed", ()):
        face.say(f"  reviewed by {one['actor']}, {one['at']}")
    if plan.detail.get("declined"):
        face.say(f"  left out, and listed: {near(plan.detail['declined'])}")
    if sys.stderr.isatty():  # people's values do not go into a log
        _say_evidence(face, aside)
    if event is None or not (plan.counts.changes or plan.reshapes):
        face.say(nothing_to_change(plan))
    elif plan.erases:
        face.say(f"event {event.id} · final: there is no undo")
    elif plan.verb == "undo":
        face.say(f"event {event.id} · bring it back with: custrec redo {plan.undoes}")
    else:
        face.say(f"event {event.id} · undo with: custrec undo {event.id}")
    if report.wiped is not None:
        say_wiped(face, report.wiped, remains)
    if plan.counts.rejected and face.quiet and plan.detail.get("rejects"):
        face.warn(f"{many(plan.counts.rejected, 'row')} rejected, see {near(plan.detail['rejects'])}")


def ending(plan: Plan) -> int:
    """The exit code of a command that carries out a plan, or only shows or saves it: 3 where something was left out of
    it, or somebody has to look at it. Whichever command carries it out, it ends with the same."""
    counts = plan.counts
    left_out = counts.rejected or counts.kept or counts.blocked
    return 3 if left_out or any(plan.detail.get(found) for found in FINDINGS) else 0


def say_plan(face: Face, plan: Plan, aside: Mapping[str, Any] | None) -> None:
    """Say what a plan would do, with what became of some cells of its file."""
    _say_counts(face, plan)
    _say_evidence(face, aside)
    if (samples := (aside or {}).get("samples")) and not face.quiet:
        face.say("what becomes of cells, for example:")
        face.table(SAMPLE_KEYS, samples[:SAMPLES], right=("line",))


def _say_evidence(face: Face, aside: Mapping[str, Any] | None) -> None:
    if evidence := (aside or {}).get("evidence"):
        face.say(f"  the encoding is a guess: it reads {', '.join(evidence)} · otherwise say --encoding NAME")


def plan_said(plan: Plan) -> dict[str, Any]:
    """A plan as JSON says it."""
    said: dict[str, Any] = {
        "plan": plan.id,
        "verb": plan.verb,
        "tables": list(plan.tables),
        "made_at": plan.made_at,
        "actor": plan.actor,
        "counts": plan.counts.as_dict(),
    }
    if plan.source:
        said["source"] = {"name": plan.source.name, "sha256": plan.source.sha256, "bytes": plan.source.size}
    if plan.rules:
        said["rules"] = dict(plan.rules)
    merged = merging_words.TOLD if plan.verb in merging_words.VERBS else ()
    confirmed = confirming_words.TOLD if plan.verb in CONFIRMING else ()
    for found in (*KEPT, *merged, *confirmed):
        if plan.detail.get(found):
            said[found] = plan.detail[found]
    if plan.undoes is not None:
        said["undoes"] = plan.undoes
    return said


def _say_counts(face: Face, plan: Plan) -> None:
    counts = plan.counts
    say_returned(face, plan)
    if plan.erases:
        say_destroying(face, plan)
        return
    if plan.verb == "normalize":
        _say_normalizing(face, plan)
        return
    for words in (merging_words, decision_words):
        if plan.verb in words.VERBS:
            for line in words.lines(plan):
                face.say(line)
            return
    if plan.verb in CONFIRMING:
        for line in confirming_words.lines(plan):
            face.say(line)
        return
    if plan.verb in CHANGING:
        _say_changing(face, plan)
        return
    if plan.reshapes:
        _say_reshaping(face, plan)
        return
    if plan.source:
        blank = f", {many(counts.blank, 'blank line')}" if counts.blank else ""
        how = plan.detail.get("form", "") + (f", map {plan.detail['map']}" if plan.detail.get("map") else "")
        into = plan.detail.get("table", ", ".join(plan.tables))
        face.say(f"{plan.source.name} → {into}: {many(counts.read, 'row')} read{blank} ({how})")
        for line in plan.detail.get("read", ()):
            face.say(f"  {line}")
    elif plan.undoes is not None:
        face.say(f"{plan.verb} of event {plan.detail['event']} ({plan.detail['of']})")
    face.say(f"  {_phrase(counts)}")
    _say_recalled(face, plan)
    if plan.rules:
        face.say(f"  rejected for: {by_rule(plan.rules)}")
    if "undecodable" in plan.rules and "guessed" in plan.detail.get("form", ""):
        face.say("  rows that cannot be decoded: say which encoding the file has with --encoding (cp1252, gb18030, …)")
    for line in warned(plan.detail.get("warnings", {}), plan.detail.get("notes", {})):
        face.say(f"  {line}")
    if plan.detail.get("duplicates"):
        option = _option(face, plan)
        face.say(f"  {_duplicates(plan.detail['duplicates'])}: go through them with custrec dedupe review{option}")
    if plan.detail.get("review"):
        face.say(f"  taken, but to be looked at: {near(plan.detail['review'])}")
    if plan.detail.get("rejects"):
        face.say(f"  rejected rows: {near(plan.detail['rejects'])} (mend them there and import that file)")
    if "maybe-duplicate" in plan.rules:
        face.say("  likely there already: give such a row the key it has there, or take it with --duplicates never")


def _say_normalizing(face: Face, plan: Plan) -> None:
    counts, fields = plan.counts, plan.detail["fields"]
    face.say(f"{', '.join(plan.detail['judged'])}: {many(counts.read, 'record')} judged again")
    parts = [
        (counts.update, "changed"),
        (counts.same, "the same"),
        (counts.rejected, "with values that stay as they are"),
    ]
    face.say(f"  {' · '.join(f'{n:,} {word}' for n, word in parts if n) or 'no records'}")
    if fields:
        several = len(plan.detail["judged"]) > 1
        named = {f"{table}.{name}" if several else name: n for table, one in fields.items() for name, n in one.items()}
        face.say(f"  changed: {' · '.join(f'{name} {n:,}' for name, n in named.items())}")
    if plan.rules:
        face.say(f"  stay as they are for: {by_rule(plan.rules)}")


def _say_reshaping(face: Face, plan: Plan) -> None:
    detail, counts = plan.detail, plan.counts
    changes = many(len(detail["changes"]), "change")
    of = f" of event {detail['event']} ({detail['of']})" if plan.undoes is not None else ""
    face.say(f"{plan.verb}{of}: {changes}{'' if of else ' of the schema'}")
    for one in detail["changes"][:RULE_WORDS]:
        face.say(f"  {'.'.join(filter(None, (one['table'], one['field']))) or 'all tables'}: {one['words']}")
    if len(detail["changes"]) > RULE_WORDS:
        face.say(f"  … and {len(detail['changes']) - RULE_WORDS:,} more")
    face.say(f"  records: {_phrase(counts)}" if counts.changes else "  no record is touched")
    if detail.get("copy"):
        face.say(f"  the store as it was: {near(detail['copy'])} (the next such copy takes its place)")


def _say_changing(face: Face, plan: Plan) -> None:
    counts, detail = plan.counts, plan.detail
    moved = detail.get("moved")
    if moved:
        counts = replace(counts, update=0)
        asked = {table: n for table, n in moved.items() if table in detail["of"]}
        along = {table: n for table, n in moved.items() if table not in detail["of"]}
        face.say(f"{plan.verb}: {by_table(asked)} {WHERE_TO[plan.verb]}{f', with {by_table(along)}' if along else ''}")
    else:
        made = "".join(f" #{one['_id']}" for one in detail.get("made", ()) if one["table"] in plan.tables)
        face.say(f"{plan.verb}: {', '.join(plan.tables) or ', '.join(detail.get('of', ()))}{made}")
    if not moved or counts.same or counts.rejected:
        face.say(f"  {_phrase(counts)}")
    _say_recalled(face, plan)
    if detail.get("sealed"):
        face.say(f"  sealed, too: {detail['sealed']}")
    for fields in detail.get("fields", {}).values():
        face.say(f"  changed: {' · '.join(f'{name} {n:,}' for name, n in fields.items())}")
    if plan.rules:
        face.say(f"  stay as they are for: {by_rule(plan.rules)}")
    for line in warned(detail.get("warnings", {}), detail.get("notes", {})):
        face.say(f"  {line}")
    for one in detail.get("likely", ())[:RULE_WORDS]:
        face.warn(_likely(one, plan, _option(face, plan)))


def _option(face: Face, plan: Plan) -> str:
    from custrec.jobs.reading import table_option

    return table_option(face.session.store.schema, plan.tables[0])


def _likely(one: Mapping[str, Any], plan: Plan, option: str) -> str:
    """That a new record is likely a known one, or an earlier one of the same plan."""
    from custrec.jobs.duplicates.odds import percent

    made = [record["_id"] for record in plan.detail.get("made", ()) if record["table"] in plan.tables]
    table, place = plan.tables[0], one["new"]
    of_these = "this record" if plan.counts.insert == 1 else f"{place} of these"
    new = f"#{made[place - 1]}" if place <= len(made) else of_these
    of = f"#{one['_id']}" if one["_id"] else f"{one['earlier']} of these"
    archived = ", which is archived" if one.get("archived") else ""  # of plans that were saved before, nobody knows
    more = f", or {one['more']:,} more" if one["more"] else ""
    said = f"{table}: {new} is likely {of}{archived}{more} ({percent(one['probability'])})"
    if one["_id"] and place <= len(made):
        return f"{said} · why: custrec dedupe explain{option} '{of}' '{new}'"
    return said


def _say_recalled(face: Face, plan: Plan) -> None:
    if recalled := plan.detail.get("recalled"):
        face.say(f"  back from the archive with them: {by_table(recalled)}")


def by_table(counts: Mapping[str, int]) -> str:
    """Records of several tables, counted."""
    return ", ".join(f"{n:,} of {table}" for table, n in counts.items())


def nothing_to_change(plan: Plan) -> str:
    """That a plan is empty, and why that is well."""
    if plan.verb == "normalize":
        why = "" if plan.counts.rejected else ": every value is as this version stores it"
    elif plan.verb in CONFIRMING:
        why = ""
    elif plan.verb in (*CHANGING, *merging_words.VERBS, *decision_words.VERBS):
        why = ": it is so already" if plan.counts.same else ""
    else:
        why = ": the store has all of it already" if plan.counts.same else ""
    return f"nothing to change{why}"


def by_rule(rules: Mapping[str, int]) -> str:
    """How many rows broke each rule, the most frequent first."""
    named = sorted(rules.items(), key=lambda item: (-item[1], item[0]))
    rest = f" · {many(len(named) - RULE_WORDS, 'more rule')}" if len(named) > RULE_WORDS else ""
    return " · ".join(f"{rule} {n:,}" for rule, n in named[:RULE_WORDS]) + rest


def warned(warnings: Mapping[str, int], notes: Mapping[str, int]) -> Iterator[str]:
    """A line for each check that rows broke and were taken all the same."""
    for thing, counts in (("warning", warnings), ("note", notes)):
        for message, count in counts.items():
            yield f"{many(count, thing)}: {message}"


def _duplicates(count: int) -> str:
    return f"{many(count, 'row')} taken that {'is' if count == 1 else 'are'} likely there already"


def _phrase(counts: Counts) -> str:
    parts = [
        (counts.insert, "new"),
        (counts.update - counts.recalled, "changed"),
        (counts.delete, "removed"),
        (counts.same, "the same"),
        (counts.collapsed, "repeated in the file"),
        (counts.skipped, "skipped"),
        (counts.kept, "kept (edited since)"),
        (counts.blocked, "blocked"),
        (counts.rejected, "rejected"),
        (counts.declined, "rejected in the review"),
    ]
    return " · ".join(f"{n:,} {word}" for n, word in parts if n) or "no rows"


def import_said(event: Event, detail: Mapping[str, Any]) -> dict[str, Any]:
    """An import for programs."""
    said = {
        name: detail.get(name)
        for name in ("table", "form", "map", "kinds", "rules", "warnings", "notes", "duplicates", "review", "rejects")
    }
    return vars(event) | {name: value for name, value in said.items() if value}


def import_pairs(event: Event, detail: Mapping[str, Any]) -> dict[str, str]:
    """An import for people."""
    counts = {name: count for name, count in event.counts.items() if count}
    warnings = warned(detail.get("warnings", {}), detail.get("notes", {}))
    said = {
        "event": f"{event.id}{f', undone by {event.undone_by}' if event.undone_by else ''}",
        "at": event.at,
        "by": event.actor,
        "note": event.note,
        "file": event.source,
        "sha256": event.sha256,
        "read as": "\n".join([detail.get("form", ""), *detail.get("read", ())]),
        "map": detail.get("map"),
        "table": detail.get("table"),
        "rows": " · ".join(f"{name} {count:,}" for name, count in counts.items()),
        "rejected for": by_rule(detail.get("rules", {})),
        "rejected rows": near(detail["rejects"]) if detail.get("rejects") else None,
        "warnings": "\n".join(warnings),
        "duplicates": _duplicates(detail["duplicates"]) if detail.get("duplicates") else None,
        "to be looked at": near(detail["review"]) if detail.get("review") else None,
        "judged by": ", ".join(f"{kind} {version}" for kind, version in detail.get("kinds", {}).items()),
    }
    return {name: str(value) for name, value in said.items() if value}
