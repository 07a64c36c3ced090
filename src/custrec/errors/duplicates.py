"""Errors of making one record of several, of taking it apart, and of verdicts."""

from __future__ import annotations

from custrec.errors.branches import Declined, InputError, WorldMoved


class MergeRefused(InputError):
    """These records cannot become one; `details` holds a line for each reason."""

    slug = "merge-refused"
    sentence = "{what} cannot become one; nothing was changed"
    remedy = "custrec dedupe merge --help"


class NotMerged(InputError):
    """There is nothing to take apart."""

    slug = "not-merged"
    sentence = "{what}; nothing was changed"
    remedy = "what was merged into a record is said by: custrec show ID"


class SplitRefused(InputError):
    """A record cannot come back as it was; `details` holds a line for each reason."""

    slug = "split-refused"
    sentence = "{table} #{record} cannot be taken apart; nothing was changed"
    remedy = "change the records that are in the way first, or take others out with --member"


class ClustersUnreadable(InputError):
    """A file of clusters is none."""

    slug = "clusters-unreadable"
    sentence = "{name}, line {line}: {why}; nothing was changed"
    remedy = 'a cluster a line: {{"members": [{{"id": 1}}, {{"id": 7}}]}}'


class PairsUnreadable(InputError):
    """A file of pairs is none."""

    slug = "pairs-unreadable"
    sentence = "{name}, line {line}: {why}; nothing was changed"
    remedy = (
        "columns verdict (same, different or nothing), one and other; one is written by: custrec dedupe review --export"
    )


class PairsFaulty(InputError):
    """Lines of a file of pairs cannot be taken; `details` holds a line for each."""

    slug = "pairs-faulty"
    sentence = "{name}: {count:,} line{s} cannot be taken; nothing was changed"
    remedy = "mend the lines, or leave their {column} blank"


class TooFewAnswers(InputError):
    """There is not enough to learn from."""

    slug = "too-few-answers"
    sentence = (
        "{table} has {same:,} answers that records are the same and {different:,} that they are not; "
        "tuning wants {least} of each at least"
    )
    remedy = "answer some more: custrec dedupe review --table {table}"


class NobodyToAsk(Declined):
    """Duplicates are to be reviewed, and nobody is at a terminal."""

    slug = "nobody-to-ask"
    sentence = "{count:,} question{s} about {table} wait, and nobody is at a terminal"
    remedy = "custrec dedupe review --export pairs.csv, fill in its verdicts, then custrec dedupe apply pairs.csv"


class TuningNeedsConsent(Declined):
    """Tuned weights are not kept unasked."""

    slug = "tuning-needs-consent"
    sentence = "the tuned weights of {table} are kept only by consent, and nobody is at a terminal; nothing was changed"
    remedy = "look at them with -n first, then add --yes"


class RecordsDifferent(WorldMoved):
    """A plan would make one record of two that are said to be different."""

    slug = "records-different"
    sentence = "{table} #{one} and #{other} are said to be different, and would be one; nothing was changed"
    remedy = "take that back first: custrec dedupe same --table {table} '#{one}' '#{other}'"


class NothingToCompare(InputError):
    """A table has no field by which its records could be told to be the same."""

    slug = "nothing-to-compare"
    sentence = "{table} has no field by which two records could be found to be the same; nothing was sought"
    remedy = "name fields in the match section of the table in schema.yaml, fields: {{name: {{}}, phone: {{}}}}"


class NothingFoundYet(InputError):
    """What was found is asked for, and nobody has sought."""

    slug = "nothing-found-yet"
    sentence = "no duplicates were sought in {table} yet"
    remedy = "custrec dedupe find --table {table}"


class NothingLearned(InputError):
    """A table was searched, and there was too little in it to learn from."""

    slug = "nothing-learned"
    sentence = "there is too little in {table} to compare: nothing was learned of it"
    remedy = "two records at least need values in fields that are compared: custrec schema show {table}"


class ClusterUnknown(InputError):
    """A cluster is named that is not there."""

    slug = "cluster-unknown"
    sentence = "there is no cluster {name} in {table}"
    remedy = "custrec dedupe list --table {table}"


class FoundOutdated(WorldMoved):
    """What was found rests on another schema, version or copy of the store."""

    slug = "found-outdated"
    sentence = "what was found in {table} rests on another schema, version or copy of the store; nothing was changed"
    remedy = "custrec dedupe find --table {table}"
