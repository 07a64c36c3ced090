"""Splink 5 on DuckDB over one labelled set, as a process of its own: reads, trains, predicts, clusters, writes.

    python benchmarks/duplicates/splink_peer.py FOLDER --model NAME --out FOLDER [--threshold P]

Writes `clusters.csv` (row, cluster) and `pairs.csv` (the two rows, probability from .5). With several thresholds it
writes `clusters-P.csv` for each: for finding the one that serves Splink best, which `MODELS` then keeps. Rules are
written by hand for each set, which is what Splink asks of its user: blocking rules, comparisons, rules for the prior and
for the training. Those of FEBRL are its documented example's, with more blocking and comparisons where these help.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

KEY = "row_no"


@dataclass(frozen=True)
class Model:
    """What the user of Splink writes for one kind of list."""

    select: str
    """SQL expressions that clean the columns, in SELECT's form."""
    blocking: list[Any]
    comparisons: Callable[[], list[Any]]
    certain: list[Any]
    """Rules whose pairs nearly always belong together, from which the prior is estimated."""
    recall: float
    """The share of pairs that the certain rules are taken to find."""
    training: list[Any]
    """Blocking rules of the expectation maximisation, one session each."""
    threshold: float
    """The probability from which pairs are clustered: of those tried, the one that gave the best F1."""
    simplify: bool = False
    """Whether traditional Chinese characters are first written in the simplified form."""


def _lower(*names: str) -> str:
    return ", ".join(f"nullif(trim(lower({name})), '') as {name}" for name in names)


def _febrl() -> list[Any]:
    return [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address_1", [0.9, 0.8]),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]


FEBRL = Model(
    select=_lower(
        "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id"
    ),
    blocking=[
        block_on("soc_sec_id"),
        block_on("given_name", "surname"),
        "l.given_name = r.surname and l.surname = r.given_name",
        block_on("date_of_birth"),
        block_on("address_1"),
        block_on("postcode", "street_number"),
        block_on("postcode", "surname"),
        block_on("postcode", "given_name"),
        block_on("suburb", "surname"),
        block_on("suburb", "given_name"),
        block_on("suburb", "street_number"),
    ],
    comparisons=_febrl,
    certain=[
        block_on("soc_sec_id"),
        block_on("given_name", "surname", "date_of_birth"),
        "l.given_name = r.surname and l.surname = r.given_name and l.date_of_birth = r.date_of_birth",
    ],
    recall=0.9,
    training=[block_on("date_of_birth"), block_on("postcode")],
    threshold=0.5,
)


def _households() -> list[Any]:
    return [
        cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("last_name").configure(term_frequency_adjustments=True),
        cl.ExactMatch("middle_initial"),
        cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("ssn", [1, 2]),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.85]).configure(term_frequency_adjustments=True),
    ]


HOUSEHOLDS = Model(
    select=_lower("first_name", "last_name", "middle_initial", "ssn", "street_name", "street_number")
    + ", nullif(replace(date_of_birth, '/', ''), '') as date_of_birth"
    + ", case when street_name <> '' then lower(concat_ws(' ', nullif(street_number, ''), street_name,"
    " nullif(unit_number, ''))) end as address",
    blocking=[
        block_on("ssn"),
        block_on("first_name", "last_name"),
        block_on("first_name", "address"),
        block_on("last_name", "address"),
        block_on("date_of_birth", "first_name"),
        block_on("date_of_birth", "last_name"),
        block_on("substr(first_name, 1, 3)", "substr(last_name, 1, 3)", "middle_initial"),
        block_on("street_name", "first_name"),
    ],
    comparisons=_households,
    certain=[block_on("ssn"), block_on("first_name", "middle_initial", "last_name", "address")],
    recall=0.7,
    training=[block_on("ssn"), block_on("first_name", "last_name"), block_on("address")],
    threshold=0.999,
)


def _seldom_wrong(column: str) -> cl.CustomComparison:
    """Equal or not, with chances given: training would find that the field never differs, and Splink refuses a 0."""
    return cl.CustomComparison(
        output_column_name=column,
        comparison_levels=[
            cll.NullLevel(column),
            cll.ExactMatchLevel(column).configure(
                m_probability=0.99, fix_m_probability=True, tf_adjustment_column=column
            ),
            cll.ElseLevel().configure(m_probability=0.01, fix_m_probability=True),
        ],
    )


