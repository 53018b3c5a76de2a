"""What a misspelt name may mean."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Final

_LEAST_LETTERS: Final = 4  # of a word in a name that may be meant
_MOST_GUESSES: Final = 3  # at what a typo may mean
_CLOSE: Final = 0.6  # how alike a guess is at least
_AS_CLOSE: Final = 0.15  # how much less alike than the best one


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that suggests names close to a typo; empty if none is close."""
    meant = close_to(word, known)
    return f"; did you mean {' or '.join(meant[:_MOST_GUESSES])}?" if meant else ""


def close_to(word: str, known: Iterable[str]) -> list[str]:
    """Return the names that are close to a typo, or have a word that is."""
    spelled: dict[str, list[str]] = {}
    for name in known:
        words = (part for part in name.casefold().split() if len(part) >= _LEAST_LETTERS)
        for part in dict.fromkeys((name.casefold(), *words)):
            spelled.setdefault(part, []).append(name)
    close = _closest(word.casefold(), spelled)
    return list(dict.fromkeys(name for part in close for name in spelled[part]))


def _closest(word: str, known: Iterable[str]) -> list[str]:
    """Return the words about as close to a word as the closest; none if that is not close."""
    close = get_close_matches(word, known, cutoff=_CLOSE)
    if not close:
        return []
    best = SequenceMatcher(None, close[0], word).ratio()
    return get_close_matches(word, close, cutoff=max(best - _AS_CLOSE, _CLOSE))
