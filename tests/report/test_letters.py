"""report/letters.py: letters say what happens, when, and how to answer, and obey nothing that stands in a name."""

from __future__ import annotations

import pytest

from custrec.model.policy import Action
from custrec.report.letters import WORDS, Sheet, page


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_letter_has_all_that_a_customer_needs_in_each_language(language: str) -> None:
    sheet = Sheet("王芳 <script>", "C1", "purge", "2026-07-01", "2026-07-31")
    html = "".join(page([sheet, sheet._replace(name="")], language, "a & b"))
    assert html.count("<section>") == 2
    for said in ("王芳 &lt;script&gt;", "C1", "2026-07-01", "2026-07-31", "a &amp; b"):
        assert said in html
    assert "<script>" not in html
    assert "{" not in html.partition("</style>")[2]


def test_every_action_that_destroys_has_its_words() -> None:
    destroying = {action.word for action in Action if action.destroys}
    assert all(destroying <= set(words) for words in WORDS.values())
    assert len({frozenset(words) for words in WORDS.values()}) == 1
