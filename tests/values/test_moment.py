"""values/moment.py"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.moment import Moment
from custrec.values.protocol import Agreement

SHANGHAI = Moment(Field("at", kind="datetime"), Defaults(timezone="Asia/Shanghai"))
moments = st.datetimes(datetime(1950, 1, 1), datetime(2099, 12, 30))


@given(moments, st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]))
def test_a_time_with_its_offset_is_the_same_moment_in_every_zone(moment, zone):
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    if local.utcoffset().total_seconds() % 60:
        return
    value = SHANGHAI.judge(local.isoformat()).value
    assert datetime.fromisoformat(value) == local.astimezone(UTC), "held in one zone: a repeated hour equals nothing"
    assert value.endswith("Z")


@given(st.lists(moments, min_size=2, max_size=2))
def test_order_is_the_order_of_time_with_and_without_fractions(pair):
    one, two = (SHANGHAI.judge(f"{moment.isoformat()}Z").value for moment in pair)
    assert (SHANGHAI.order(one) < SHANGHAI.order(two)) == (pair[0] < pair[1])


def test_moments_are_told_apart():
    assert SHANGHAI.compare("2021-03-05T06:30:00Z", "2021-03-05T06:30:30Z") is Agreement.CLOSE
    assert SHANGHAI.compare("2021-03-05T06:30:00Z", "2021-03-05T16:30:30Z") is Agreement.WEAK
    assert SHANGHAI.compare("2021-03-05T06:30:00Z", "2021-03-06T16:30:30Z") is Agreement.DIFFERENT


def test_the_quick_answer_is_the_full_one_on_the_days_when_clocks_change():
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "America/Sao_Paulo"):
        moment = Moment(Field("at", kind="datetime"), Defaults(timezone=zone))
        for day in (date(2018, 1, 1) + timedelta(n) for n in range(400)):
            for time in ("00:00", "00:30:30", "02:30", "12:00:00", "23:59:59"):
                quick = moment.plain(f"{day} {time}", None)
                if quick is not None:
                    assert quick == moment.study(f"{day} {time}", None).value
                    assert not moment.study(f"{day} {time}", None).lossy


def test_most_days_are_answered_quickly():
    assert SHANGHAI.plain("2021-03-05 14:30", None) == "2021-03-05T06:30:00Z"
    assert SHANGHAI.plain("2021-03-05T14:30:00", None) == "2021-03-05T06:30:00Z"
    assert SHANGHAI.plain("2021-03-05 25:00", None) is None
