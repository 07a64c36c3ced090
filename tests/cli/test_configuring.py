"""Settings as commands obey them, and custrec config show."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from terminal import Desk

FEW = "no,name,city\n" + "".join(f"C{n},Ann,Paris\n" for n in range(20))


def test_config_show_tells_every_setting_with_its_origin(desk: Desk) -> None:
    home = desk.folder / "home"
    (home / "custrec").mkdir(parents=True)
    (home / "custrec" / "config.yaml").write_text("jobs: 2\n")
    desk.write("custrec.yaml", "max_change: 5% or 50\nwait: 30\nactor: 销售部\n")
    more = {"XDG_CONFIG_HOME": str(home), "CUSTREC_WAIT": "7", "CUSTREC_ACTOR": "", "COLUMNS": "80"}
    said = desk.run("config", "show", "--origin", "--color", "never", **more)
    assert (said.code, said.err) == (0, "")
    rows = [line.split() for line in said.out.splitlines()]
    assert ["max_change", "5%", "or", "50", "custrec.yaml"] in rows
    assert ["wait", "7", "environment", "(CUSTREC_WAIT)"] in rows
    assert ["actor", "销售部", "custrec.yaml"] in rows
    assert ["color", "never", "flag", "(--color)"] in rows
    assert ["jobs", "2", "user"] in rows
    assert (
        len(
            {
                cell_len(line[: line.rindex(" custrec.yaml")])
                for line in said.out.splitlines()
                if " custrec.yaml" in line
            }
        )
        == 1
    )
    found = desk.run("config", "show", "--json", **more).json
    assert found["schema"] == "custrec.config/1"
    assert found["store"] == str(desk.store)
    assert found["settings"]["wait"] == {"value": 7.0, "origin": "environment", "place": "CUSTREC_WAIT"}
    assert found["settings"]["jobs"]["place"] == str(home / "custrec" / "config.yaml")
    assert found["settings"]["max_change"].items() >= {"percent": 5.0, "rows": 50}.items()


def test_the_place_of_the_store_is_told_with_its_reason(desk: Desk) -> None:
    def origin(*words: str, **more: str) -> str:
        return str(desk.run("config", "show", "--json", *words, **more).json["store_origin"])

    assert origin() == "beside the nearest schema.yaml"
    assert origin("--store", "custrec.db") == "--store"
    assert origin(CUSTREC_STORE="custrec.db") == "CUSTREC_STORE"


def test_max_change_of_custrec_yaml_guards_and_the_flag_is_heard_first(desk: Desk) -> None:
    desk.take(FEW)
    moved = FEW.replace("Paris", "Oslo")
    assert desk.take(moved).json["counts"]["update"] == 20  # below the default of 1000
    desk.write("custrec.yaml", "max_change: 10%\n")
    said = desk.take(FEW)
    assert (said.code, said.error["error"]) == (9, "too-many-changes")
    assert "the limit is 2" in said.error["message"]
    assert desk.take(FEW, "--max-change", 20).code == 0
    desk.write("in.csv", moved)
    assert desk.run("import", "in.csv", CUSTREC_MAX_CHANGE="50% or 20").code == 0


def test_wait_actor_and_colour_are_obeyed(desk: Desk) -> None:
    desk.write("custrec.yaml", "actor: 销售部\ncolor: always\nwait: 0.1\n")
    desk.write("in.csv", "no,name\nC1,Ann\n")
    assert desk.run("import", "in.csv", CUSTREC_ACTOR="").code == 0
    assert desk.rows("SELECT actor FROM _event")[0].startswith("销售部 (login ")
    assert "\x1b[1m" in desk.run("list").out
    assert "\x1b" not in desk.run("list", NO_COLOR="1").out
    assert "\x1b" not in desk.run("list", "--color", "never").out


def test_faulty_settings_stop_writers_and_warn_readers(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    desk.write("custrec.yaml", "max_chnge: 5%\njobs: 64\n")
    said = desk.take("no,name\nC2,Bo\n")
    assert (said.code, said.error["error"]) == (4, "settings-invalid")
    assert said.error["details"][0].endswith("unknown setting 'max_chnge'; did you mean 'max_change'?")
    assert desk.run("undo").code == 4
    assert desk.run("config", "show").code == 4
    said = desk.run("list")
    assert (said.code, said.err) == (0, "custrec: custrec.yaml has 2 faults; what it says is not used\n1 record\n")


def test_a_variable_that_makes_no_sense_is_wrong_use(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\n")
    for variable, value in (("CUSTREC_JOBS", "many"), ("CUSTREC_MAX_CHANGE", "all"), ("CUSTREC_WAIT", "soon")):
        said = desk.run("import", "in.csv", **{variable: value})
        assert said.code == 2
        assert variable in said.err


def test_no_settings_file_no_yaml(desk: Desk, tmp_path: Path) -> None:
    """A command that needs no settings file does not pay for reading one."""
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import sys\nfrom custrec.__main__ import run\ncode = run(['list', '-q'])\n"
        "assert code == 0 and 'yaml' not in sys.modules and 'custrec.files.strict_yaml' not in sys.modules\n"
    )
    import subprocess
    import sys

    from terminal import environment

    done = subprocess.run(
        [sys.executable, str(probe)], cwd=desk.folder, env=environment(desk.folder), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
