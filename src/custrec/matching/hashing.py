"""Texts and pairs of texts as 64-bit numbers: the same everywhere and always, so that stored keys stay good.

A text is hashed a character at a time, over whole columns (a multiply and add with the 64-bit FNV prime, and the
finalizer of SplitMix64). 0 stands for no text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from custrec.matching.columns import Array, Hashes

_PRIME = np.uint64(0x100000001B3)
_BASIS = np.uint64(0xCBF29CE484222325)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_CHUNK = 65_536


def mixed(numbers: Hashes) -> Hashes:
    """Each number spread over all 64 bits (the finalizer of SplitMix64, Steele et al. 2014); 0 stays 0."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX[1]
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), np.uint64)


def text_hashes(texts: Sequence[str], salt: int = 0) -> Hashes:
    """The number of each text; 0 for "". Texts beyond 64 characters are told by these."""
    found = np.empty(len(texts), np.uint64)
    for start in range(0, len(texts), _CHUNK):
        letters = letter_matrix(texts[start : start + _CHUNK])
        found[start : start + _CHUNK] = matrix_hashes(letters, salt)
    return found


def letter_matrix(texts: Sequence[str], most: int = 64) -> Array:
    """A row a text, a column a character (its code point), 0 behind the end."""
    array = np.array(texts, dtype=f"U{max(1, min(most, max(map(len, texts), default=1)))}")
    return array.view(np.uint32).reshape(len(texts), -1)


def matrix_hashes(letters: Array, salt: int = 0) -> Hashes:
    """The number of each row of characters; 0 where it has none."""
    found = np.full(len(letters), _BASIS ^ np.uint64(salt), np.uint64)
    for column in range(letters.shape[1]):
        character = letters[:, column].astype(np.uint64)
        found = np.where(character != 0, (found ^ character) * _PRIME, found)
    if letters.shape[1] == 0:
        return np.zeros(len(letters), np.uint64)
    return np.where(letters[:, 0] != 0, np.maximum(mixed(found), np.uint64(1)), np.uint64(0))


def distinct(numbers: Array) -> Array:
    """The numbers in order, each once. By sorting: numpy's own way by a hash table is slower on large arrays."""
    ordered = np.sort(numbers)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def combined(one: Hashes, two: Hashes) -> Hashes:
    """A number for both together; 0 where either is missing."""
    both = np.maximum(mixed(one * _PRIME + two), np.uint64(1))
    return np.where((one != 0) & (two != 0), both, np.uint64(0))
