"""What the words of a header stand for: concepts, found in several languages.

Words are looked up whole, by their beginning, as parts of a compound (German, Dutch) and as
abbreviations: letters left out (chrg, lst), or an end cut off (purch).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from shoal.text.headers import tokens

COMPOUND = 7  # letters from which a word may be put together of others
PART = 5  # letters of a word that counts inside another
HALF = 2  # times its letters: the longest word that an abbreviation stands for
ABBREVIATED = 3  # letters that an abbreviation has at least
CUT_OFF = 5  # letters of a word whose end was cut off
MISSING = 6  # letters that may be missing
GLUED = ("avg", "max", "last", "first", "num", "sum", "tot", "total")  # avgorder, lastgift
REST = 4  # letters of the word behind one of these, at least
# Short words that may stand in a header written without gaps: ngiftall, debtinc, totspend.
SHORT = frozenset(
    [
        "age",
        "all",
        "amt",
        "avg",
        "bal",
        "cnt",
        "day",
        "due",
        "inc",
        "max",
        "min",
        "net",
        "num",
        "pct",
        "qty",
        "rev",
        "sum",
        "tot",
        "ytd",
    ],
)
COUNTED = "n"  # … and in front of one, for how many
VOWELS = set("aeiou")
WINDOWS = frozenset("dwmy")  # behind a number: so many days, weeks, months, years

Concepts = frozenset[str]

FILLER: Concepts = frozenset(["filler"])
PLACING: Concepts = frozenset(["apart", "apart_behind"])  # words that set others apart
OF = frozenset(["of", "de", "des", "di", "dei", "delle", "du", "von", "van", "av"])
# What is taken off money, or put on it, where money is told before, after or without it.
TAKEN_OFF = ("tax", "refund", "return", "discount", "cost", "shipping", "claim")


@dataclass(frozen=True)
class Header:
    """A header, its words, and what they stand for."""

    text: str
    words: tuple[str, ...]
    each: tuple[Concepts, ...]  # of each word
    phrases: Concepts  # of words that follow each other

    @functools.cached_property
    def concepts(self) -> Concepts:
        """All that any of its words stands for."""
        return frozenset().union(self.phrases, *self.each)

    def says(self, *concepts: str) -> bool:
        """Whether one of its words stands for one of these."""
        return not self.concepts.isdisjoint(concepts)

    def only(self, *concepts: str) -> bool:
        """Whether every word stands for one of these, or for nothing but a number."""
        allowed = frozenset((*concepts, "filler"))
        named = any(not found.isdisjoint(concepts) for found in self.each)
        return named and all(
            not found.isdisjoint(allowed) or word.isdigit() for word, found in self.pairs()
        )

    def pairs(self) -> Iterator[tuple[str, Concepts]]:
        """Each word with what it stands for."""
        return zip(self.words, self.each, strict=True)

    @property
    def first(self) -> Concepts:
        """What the first word stands for that is known, and no filler."""
        return next((found for found in self.each if found - {"filler"}), frozenset())

    @property
    def last(self) -> Concepts:
        """What the last word stands for that is no number."""
        known = [found for word, found in self.pairs() if not word.isdigit() and found]
        return known[-1] if known else frozenset()


@dataclass(frozen=True)
class Lexicon:
    """The words of concepts.toml, by how they are looked up."""

    whole: Mapping[str, Concepts]
    beginnings: Mapping[str, Concepts]
    ends: Mapping[str, Concepts]
    phrases: Mapping[tuple[str, ...], Concepts]


@functools.cache
def lexicon() -> Lexicon:
    """All words, read once."""
    text = (Path(__file__).parent / "concepts.toml").read_text("utf-8")
    meant: dict[str, set[str]] = {}
    for name, words in tomllib.loads(text).items():
        for word in words.split():
            meant.setdefault(word, set()).add(name.rstrip("_"))
    known = {word: frozenset(names) for word, names in meant.items()}
    single = {word: names for word, names in known.items() if "+" not in word}
    return Lexicon(
        whole={word: names for word, names in single.items() if "*" not in word},
        beginnings={w[:-1]: names for w, names in single.items() if w.endswith("*")},
        ends={w[1:]: names for w, names in single.items() if w.startswith("*")},
        phrases={tuple(w.split("+")): names for w, names in known.items() if "+" in w},
    )


@functools.lru_cache(maxsize=4096)
def read_header(text: str) -> Header:
    """The header taken apart, each word with what it stands for.

    >>> sorted(read_header("Months_since_last_claim").concepts)
    ['calendar_unit', 'claim', 'last', 'short_time', 'since', 'unit_of_time']
    """
    words = tuple(part for word in tokens(_joined_umlauts(text)) for part in _split(word))
    found = tuple(map(concepts_of, words))
    left = _left_aside(words, found)
    each = tuple(
        FILLER if place in left else concepts - PLACING for place, concepts in enumerate(found)
    )
    said = tuple("" if place in left else word for place, word in enumerate(words))
    telling = tuple(w for w, concepts in zip(said, each, strict=True) if concepts != FILLER)
    return Header(text, words, each, _phrases(said) | _phrases(telling))


def _left_aside(words: tuple[str, ...], found: tuple[Concepts, ...]) -> set[int]:
    """The places of refunds, discounts, costs and tax that money is told after, with or without.

    Of "sales net of returns" and "Umsatz ohne MwSt" sales are what is told.
    """
    named = [place for place, concepts in enumerate(found) if not concepts.isdisjoint(TAKEN_OFF)]
    return {place for place in named if _set_apart(place, words, found)}


def _set_apart(place: int, words: tuple[str, ...], found: tuple[Concepts, ...]) -> bool:
    """Whether a word such as after, without, net of stands before it, or included behind."""
    behind = found[place + 1] if place + 1 < len(found) else FILLER
    before = place - 1
    of_it = before > 0 and words[before] in OF
    before -= of_it
    if "apart_behind" in behind:
        return _known(found[:place])
    if before < 1 or not _known(found[:before]):
        return False
    net = "stated" in found[before] and (of_it or _sold(found[:before]))
    return net or "apart" in found[before]


def _known(found: tuple[Concepts, ...]) -> bool:
    return any(concepts - {"filler", "person"} for concepts in found)


def _sold(found: tuple[Concepts, ...]) -> bool:
    return any(not concepts.isdisjoint(("revenue", "spend", "charge")) for concepts in found)


def _split(word: str) -> tuple[str, ...]:
    """A word that is put together of known ones, as these; any other as it is.

    A short word counts only where it is all that is left behind a known one: Beleg-nr.
    """
    known, plain = lexicon().whole, _without_umlaut_letters(word)
    if len(word) < COMPOUND or word in known or plain in known:
        return (word,)
    glued = next((head for head in GLUED if plain.startswith(head)), "")
    if glued and len(plain) >= len(glued) + REST and plain[len(glued) :] in known:
        return glued, plain[len(glued) :]
    halves = next((halves for way in (plain, word) if (halves := _halves(way))), ())
    if halves:
        return halves
    return (word,) if _known_otherwise(word) else _glued(plain) or (word,)


def _halves(word: str) -> tuple[str, ...]:
    """The two known words of a compound; () of another word."""
    known = lexicon().whole
    for size in range(len(word) - 2, PART - 1, -1):
        rest = word[size:].removeprefix("s")
        if word[:size] in known and rest in known:
            return word[:size], rest
    return ()


def _known_otherwise(word: str) -> bool:
    return any(step(word) for step in (_put_together, _without_letters, _cut_off))


def _glued(word: str) -> tuple[str, ...]:
    """A word of which every letter belongs to a known one, as these; () of any other."""
    parts = _covered(word)
    if not parts and word.startswith(COUNTED):
        rest = _covered(word[1:])
        parts = (COUNTED, *rest) if rest else ()
    return parts


def _covered(word: str) -> tuple[str, ...]:
    """Two or three known words that make up this one; () where there are none."""
    known = lexicon().whole
    for size in range(len(word) - 1, 2, -1):
        head, rest = word[:size], word[size:]
        if not _may_be_glued(head, known):
            continue
        if _may_be_glued(rest, known):
            return head, rest
        tail = _covered(rest)
        if len(tail) == 2:
            return head, *tail
    return ()


def _may_be_glued(word: str, known: Mapping[str, Concepts]) -> bool:
    return word in SHORT or (len(word) >= REST and word in known)


def _joined_umlauts(text: str) -> str:
    """Accents come off in `tokens`; an eszett does not."""
    return text.replace("ß", "ss")


def _phrases(words: tuple[str, ...]) -> Concepts:
    found: set[str] = set()
    for phrase, names in lexicon().phrases.items():
        size = len(phrase)
        starts = range(len(words) - size + 1)
        if phrase[0] in words and any(words[i : i + size] == phrase for i in starts):
            found |= names
    if _tells_a_period(words):
        found.add("in_period")
    return frozenset(found)


def _tells_a_period(words: tuple[str, ...]) -> bool:
    """Whether a time follows on "last", or a window on a number: the last year, 12m."""
    for place, word in enumerate(words):
        behind = next((w for w in words[place + 1 :] if not w.isdigit()), "")
        if "last" in concepts_of(word) and "unit_of_time" in concepts_of(behind):
            return True
        if word.isdigit() and words[place + 1 : place + 2] == (behind,) and behind in WINDOWS:
            return True
    return False


@functools.lru_cache(maxsize=4096)
def concepts_of(word: str) -> Concepts:
    """What one word of a header stands for; nothing where it is not known."""
    return _found(word)


def cell_says(cell: str, *concepts: str) -> bool:
    """Whether a word of a cell stands for one of these; no cell is remembered.

    >>> cell_says("Attrited Customer", "churn"), cell_says("Existing Customer", "churn")
    (True, False)
    """
    return any(not _found(word).isdisjoint(concepts) for word in tokens(cell))


def _found(word: str) -> Concepts:
    steps = (_whole, _put_together, _without_letters, _cut_off)
    return next((found for step in steps if (found := step(word))), frozenset())


def _whole(word: str) -> Concepts:
    known = lexicon().whole
    if word in known:
        return known[word]
    plain = _without_umlaut_letters(word)
    return known.get(plain, frozenset())


def _without_umlaut_letters(word: str) -> str:
    """German words that write ae, oe, ue for umlauts."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def _put_together(word: str) -> Concepts:
    """What the beginning and the end of a word stand for.

    Where its beginning (or end) is one that is listed, no other is looked for there: what is
    openstaand is not what customers "opens".
    """
    plain = _without_umlaut_letters(word)
    starts, ends = _starts(word) | _starts(plain), _ends(word) | _ends(plain)
    if len(word) >= COMPOUND:
        starts = starts or _first_part(plain)
        ends = ends or _last_part(plain)
    return frozenset(starts | ends)


