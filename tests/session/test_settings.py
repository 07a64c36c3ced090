"""Who is heard: flags before the environment, custrec.yaml, the user's file and the defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from custrec.errors import CustrecError, SettingsInvalid, UsageError
from custrec.model.settings import Limit
from custrec.session.settings import settle, user_file


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A store, and an environment in which the user has settings."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    user = user_file(environment)
    user.parent.mkdir(parents=True)
    user.write_text("wait: 1\njobs: 1\nactor: user\nmax_change: 1\ncolor: always\nplan_expiry: 2w\n")
    store = tmp_path / "shop" / "custrec.db"
    store.parent.mkdir()
    (store.parent / "custrec.yaml").write_text("wait: 2\njobs: 2\nactor: shop\nmax_change: 2\n")
    return store, environment


def test_each_is_heard_before_the_next(places: tuple[Path, dict[str, str]]) -> None:
    store, environment = places
    environment |= {"CUSTREC_WAIT": "3", "CUSTREC_JOBS": "3", "CUSTREC_ACTOR": ""}
    said = settle({"wait": 4.0}, environment, store).said
    assert {name: (one.value, one.origin) for name, one in said.items() if one.origin != "default"} == {
        "max_change": (Limit(0, 2), "custrec.yaml"),
        "actor": ("shop", "custrec.yaml"),
        "wait": (4.0, "flag"),
        "color": ("always", "user"),
        "plan_expiry": (14, "user"),
        "jobs": (3, "environment"),
    }
    assert said["wait"].place == "--wait"
    assert said["jobs"].place == "CUSTREC_JOBS"
    assert said["color"].place == str(user_file(environment))


def test_where_nobody_says_anything_the_defaults_hold(tmp_path: Path) -> None:
    settings = settle({}, {"XDG_CONFIG_HOME": str(tmp_path)}, tmp_path / "custrec.db")
    assert (settings.max_change, settings.actor, settings.wait, settings.color) == (Limit(20, 1000), None, 60.0, "auto")
    assert 1 <= settings.jobs <= 4
    assert {one.origin for one in settings.said.values()} == {"default"}


@pytest.mark.parametrize(
    ("variables", "color"),
    [
        ({"NO_COLOR": "1"}, "never"),
        ({"FORCE_COLOR": "1"}, "always"),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "never"),
        ({"NO_COLOR": "1", "CUSTREC_COLOR": "auto"}, "auto"),
        ({"NO_COLOR": ""}, "always"),
    ],
)
def test_what_other_programs_obey_is_part_of_the_environment(
    places: tuple[Path, dict[str, str]], variables: dict[str, str], color: str
) -> None:
    store, environment = places
    assert settle({}, environment | variables, store).color == color


def test_a_variable_that_cannot_be_read_is_wrong_use(places: tuple[Path, dict[str, str]]) -> None:
    store, environment = places
    with pytest.raises(UsageError, match="CUSTREC_JOBS takes a number of processes, from 1 to 8, not many"):
        settle({}, environment | {"CUSTREC_JOBS": "many"}, store)


def test_a_faulty_file_stops_all_but_who_asks_to_go_on(places: tuple[Path, dict[str, str]]) -> None:
    store, environment = places
    (store.parent / "custrec.yaml").write_text("wiat: 2\n")
    with pytest.raises(SettingsInvalid, match=r"custrec\.yaml has 1 fault"):
        settle({}, environment, store)
    faults: list[CustrecError] = []
    assert settle({}, environment, store, faults.append).wait == 1
    assert len(faults) == 1


def test_a_relative_home_of_settings_is_passed_over() -> None:
    assert user_file({"XDG_CONFIG_HOME": "here"}) == user_file({})
