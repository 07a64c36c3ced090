"""WHO IS THE SAME: pure arrays in, pairs and clusters out. No SQL, no files, no rule to write.

The public face, for those who keep and show what is found:

    from custrec.matching.columns import Column, encode       a field of all records: distinct values and codes
    from custrec.matching.engine import Found, Options, Verdicts, find
        find(columns, options, verdicts)                      all against all: learns a model, finds pairs and clusters
        find(columns, options, verdicts, model)               all against all with a frozen model
    from custrec.matching.model import Model                  Model.document() → JSON → Model.of(document)
    from custrec.matching.incremental import judge_pairs, meet, record_keys
                                                              new records against all, by keys that the caller keeps
    from custrec.matching.clusters import cluster             pairs → clusters, guardedly
    from custrec.matching.explanation import explain          two records → evidence in bits

Rows are positions in the columns; ids are the caller's. Nothing here depends on the order of rows or on how many
processors there are. How each kind compares its values stands in values.comparing.

numpy and rapidfuzz are imported by these modules as they are loaded: import them inside the commands that need them.
"""