def _starts(word: str) -> set[str]:
    fits = [names for start, names in lexicon().beginnings.items() if word.startswith(start)]
    return set().union(*fits)


def _ends(word: str) -> set[str]:
    fits = [names for end, names in lexicon().ends.items() if word.endswith(end)]
    return set().union(*fits)


def _first_part(word: str) -> set[str]:
    """What the longest known word at the beginning of this one stands for."""
    known, sizes = lexicon().whole, range(len(word) - 1, PART - 1, -1)
    return set(next((known[word[:size]] for size in sizes if word[:size] in known), ()))


def _last_part(word: str) -> set[str]:
    """What the longest known word at its end stands for."""
    known, sizes = lexicon().whole, range(len(word) - 1, PART - 1, -1)
    return set(next((known[word[-size:]] for size in sizes if word[-size:] in known), ()))


def _without_letters(word: str) -> Concepts:
    """The word whose vowels (and more) were left out: chrg, lst, bskt."""
    if len(word) < ABBREVIATED or not VOWELS.isdisjoint(word):
        return frozenset()
    fits = [known for known in lexicon().whole if _abbreviates(word, known)]
    return lexicon().whole[min(fits, key=lambda w: (len(w), w))] if fits else frozenset()


def _abbreviates(short: str, word: str) -> bool:
    longest = min(len(short) + MISSING, HALF * len(short))
    if word[0] != short[0] or not len(short) < len(word) <= longest:
        return False
    letters = iter(word)
    if not all(letter in letters for letter in short):
        return False
    consonants = [letter for letter in word if letter not in VOWELS]
    return consonants[-1] == short[-1]


def _cut_off(word: str) -> Concepts:
    """The word whose end was cut off: purch, inact."""
    if len(word) < CUT_OFF:
        return frozenset()
    known = lexicon().whole
    fits = [w for w in known if w.startswith(word) and len(w) <= len(word) + MISSING]
    return known[min(fits, key=lambda w: (len(w), w))] if fits else frozenset()
