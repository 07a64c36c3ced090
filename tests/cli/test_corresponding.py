"""custrec confirm letters and confirm import, as processes: what customers are sent, and what they answer."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from terminal import Desk, Said

ROWS = "no,name,city,phone,code\nC1,Ann Lee,Leeds,13800138000,a\nC2,王芳,深圳,,b\nC3,Bo Diaz,Leeds,13800138001,c\n"
NOW = ("--today", "2026-10-01")


@pytest.fixture
def begun(desk: Desk) -> Desk:
    """A desk with three customers whose name, phone and code are asked about."""
    desk.write("in.csv", ROWS)
    assert desk.run("import", "in.csv", "-q").code == 0
    desk.run("confirm", "start", "Q4", "--fields", "name,phone,code", "--until", "2026-12-31", *NOW)
    return desk


def letters(desk: Desk, *more: str, folder: str = "out") -> dict[str, dict[str, str]]:
    """The letters of the campaign as rows, by key."""
    done = desk.run("confirm", "letters", "Q4", "-o", folder, "--format", "csv", *NOW, *more)
    assert done.code == 0, done.err
    text = (desk.folder / folder / "Q4.csv").read_text(encoding="utf-8-sig")
    return {row["no"]: row for row in csv.DictReader(io.StringIO(text))}


def written(rows: list[dict[str, str]]) -> str:
    """Rows as a file."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def answered(desk: Desk, *rows: dict[str, str], words: tuple[str, ...] = (), encoding: str = "utf-8") -> Said:
    """What becomes of some answers."""
    desk.write("replies.csv", written(list(rows)).encode(encoding))
    return desk.run("confirm", "import", "replies.csv", "--json", *NOW, *words)


def standing(desk: Desk, *today: str) -> dict[str, int]:
    """How many records stand how."""
    one = desk.run("confirm", "status", "Q4", "--json", *(today or NOW)).json["campaigns"][0]
    return {word: one[word] for word in ("confirmed", "corrected", "partly", "erase", "open") if one[word]}


def refused(said: dict[str, Any]) -> list[tuple[str, str]]:
    """The keys and rules of the rows that were refused."""
    rows = csv.DictReader(io.StringIO(Path(said["rejects"]).read_text(encoding="utf-8-sig")))
    return [(row["no"], row["_rule"]) for row in rows]


def test_answers_confirm_correct_and_wish_and_say_who_said_so(begun: Desk) -> None:
    sent = letters(begun)
    done = answered(
        begun,
        sent["C1"] | {"answer": "confirmed"},
        sent["C2"] | {"answer": "更正", "phone": "139 0013 9000"},
        sent["C3"] | {"answer": "delete"},
    )
    assert done.code == 3  # somebody wishes to be deleted
    assert (done.json["confirmed"], done.json["corrected"], done.json["erase"]) == (5, 1, 1)
    assert done.json["provenance"] == "subject"
    assert standing(begun) == {"confirmed": 1, "corrected": 1, "erase": 1}
    assert begun.run("show", "C2", "--json").json["phone"] == "+8613900139000"
    assert begun.run("list", "--format", "ids").out.split() == ["1", "2", "3"]
    assert begun.run("history", "verify").code == 0
    assert begun.run("undo").code == 0
    assert standing(begun) == {"open": 3}
    assert begun.run("show", "C2", "--json").json["phone"] is None
    assert answered(begun, sent["C1"] | {"answer": "confirmed"}).code == 0


def test_a_blank_cell_never_wipes_a_value_and_none_does(begun: Desk) -> None:
    sent = letters(begun)
    said = answered(
        begun,
        sent["C1"] | {"answer": "confirmed", "phone": "", "name": " "},
        sent["C3"] | {"answer": "corrected", "phone": "无"},
    ).json
    assert said["corrected"] == 1
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613800138000"
    assert begun.run("show", "C3", "--json").json["phone"] is None
    again = answered(begun, letters(begun, folder="again")["C2"] | {"answer": "corrected", "name": "none"})
    assert again.json["rules"] == {"required": 1}


