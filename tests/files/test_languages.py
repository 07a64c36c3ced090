"""files.languages: text of a language is less surprising in it than in another, and than noise."""

from __future__ import annotations

import pytest

from custrec.files.languages import language

SAMPLES = {
    "simplified": ["张伟", "武汉市江汉区解放大道", "客户编号"],
    "traditional": ["陳志偉", "臺北市信義區忠孝東路", "客戶編號"],
    "japanese": ["鈴木さくら", "東京都千代田区丸の内", "カスタマー"],
    "korean": ["김민수", "서울특별시 강남구", "고객번호"],
    "german": ["Müller", "Größe", "Königsstraße"],
    "french": ["Hélène", "François", "Noël"],
    "danish": ["Jørgen", "Kærgård", "Ærø"],
    "polish": ["Wałęsa", "Łódź", "Święty"],
    "russian": ["Иван", "Щукин", "МОСКВА"],
    "greek": ["Αθήνα", "Γιώργος"],
}


@pytest.mark.parametrize("name", SAMPLES)
def test_its_own_text_surprises_a_language_least(name: str) -> None:
    cost = {other: sum(map(language(other).surprise, SAMPLES[name])) for other in SAMPLES}
    assert min(cost, key=lambda other: cost[other]) == name


def test_letters_in_strange_places_surprise() -> None:
    german, russian, chinese = language("german"), language("russian"), language("simplified")
    assert german.surprise("MüLLER") < german.surprise("müÜler")
    assert german.surprise("aäb") < german.surprise("aääb") - 3
    assert german.surprise("1 ü 2") > german.surprise("aüb")
    assert russian.surprise("Иван") <= russian.surprise("иВАН") - 4.9
    assert russian.surprise("и1") < russian.surprise("иA")
    assert chinese.surprise("1张2") < chinese.surprise("A张B")


def test_bytes_that_are_no_text_surprise_all() -> None:
    for name in SAMPLES:
        assert language(name).surprise("\udcff") >= 10


def test_nothing_is_no_surprise() -> None:
    assert language("german").surprise("") == 0