def _contacts() -> list[Any]:
    return [
        cl.JaroWinklerAtThresholds("first_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("last_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("email", [0.92]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("phone", [2]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("company_name", [0.88]).configure(term_frequency_adjustments=True),
        _seldom_wrong("job_title"),
        cl.JaroWinklerAtThresholds("city", [0.88]).configure(term_frequency_adjustments=True),
        _seldom_wrong("state_code"),
        _seldom_wrong("country_code"),
    ]


CONTACTS = Model(
    select=_lower(
        "first_name",
        "last_name",
        "email",
        "phone",
        "job_title",
        "company_name",
        "linkedin_url",
        "city",
        "state_code",
        "country_code",
    ),
    blocking=[
        block_on("email"),
        block_on("phone"),
        block_on("linkedin_url"),
        block_on("first_name", "last_name"),
        block_on("company_name", "last_name"),
        block_on("company_name", "first_name"),
        block_on("city", "last_name"),
        block_on("city", "first_name"),
        block_on("company_name", "city"),
    ],
    comparisons=_contacts,
    certain=[block_on("email", "city"), block_on("phone", "city"), block_on("first_name", "last_name", "city")],
    recall=0.5,
    training=[block_on("email"), block_on("phone"), block_on("first_name", "last_name")],
    threshold=0.99,
)


CONTACTS_KNOWING = replace(CONTACTS, blocking=[*CONTACTS.blocking, block_on("job_title", "state_code", "country_code")])
"""With a rule that is only seen by who knows that the generator garbles none of these three."""


def _rldata() -> list[Any]:
    return [
        cl.JaroWinklerAtThresholds("first_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("last_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("birth_year", [1]),
        cl.ExactMatch("birth_month"),
        cl.ExactMatch("birth_day"),
    ]


RLDATA = Model(
    select=_lower("first_name", "last_name") + ", birth_year, birth_month, birth_day",
    blocking=[
        block_on("first_name", "last_name"),
        block_on("birth_year", "birth_month", "birth_day"),
        block_on("first_name", "birth_year"),
        block_on("last_name", "birth_year"),
        block_on("first_name", "birth_month", "birth_day"),
        block_on("last_name", "birth_month", "birth_day"),
    ],
    comparisons=_rldata,
    certain=[block_on("first_name", "last_name", "birth_year")],
    recall=0.7,
    training=[block_on("first_name", "last_name"), block_on("birth_year", "birth_month", "birth_day")],
    threshold=0.5,
)


def _restaurants() -> list[Any]:
    return [
        cl.JaroWinklerAtThresholds("name", [0.95, 0.85]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("addr", [0.95, 0.85]),
        cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("city", [0.9]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("type", [0.9]).configure(term_frequency_adjustments=True),
    ]


RESTAURANTS = Model(
    select=_lower("name", "addr", "city", "type") + ", nullif(regexp_replace(phone, '[^0-9]', '', 'g'), '') as phone",
    blocking=[block_on("phone"), block_on("name"), block_on("addr"), block_on("substr(name, 1, 5)"), block_on("city")],
    comparisons=_restaurants,
    certain=[block_on("phone", "city"), block_on("name", "addr")],
    recall=0.7,
    training=[block_on("phone"), block_on("name")],
    threshold=0.8,
)


def _people_cn() -> list[Any]:
    return [
        cl.CustomComparison(
            output_column_name="name",
            comparison_levels=[
                cll.NullLevel("name"),
                cll.ExactMatchLevel("name", term_frequency_adjustments=True),
                cll.LevenshteinLevel("name", 1),
                cll.ExactMatchLevel("surname"),
                cll.ElseLevel(),
            ],
        ),
        cl.JaroWinklerAtThresholds("company", [0.95, 0.85]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("mobile", [1]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("phone").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("email", [1]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address", [0.97, 0.85]).configure(term_frequency_adjustments=True),
    ]


def _number(column: str) -> str:
    """Digits without the country's code and an extension, an area code with its zero."""
    bare = f"regexp_replace({column}, '([0-9]{{7,8}})(转|-)[0-9]{{3,4}}$', '\\1')"
    digits = f"regexp_replace({bare}, '[^0-9]', '', 'g')"
    return f"nullif(regexp_replace(regexp_replace({digits}, '^(00)?86', ''), '^([2-9])', '0\\1'), '')"


PEOPLE_CN = Model(
    select=_lower("email")
    + ", nullif(regexp_replace(lower(name), '[ （(].*|-技术$', ''), '') as name, substr(name, 1, 1) as surname"
    + ", nullif(regexp_replace(company, '^.*?省|有限责任公司|股份有限公司|有限公司|[()（） ]|市', '', 'g'), '') as company"
    + f", case when {_number('mobile')} like '1%' then {_number('mobile')} when {_number('phone')} like '1%' then"
    f" {_number('phone')} end as mobile"
    + f", case when {_number('phone')} like '0%' then {_number('phone')} when {_number('mobile')} like '0%' then"
    f" {_number('mobile')} end as phone"
    + ", nullif(regexp_replace(address, '^.*?(省|自治区)| ', '', 'g'), '') as address",
    blocking=[
        block_on("mobile"),
        block_on("email", "surname"),
        block_on("phone", "surname"),
        block_on("name", "company"),
        block_on("name", "substr(address, 1, 8)"),
        block_on("surname", "company"),
        block_on("surname", "address"),
        block_on("name", "substr(mobile, 1, 7)"),
    ],
    comparisons=_people_cn,
    certain=[block_on("mobile", "surname"), block_on("name", "email"), block_on("name", "company", "phone")],
    recall=0.8,
    training=[block_on("mobile"), block_on("name", "company"), block_on("name", "substr(address, 1, 8)")],
    threshold=0.99,
    simplify=True,
)


def _people_en() -> list[Any]:
    return [
        cl.ForenameSurnameComparison("first_name", "last_name", jaro_winkler_thresholds=[0.92, 0.8]),
        cl.DamerauLevenshteinAtThresholds("phone", [1]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("email", [1]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("company", [0.95, 0.88]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("address", [0.95, 0.88]).configure(term_frequency_adjustments=True),
        cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        cl.ExactMatch("birthday").configure(term_frequency_adjustments=True),
    ]


PEOPLE_EN = Model(
    select="nullif(regexp_replace(strip_accents(lower(first_name)), '^(mr|mrs|ms|dr)\\. ', ''), '') as first_name"
    ", nullif(strip_accents(lower(last_name)), '') as last_name, lower(email) as email, birthday, postcode"
    ", nullif(regexp_replace(lower(company), '^the | (inc|incorporated|llc|l\\.l\\.c|corp|corporation|ltd|limited|plc|gmbh|"
    "g\\.m\\.b\\.h|ag|gmbh & co\\. kg|group)\\.?$', '', 'g'), '') as company"
    ", nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 10), '') as phone"
    ", nullif(regexp_replace(lower(address), ',.*| (street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd)"
    "\\.?', '', 'g'), '') as address",
    blocking=[
        block_on("phone"),
        block_on("email"),
        block_on("first_name", "last_name", "company"),
        block_on("last_name", "company"),
        block_on("first_name", "company"),
        block_on("last_name", "address"),
        block_on("first_name", "address"),
        block_on("first_name", "last_name", "postcode"),
        block_on("birthday", "last_name"),
        block_on("birthday", "first_name"),
        "l.first_name = r.last_name and l.last_name = r.first_name and l.company = r.company",
    ],
    comparisons=_people_en,
    certain=[
        block_on("phone", "first_name"), block_on("email", "last_name"), block_on("first_name", "last_name", "company"),
        block_on("first_name", "last_name", "address"),
    ],
    recall=0.8,
    training=[block_on("phone"), block_on("email"), block_on("first_name", "last_name")],
    threshold=0.99,
)  # fmt: skip


MODELS: dict[str, Model] = {
    "febrl3": FEBRL,
    "febrl4": FEBRL,
    "households": HOUSEHOLDS,
    "contacts": CONTACTS,
    "contacts_knowing": CONTACTS_KNOWING,
    "rldata500": RLDATA,
    "rldata10000": RLDATA,
    "restaurants": RESTAURANTS,
    "people_cn": PEOPLE_CN,
    "people_en": PEOPLE_EN,
}


def main() -> None:
    options = _options()
    logging.getLogger("splink").setLevel(logging.ERROR)
    model = MODELS[options.model]
    database = DuckDBAPI()
    con = database.duckdb_con
    con.execute(f"set threads = {options.jobs}")
    rows = options.folder / "rows.csv"
    if model.simplify:
        rows = _simplified(rows, options.out)
    con.execute(
        f"create table rows as select {KEY}, {model.select}"
        f" from read_csv('{rows}', header = true, all_varchar = true, nullstr = '')"
    )
    linker = _trained(database, model)
    predicted = linker.inference.predict(threshold_match_probability=min(0.5, *options.threshold or [model.threshold]))
    options.out.mkdir(parents=True, exist_ok=True)
    for threshold in options.threshold or [model.threshold]:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        name = f"clusters-{threshold}.csv" if options.threshold else "clusters.csv"
        con.execute(
            f"copy (select {KEY} as row, cluster_id as cluster from {clusters.physical_name})"
            f" to '{options.out / name}' (header)"
        )
    con.execute(
        f"copy (select {KEY}_l, {KEY}_r, match_probability from {predicted.physical_name})"
        f" to '{options.out / 'pairs.csv'}' (header)"
    )
    print(f"clustered from {model.threshold}")


def _simplified(rows: Path, into: Path) -> Path:
    """The file with traditional characters in the simplified form, one by one."""
    from opencc import OpenCC

    characters = [chr(code) for code in range(0x4E00, 0x9FA6)]
    simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = str.maketrans({one: other for one, other in zip(characters, simple, strict=True) if one != other})
    into.mkdir(parents=True, exist_ok=True)
    made = into / rows.name
    made.write_text(rows.read_text(encoding="utf-8").translate(table), encoding="utf-8")
    return made


def _trained(database: DuckDBAPI, model: Model) -> Linker:
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name=KEY,
        blocking_rules_to_generate_predictions=model.blocking,
        comparisons=model.comparisons(),
        retain_matching_columns=False,
    )
    linker = Linker(database.register(database.duckdb_con.table("rows")), settings)
    linker.training.estimate_probability_two_random_records_match(model.certain, recall=model.recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in model.training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    return linker


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", required=True, choices=MODELS)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threshold", type=float, action="append")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()