def test_letters_that_come_back_untouched_say_nothing(begun: Desk) -> None:
    done = answered(begun, *letters(begun).values())
    assert done.code == 0
    assert done.json["counts"]["skipped"] == 3
    assert standing(begun) == {"open": 3}


def test_what_was_written_without_an_answer_counts(begun: Desk) -> None:
    assert answered(begun, letters(begun)["C1"] | {"phone": "13900139000"}).json["corrected"] == 1
    assert standing(begun) == {"corrected": 1, "open": 2}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"token": "7H7G2-0G7ZG-9KAAP-BR5E8-X64HP-JX0", "answer": "ok"}, "token-foreign"),
        ({"token": "", "answer": "ok"}, "token-forged"),
        ({"answer": "perhaps"}, "answer-unknown"),
        ({"answer": "corrected"}, "nothing-corrected"),
        ({"phone": "12"}, "phone-invalid"),
        ({"code": "c"}, "not-unique"),
    ],
)
def test_what_cannot_be_taken_is_listed_with_its_reason_and_changes_nothing(
    begun: Desk, change: dict[str, str], rule: str
) -> None:
    done = answered(begun, letters(begun)["C1"] | change)
    assert done.code == 3
    assert refused(done.json) == [("C1", rule)]
    assert standing(begun) == {"open": 3}


def test_a_token_holds_for_its_own_customer_only(begun: Desk) -> None:
    sent = letters(begun)
    forged = sent["C1"]["token"][:-1] + ("0" if sent["C1"]["token"][-1] != "0" else "4")
    assert refused(answered(begun, sent["C1"] | {"token": forged, "answer": "ok"}).json) == [("C1", "token-forged")]
    mixed = answered(begun, sent["C2"] | {"token": sent["C1"]["token"], "answer": "confirmed"})
    assert refused(mixed.json) == [("C2", "token-of-another")]
    assert answered(begun, sent["C1"] | {"no": " Ｃ１ ", "answer": "confirmed"}).code == 0


def test_a_token_is_taken_once_and_until_its_day(begun: Desk) -> None:
    sent = letters(begun, "--until", "2026-10-31")
    one = sent["C1"] | {"answer": "confirmed"}
    assert answered(begun, one | {"token": one["token"].lower().replace("-", " ")}).code == 0
    assert refused(answered(begun, one).json) == [("C1", "token-used")]
    begun.write("replies.csv", written([sent["C2"] | {"answer": "confirmed"}]))
    late = begun.run("confirm", "import", "replies.csv", "--json", "--today", "2026-11-01")
    assert refused(late.json) == [("C2", "token-expired")]
    assert begun.run("confirm", "import", "replies.csv", "--today", "2026-10-31").code == 0


def test_one_token_twice_in_a_file_counts_once_or_is_refused(begun: Desk) -> None:
    one = letters(begun)["C1"] | {"answer": "confirmed"}
    done = answered(begun, one, one, one | {"phone": "13900139000"})
    assert done.json["counts"]["collapsed"] == 1
    assert refused(done.json) == [("C1", "token-twice")]
    assert standing(begun) == {"confirmed": 1, "open": 2}


def test_a_value_that_moved_since_the_letter_is_not_written_over(begun: Desk) -> None:
    sent = letters(begun)
    begun.run("edit", "C1", "phone=13700137000")
    wrote = sent["C1"] | {"answer": "corrected", "phone": "13900139000", "name": "Ann Leigh"}
    assert refused(answered(begun, wrote).json) == [("C1", "value-moved")]
    assert refused(answered(begun, sent["C1"] | {"answer": "confirmed"}).json) == [("C1", "value-moved")]
    kept = answered(begun, wrote, words=("--on-moved", "keep"))
    assert (kept.json["confirmed"], kept.json["corrected"]) == (1, 1)
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613700137000"
    assert standing(begun) == {"partly": 1, "open": 2}
    begun.run("undo")
    assert answered(begun, wrote, words=("--on-moved", "take")).json["corrected"] == 2
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613900139000"


