"""The register of everything that makes a plan.

A command that writes must name its producer here when it is defined (cli.running refuses it otherwise), and the plan
laws in the tests run over every entry: making a plan writes nothing, undo is as if nothing had happened, and so on.
Names only, so that looking it up imports no job.
"""

from __future__ import annotations

PRODUCERS: dict[str, str] = {
    "import": "custrec.jobs.importing.imports:plan_import",
    "normalize": "custrec.jobs.normalizing:plan_normalize",
    "add": "custrec.jobs.edits.adding:plan_add",
    "edit": "custrec.jobs.edits.editing:plan_edit",
    "tag": "custrec.jobs.edits.tagging:plan_tag",
    "delete": "custrec.jobs.lifecycle.moving:plan_delete",
    "undelete": "custrec.jobs.lifecycle.moving:plan_undelete",
    "archive": "custrec.jobs.lifecycle.moving:plan_archive",
    "unarchive": "custrec.jobs.lifecycle.moving:plan_unarchive",
    "restrict": "custrec.jobs.lifecycle.moving:plan_restrict",
    "unrestrict": "custrec.jobs.lifecycle.moving:plan_unrestrict",
    "purge": "custrec.jobs.lifecycle.purging:plan_purge",
    "anonymise": "custrec.jobs.lifecycle.purging:plan_anonymise",
    "merge": "custrec.jobs.duplicates.merging:plan_merge",
    "split": "custrec.jobs.duplicates.splitting:plan_split",
    "different": "custrec.jobs.duplicates.judging_pairs:plan_different",
    "same": "custrec.jobs.duplicates.judging_pairs:plan_same",
    "hold": "custrec.jobs.lifecycle.holding:plan_hold",
    "release": "custrec.jobs.lifecycle.holding:plan_release",
    "notify": "custrec.jobs.lifecycle.noticing:plan_notify",
    "reply": "custrec.jobs.lifecycle.noticing:plan_reply",
    "note": "custrec.jobs.edits.noting:plan_note",
    "confirm": "custrec.jobs.confirming.records:plan_confirm",
    "confirm-start": "custrec.jobs.confirming.campaigns:plan_start",
    "confirm-extend": "custrec.jobs.confirming.campaigns:plan_extend",
    "confirm-close": "custrec.jobs.confirming.campaigns:plan_close",
    "confirm-import": "custrec.jobs.confirming.replies:plan_replies",
    "restore-records": "custrec.jobs.backups.records:plan_restore_records",
    "schema": "custrec.jobs.reshaping.planning:plan_schema",
    "undo": "custrec.jobs.undo:plan_undo",
    "redo": "custrec.jobs.undo:plan_redo",
}
"""Producer by the verb of the plans it makes: module and function."""
