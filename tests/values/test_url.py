"""values/url.py"""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.url import Url

URL = Url(Field("site", kind="url"), Defaults())
pieces = st.lists(
    st.sampled_from(["a", "B", "..", ".", "", "中", "%7e", "%2F", "x.html", "?", "#", "&", "=", ";", "'"]), max_size=8
)


@given(st.sampled_from(["example.com", "EXAMPLE.com:443", "www.例子.com", "8.8.8.8", "a-b.io:8080", "x.co."]), pieces)
def test_a_link_is_in_normal_form_once_it_is_read(host, path):
    for text in (f"https://{host}/{'/'.join(path)}", f"https://{host}/{''.join(path)}"):
        value = URL.judge(text).value
        assert value is not None and URL.study(value, None).value == value == URL.judge(value).value
        parts = urlsplit(value)
        assert parts.scheme == "https" and parts.path.startswith("/") and value.isascii()
        assert not {".", ".."} & set(parts.path.split("/")) and parts.username is None


@given(st.text("htps:/.acomw-%?#[]@0 ", max_size=24))
def test_the_quick_answer_is_the_full_one(text):
    if (value := URL.plain(text, None)) is not None:
        assert URL.study(text, None).value == value


@pytest.mark.parametrize("text", ["https://u:p@example.com/", "https://admin:secret@example.com"])
def test_a_password_is_refused_and_not_repeated(text):
    fault = URL.judge(text).fault
    assert fault.rule == "url-userinfo" and "secret" not in fault.message


def test_a_link_may_not_be_longer_than_browsers_take():
    assert URL.judge(f"https://example.com/{'a' * 2000}").fault is None
    assert URL.judge(f"https://example.com/{'a' * 2100}").fault.rule == "url-invalid"
    assert URL.judge(f"https://example.com/{'中' * 300}").fault.rule == "url-invalid"


def test_links_of_one_house_meet():
    assert URL.keys("https://www.example.com/") == URL.keys("http://example.com/index.html") == ("example.com",)
    assert URL.keys("https://example.com/a/") == ("example.com/a", "example.com")


def test_a_mask_keeps_the_top_level_domain():
    assert URL.mask("https://www.example.com/a") == "***.com"
    assert URL.mask("https://8.8.8.8/") == "***"
    assert URL.mask("https://xn--fsqu00a.xn--fiqs8s/") == "***"