def test_a_correction_that_somebody_made_already_is_right(begun: Desk) -> None:
    sent = letters(begun)
    begun.run("edit", "C1", "phone=13900139000")
    done = answered(begun, sent["C1"] | {"phone": "13900139000"})
    assert (done.code, done.json["confirmed"]) == (0, 3)


def test_the_letter_of_a_merged_record_answers_for_the_survivor(begun: Desk) -> None:
    sent = letters(begun)
    begun.run("dedupe", "merge", "C1", "C3", "--into", "C1", "--take", "phone=C3", "--take", "name=C3")
    done = answered(begun, sent["C3"] | {"answer": "confirmed"}, words=("--on-moved", "keep"))
    assert done.json["records"] == [1]
    assert done.json["values"] == {"name": 1, "phone": 1, "code": 1}


def test_columns_of_others_are_passed_over_but_not_one_that_was_meant_for_a_field(begun: Desk) -> None:
    one = letters(begun)["C1"] | {"answer": "confirmed"}
    begun.write("replies.csv", written([one | {"IP": "1.2.3.4", "Submitted at": "now"}]))
    done = begun.run("confirm", "import", "replies.csv", "-n", *NOW)
    assert done.code == 0
    assert "passed over: IP, Submitted at" in done.err
    lost = {("phne" if name == "phone" else name): text for name, text in one.items()}
    begun.write("replies.csv", written([lost]))
    done = begun.run("confirm", "import", "replies.csv", *NOW)
    assert done.code == 4
    assert "did you mean phone?" in done.err


def test_a_field_without_a_column_is_right_only_where_all_is_said_to_be(begun: Desk) -> None:
    sent = letters(begun)
    rows = [{"口令": sent["C1"]["token"], "回复": "无误"}, {"口令": sent["C2"]["token"], "回复": ""}]
    assert answered(begun, *({**row, "姓名": ""} for row in rows)).json["confirmed"] == 3
    only = {"token": sent["C3"]["token"], "answer": "corrected", "name": "Bo Dias"}
    assert answered(begun, only).json["values"] == {"name": 1}
    assert standing(begun) == {"confirmed": 1, "partly": 1, "open": 1}


def test_answers_come_in_gb18030_from_a_workbook_and_as_json_lines(begun: Desk) -> None:
    sent = letters(begun)
    assert answered(begun, sent["C2"] | {"answer": "更正", "name": "王小芳"}, encoding="gb18030").code == 0
    assert begun.run("show", "C2", "--json").json["name"] == "王小芳"
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(begun.folder / "replies.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["token", "answer", "phone"])
        sheet.write_row(1, 0, [sent["C1"]["token"], "corrected", 13900139000])
    assert begun.run("confirm", "import", "replies.xlsx", *NOW).code == 0
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613900139000"
    line = f'{{"token": "{sent["C3"]["token"]}", "answer": "confirmed"}}\n'
    assert begun.run("confirm", "import", "-", *NOW, stdin=line.encode()).code == 0
    assert standing(begun) == {"corrected": 1, "partly": 1, "confirmed": 1}


@pytest.mark.parametrize(("content", "code"), [("", 4), ("no,name\nC1,Ann\n", 4), ("token,token\na,b\n", 4)])
def test_a_file_without_answers_is_refused(begun: Desk, content: str, code: int) -> None:
    letters(begun)
    begun.write("replies.csv", content)
    assert begun.run("confirm", "import", "replies.csv", *NOW).code == code


def test_a_header_alone_and_a_dry_run_change_nothing(begun: Desk) -> None:
    sent = letters(begun)
    begun.write("replies.csv", "token,answer,phone\n")
    assert begun.run("confirm", "import", "replies.csv", *NOW).code == 0
    done = answered(begun, sent["C1"] | {"phone": "13900139000"}, words=("-n",))
    assert done.json["sample"][0]["after"] == "+8613900139000"
    assert not done.json["applied"]
    assert standing(begun) == {"open": 3}


def test_a_closed_campaign_and_another_one_take_no_answers(begun: Desk) -> None:
    sent = letters(begun)
    begun.run("confirm", "start", "Q5", "--fields", "city", *NOW)
    begun.run("confirm", "letters", "Q5", "-o", "other", "--format", "csv", *NOW)
    text = (begun.folder / "other" / "Q5.csv").read_text(encoding="utf-8-sig")
    other = next(csv.DictReader(io.StringIO(text)))
    rows = [sent["C1"] | {"answer": "ok"}, {name: other.get(name, "") for name in sent["C1"]} | {"answer": "ok"}]
    assert refused(answered(begun, *rows).json) == [("C1", "token-of-other")]
    begun.run("confirm", "close", "Q4")
    assert refused(answered(begun, sent["C2"] | {"answer": "ok"}).json) == [("C2", "campaign-over")]


def test_the_key_is_private_made_once_and_missed_when_it_is_gone(begun: Desk) -> None:
    sent = letters(begun)
    key = begun.folder / "custrec.confirm-key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    again = letters(begun, folder="again")
    assert key.read_bytes() == before
    assert again["C1"]["token"] == sent["C1"]["token"] or again["C1"]["token"] != ""
    if os.name == "posix":
        key.chmod(0o644)
        assert answered(begun, sent["C1"] | {"answer": "ok"}).code == 8
        key.chmod(0o600)
    key.write_text("no key\n", encoding="utf-8")
    assert answered(begun, sent["C1"] | {"answer": "ok"}).code == 8
    key.unlink()
    assert answered(begun, sent["C1"] | {"answer": "ok"}).code == 8
    assert letters(begun, folder="anew")["C1"]["token"] != sent["C1"]["token"]
    assert refused(answered(begun, sent["C1"] | {"answer": "ok"}).json) == [("C1", "token-foreign")]


def test_letters_go_to_whom_work_is_left_are_private_and_not_written_over(begun: Desk) -> None:
    begun.run("confirm", "record", "C1", "--campaign", "Q4", *NOW)
    assert set(letters(begun)) == {"C2", "C3"}
    assert stat.S_IMODE((begun.folder / "out" / "Q4.csv").stat().st_mode) == 0o600
    assert begun.run("confirm", "letters", "Q4", "-o", "out", "--format", "csv", *NOW).code == 9
    begun.run("confirm", "record", "C2", "C3", "--campaign", "Q4", *NOW)
    none = begun.run("confirm", "letters", "Q4", "-o", "more", *NOW)
    assert (none.code, "nobody is left" in none.err) == (0, True)
    assert begun.run("undo", "-n").code == 0  # letters are a fact, which undo passes over


def test_what_is_masked_comes_back_as_right_and_formulas_are_guarded(desk: Desk) -> None:
    desk.write("in.csv", "no,name,phone\nC1,=cmd Lee,13800138000\n")
    desk.run("import", "in.csv", "-q")
    desk.run("confirm", "start", "Q4", "--fields", "name,phone", *NOW)
    sent = letters(desk, "--mask", "phone")["C1"]
    assert "38000" not in sent["phone"]
    assert sent["name"].startswith("'=")
    assert answered(desk, sent | {"answer": "confirmed"}).json["confirmed"] == 2
    assert desk.run("show", "C1", "--json").json["phone"] == "+8613800138000"


def test_sheets_show_each_customer_on_a_page_and_escape_what_they_show(desk: Desk) -> None:
    desk.write("in.csv", 'no,name,city\nC1,Ann <b>Lee</b>,Leeds\nC2,王芳,"深圳 & 香港"\n')
    desk.run("import", "in.csv", "-q")
    desk.run("confirm", "start", "Q4", "--fields", "name,city", *NOW)
    words = ("--lang", "zh", "--reply-to", "科技路<1>号", "--until", "2026-12-31")
    assert desk.run("confirm", "letters", "Q4", "-o", "out", *words, *NOW).code == 0
    text = (desk.folder / "out" / "Q4-001.html").read_text(encoding="utf-8")
    assert text.count("<section>") == 2
    assert "Ann &lt;b&gt;Lee&lt;/b&gt;" in text
    assert "深圳 &amp; 香港" in text
    assert "科技路&lt;1&gt;号" in text
    assert "2026 年 12 月 31 日" in text
    assert '<html lang="zh">' in text
    assert '<th scope="row">姓名</th>' in text
    tokens = re.findall(r"<code>([0-9A-Z-]+)</code>", text)
    assert len(set(tokens)) == 2
    assert answered(desk, *({"token": one, "answer": "ok"} for one in tokens)).json["confirmed"] == 4


def test_a_field_that_is_called_token_is_told_from_the_token(desk: Desk) -> None:
    schema = (desk.folder / "schema.yaml").read_text(encoding="utf-8")
    desk.write("schema.yaml", schema.replace("name: city,", "name: token,"))
    desk.run("schema", "apply", "--yes")
    desk.write("in.csv", "no,name,token\nC1,Ann,red\n")
    desk.run("import", "in.csv", "-q")
    desk.run("confirm", "start", "Q4", "--fields", "token", *NOW)
    sent = letters(desk)["C1"]
    assert (sent["token"], sent["_token"] != "") == ("red", True)
    assert answered(desk, sent | {"token": "blue"}).json["corrected"] == 1
    assert desk.run("list", "--fields", "token", "--format", "csv").out.split() == ["_id,token", "1,blue"]


@pytest.mark.parametrize(
    "words",
    [
        ("letters", "Q9", "-o", "out"),
        ("letters", "Q4", "-o", "out", "--format", "pdf"),
        ("letters", "Q4", "-o", "out", "--lang", "fr"),
        ("letters", "Q4", "-o", "out", "--mask", "city"),
        ("letters", "Q4", "-o", "out", "--until", "2026-09-30"),
        ("import", "replies.csv", "--on-moved", "ask"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_exit_2(begun: Desk, words: tuple[str, ...]) -> None:
    begun.write("replies.csv", "token\n")
    assert begun.run("confirm", *words, *NOW).code == 2


def test_the_guard_counts_what_is_corrected_and_not_what_is_answered(begun: Desk) -> None:
    begun.write("custrec.yaml", "max_change: 0\n")
    sent = letters(begun)
    assert answered(begun, *(one | {"answer": "confirmed"} for one in sent.values())).code == 0
    begun.run("undo")
    done = answered(begun, sent["C1"] | {"phone": "13900139000"})
    assert done.code == 9
    assert "of 3 existing records in customers" in done.err


def test_what_was_confirmed_of_a_purged_record_goes_with_it_and_its_letter_is_asked_no_more(begun: Desk) -> None:
    sent = letters(begun)
    assert answered(begun, sent["C1"] | {"phone": "13911112222"}).code == 0
    begun.run("delete", "C1", "--yes")
    assert begun.run("purge", "C1", "--confirm-up-to", "1").code == 0
    assert begun.rows("SELECT count(*) FROM _confirmation") == [0]
    assert begun.rows("SELECT record FROM _asked ORDER BY record") == [2, 3]
    assert b"13911112222" not in (begun.folder / "custrec.db").read_bytes()
    assert begun.run("history", "verify").code == 0
    assert refused(answered(begun, sent["C1"] | {"answer": "ok"}).json) == [("C1", "not-asked")]
    assert standing(begun) == {"open": 2}


def test_who_was_put_aside_is_sent_nothing_and_answers_for_nobody(begun: Desk) -> None:
    sent = letters(begun)
    begun.run("archive", "C1")
    begun.run("restrict", "C3")
    assert set(letters(begun, folder="more")) == {"C2"}
    assert refused(answered(begun, sent["C1"] | {"answer": "ok"}).json) == [("C1", "not-active")]
    assert begun.run("confirm", "record", "C3", "--fields", "name", *NOW).code == 5  # restricted
