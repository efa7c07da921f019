"""What is said aloud of one column: phrases made of its meaning and its label.

A phrase has up to three forms: a noun ("big spenders"), a word before a noun ("frequent"), and one
behind a comma ("low bill"). Every word is relative to everybody, unless it holds by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from shoal.interpret.context import ColumnView
from shoal.interpret.effects import CLEAR, ColumnEffects
from shoal.text.headers import tokens, words

Tone = Literal["highest", "high", "higher", "middle", "lower", "low", "lowest"]
Words = dict[str, str]
HOLDS = 0.7  # share of a segment on its side of everybody's median, from which a word is said
MOST = 0.75  # share from which a word is said of all …
HALF = 0.5  # … or of most
LONGEST_LABEL = 28
LONGEST_THING = 22  # beside other words
YOUNG = 30  # years of age
RECENT_DAYS, LONG_DAYS = 90, 60  # up to which "recently" holds, and from which "for long" does


def _toned(words: str) -> Words:
    """Words for each tone, from highest to lowest; "" where there is none."""
    return dict(zip(get_args(Tone), words.split("|"), strict=True))


SIZE = _toned("biggest|big|bigger|medium|smaller|small|smallest")
LEVEL = _toned("highest|high|higher|middle|lower|low|lowest")
COUNT = _toned("most|many|more|some|fewer|few|fewest")
SPENT = _toned("most|much|more|something|less|little|least")
LONG = _toned("longest|long|longer|medium|shorter|short|shortest")
ENDS = _toned(
    "contract ends latest|contract ends later|contract ends later||"
    "contract ends sooner|contract ends sooner|contract ends soonest"
)
AGE = _toned("oldest|older|older||younger|younger|youngest")
TENURE = _toned("longest-standing|long-standing|longer-standing||newer|newer|newest")
OFTEN = _toned(
    "most frequent|frequent|more frequent|mid-frequency|less frequent|occasional|least frequent"
)
RECENCY = _toned(
    "seen longest ago|not seen for long|seen longer ago||"
    "seen more recently|seen recently|seen most recently"
)
SPEND = re.compile(
    r"spen[dt]\w*|monetary|revenues?|sales|amounts?|amt|mnt|turnover|gasto\w*|umsatz\w*|ausgaben\w*"
    r"|depense\w*|despesa\w*|spes[ae]|ventas|vendas|ventes|vendite|montant|betrag|importe?|importo"
)
ALL_SPENDING = re.compile(
    r"total|overall|all|sum|value|ever|annual|yearly|monthly|money|customers?|clients?|trans"
    r"|transactions?|orders?|purchases?|products?|prods|usd|eur|gbp|k|per|of|the|last|year"
    r"|lifetime|mensil[ei]|mensual(es)?|mensuel\w*|mensa(l|is)|monatlich\w*|annu[aeio]l?[ei]?"
    r"|annuel\w*|anua(l|les|is)|jahrlich\w*|euros?|keur"
    r"|months?|\d+"
)
CHANNEL = re.compile(r"(on|off)line")
BASKET = re.compile(r"orders?|baskets?|carts?|tickets?|aov|purchases?|bons?|transactions?|trans")
BILLS = re.compile(r"charges?|bills?|billing|billed|invoiced?")
MONTHLY = re.compile(r"month(ly)?|mensual|monatlich\w*|mensuel\w*")
BUYS = re.compile(
    r"orders?|purchases?|bought|invoices?|pedidos?|compras?"
    r"|bestellungen|kaufe|achats|commandes|acquisti|ordini"
)
FREQUENCY = re.compile(r"frequency|frequence|frecuencia|frequencia|frequenza|haufigkeit")
VISITS = re.compile(r"visits?|trips?|visitas?|besuche|visites?")
CONTRACT = re.compile(r"contracts?")
UNTIL = "time until"
EACH = re.compile(r"number|num|nr|no|n|count|ct|cnt|of|total|the|per|year|yearly|annual|score")
AGES = re.compile(r"ages?|edad|alter|idade|eta")
BIRTH = re.compile(r"birth|born|birthyear|nacimiento|geburt\w*|geburtsjahr|yob")
CHILD = re.compile(r"kids?(home)?|child(ren)?|hijos|kinder|enfants|figli|filhos")
TEEN = re.compile(r"teens?(home)?|teenagers?")
HOME = ((CHILD, "kids"), (TEEN, "teenagers"))
GENDER = re.compile(r"gender|sex|sexe|sexo|genero|geschlecht")
WOMEN = re.compile(
    r"f|w|female|females|wom[ae]n|frau(en)?|weiblich|mujer|femenino|femme|donna", re.I
)
MEN = re.compile(r"m|male|males|m[ae]n|mann|manner|mannlich|hombre|masculino|homme|uomo", re.I)
NEGATION = re.compile(r"not|no|non|kein\w*|never|without|nicht|sin|sem|senza|sans")
DANGLING = re.compile(r"not|no|non|of|in|to|per|and|with|from|by", re.I)  # nothing ends in these
VAGUE = re.compile(r"none|other|others|unknown|missing|true|false|yes|no|high|low|middle|new|old")
DAYS_OF = {"week": 7, "weeks": 7, "month": 30, "months": 30, "mon": 30, "year": 365, "years": 365}
QUOTED = frozenset({"who", "product_category"})  # meanings whose words say enough by themselves
COUNTED = frozenset(
    {"money_in", "money_out", "activity", "quantity", "trouble", "debt", "means"}
)  # meanings of which people may have nothing
OF_A_CONTRACT = frozenset({"code", "other", "unknown"})  # what may be how long one runs
NEVER = frozenset({"outcome", "leak", "old_label", "id", "order_id", "row_number", "contact"})


@dataclass(frozen=True)
class Phrase:
    """What is said, in the form that its place asks for; `thing` follows each form."""

    after: str
    noun: str = ""
    before: str = ""
    brief: str = ""  # the noun where the name would be too long
    thing: str = ""
    answers: bool = False  # whether it says what most answered
    stands_alone: bool = False  # a noun that no word stands before
    topic: str = ""  # what is spoken of, where the words do not name the column


def tone_of(one: ColumnEffects, s: int) -> Tone:
    """On which side a segment lies: high and low where they hold for most of it, higher and lower
    where they do on average alone.
    """
    effect, above = float(one.effect[s]), float(one.above[s])
    if effect >= CLEAR and above >= HOLDS:
        return "high"
    if effect <= -CLEAR and above <= 1 - HOLDS:
        return "low"
    if abs(effect) < CLEAR:
        return "middle"
    return "higher" if effect > 0 else "lower"


def phrase(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    """What is said of a segment in one column; None where nothing true is said in few words."""
    if one.view.meaning in NEVER:
        return None
    if one.view.kind == "flag":
        return _flag(one, s)
    if one.view.kind == "category":
        return _category(one, s)
    makers = {
        "money_in": _money,
        "activity": _activity,
        "recency": _recency,
        "tenure": _tenure,
        "who": _person,
    }
    made = _none(one.view) if _have_none(one, s, tone) else None
    made = made or makers.get(one.view.meaning, _levelled)(one, s, tone)
    return made if made is not None and made.after else None


def clean(text: str) -> str:
    """Letters, digits, commas, hyphens and apostrophes only: what every program shows alike.

    >>> clean("=wine/beer · (red)"), clean("Large–Cap")
    ('wine beer red', 'Large-Cap')
    """
    dashed = re.sub("[\u2010-\u2015]", "-", text).replace("\u2019", "'")
    kept = "".join(c if c.isalnum() or c in " -'" else " " for c in dashed)
    return " ".join(kept.split()).strip("-' ")


def label_of(view: ColumnView) -> str:
    """The column as people call it, in few words."""
    return cut(clean(view.label) or clean(view.column) or "value")


def cut(text: str, longest: int = LONGEST_LABEL) -> str:
    """The first words of a text that is too long for a name."""
    if len(text) <= longest:
        return text
    kept = text[: longest + 1].rpartition(" ")[0].split()
    while len(kept) > 1 and DANGLING.fullmatch(kept[-1]):
        kept.pop()
    return " ".join(kept).rstrip(",") or text[:longest]


def _rest(view: ColumnView, *known: re.Pattern[str]) -> str:
    """What the label says beside words that are known."""
    said = label_of(view).split()
    return " ".join(w for w in said if not any(p.fullmatch(_plain(w)) for p in known))


def _plain(word: str) -> str:
    return "".join(tokens(word)) or word


def _has(view: ColumnView, pattern: re.Pattern[str]) -> bool:
    return any(pattern.fullmatch(w) for w in _all_words(view))


def _all_words(view: ColumnView) -> Iterable[str]:
    return (*tokens(view.column), *tokens(view.label))


# --- nothing at all -------------------------------------------------------------------------------


def _have_none(one: ColumnEffects, s: int, tone: Tone) -> bool:
    """Whether most of a segment have nothing of what is counted: they are no small spenders."""
    low, _, high = one.segment[s]
    upwards = tone in ("higher", "high", "highest")
    return one.view.meaning in COUNTED and not upwards and bool(low == high == 0)


def _none(view: ColumnView) -> Phrase | None:
    """What is said of those who have nothing of it; None where "no" would say something else."""
    averages = view.aspect in ("average", "one purchase", "unit price")
    if averages or _has(view, FREQUENCY) or negated(view.label):
        return None
    if view.meaning == "money_in" and _has(view, SPEND):
        thing = _thing(view)
        if not thing:
            return no_spender()
        return Phrase(f"nothing spent{'' if CHANNEL.fullmatch(thing) else ' on'}", thing=thing)
    if view.meaning == "activity" and _has(view, BUYS) and not _rest(view, BUYS, EACH):
        return Phrase("no purchases", "non-buyers", topic="often")
    if view.meaning == "activity" and _has(view, VISITS) and not _rest(view, VISITS, EACH):
        return Phrase("no visits", "non-visitors", topic="often")
    return Phrase(f"no {label_of(view)}")


def no_spender() -> Phrase:
    """They spend nothing at all."""
    return Phrase("no spend", "non-spenders", topic="spend")


# --- numbers --------------------------------------------------------------------------------------


def _levelled(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    if _has(one.view, CONTRACT) and one.view.aspect == UNTIL:
        return Phrase(ENDS[tone], topic="contract")
    if _has(one.view, CONTRACT) and one.view.meaning in OF_A_CONTRACT:
        return Phrase(f"{LONG[tone]} contract", topic="contract")
    if is_plural(one.view) and one.view.meaning in ("activity", "quantity", "trouble"):
        return Phrase(f"{COUNT[tone]} {label_of(one.view)}")
    return Phrase(f"{LEVEL[tone]} {label_of(one.view)}")


def is_plural(view: ColumnView, of: str = "") -> bool:
    """Whether the column, or this part of its label, is called by what it counts."""
    said = (of or view.label).split()
    return any(len(w) > 3 and w.endswith("s") and not w.endswith("ss") for w in said)


def _money(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    view = one.view
    if view.aspect == "average" and _has(view, BASKET):
        return Phrase(f"{SIZE[tone]} baskets", topic="baskets")
    if _has(view, BILLS) and (view.aspect == "period" or _has(view, MONTHLY)):
        return Phrase(f"{LEVEL[tone]} bill", topic="bill")
    if _has(view, BILLS) and view.aspect == "total":
        return Phrase(f"{LEVEL[tone]} total {_rest(view, ALL_SPENDING) or label_of(view)}")
    if view.aspect in ("average", "one purchase", "unit price"):
        return _levelled(one, s, tone)
    spends = _has(view, SPEND)
    thing = _thing(view)
    if thing and (view.part_of or spends):
        return _spender_on(thing, tone)
    return spender(tone) if spends else _levelled(one, s, tone)


def _thing(view: ColumnView) -> str:
    """What the money is spent on; "" where it is all that they spend."""
    rest = _rest(view, SPEND, ALL_SPENDING)
    if view.part_of:
        rest = rest or label_of(view)
    return cut(rest, LONGEST_THING)


def _spender_on(thing: str, tone: Tone) -> Phrase:
    if CHANNEL.fullmatch(thing):
        return Phrase(f"{SPENT[tone]} spent", f"{SIZE[tone]} spenders", thing=thing)
    big = f"{SIZE[tone]} on" if tone in ("highest", "high", "higher") else SPENT[tone]
    return Phrase(SPENT[tone], f"{SIZE[tone]} spenders on", brief=big, thing=thing)


def spender(tone: Tone) -> Phrase:
    """How much they spend in all."""
    return Phrase(f"{SIZE[tone]} spend", f"{SIZE[tone]} spenders", topic="spend")


def _activity(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    view, often = one.view, OFTEN[tone]
    if _has(view, FREQUENCY) and not _rest(view, FREQUENCY, EACH):  # of what, it does not say
        return Phrase(f"{LEVEL[tone]} frequency", f"{often} customers", often, topic="often")
    if _has(view, BUYS) and not _rest(view, BUYS, EACH):
        return Phrase(f"{often} purchases", f"{often} buyers", often, topic="often")
    if _has(view, VISITS) and not _rest(view, VISITS, EACH):
        return Phrase(f"{often} visits", f"{often} visitors", often, topic="often")
    return _levelled(one, s, tone)


def _recency(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    """Recently and for long are said where days say so, else how they compare."""
    days = float(one.segment[s][1]) * _days_of(one.view)
    if tone == "high" and not days >= LONG_DAYS:
        tone = "higher"
    if tone == "low" and not days <= RECENT_DAYS:
        tone = "lower"
    return Phrase(RECENCY.get(tone, ""), topic="recency")


def _days_of(view: ColumnView) -> float:
    told = (*_all_words(view), *tokens(view.unit.behind))
    return next((float(DAYS_OF[w]) for w in told if w in DAYS_OF), 1.0)


def _tenure(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    said = TENURE.get(tone, "")
    return Phrase(said, before=said, topic="tenure")


def _person(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    view, median = one.view, float(one.segment[s][1])
    if is_birth(view):
        turned = {"highest": "lowest", "high": "low", "higher": "lower"}
        turned |= {low: high for high, low in turned.items()}
        said = AGE.get(turned.get(tone, ""), "")
        return Phrase(said, before=said, topic="age")
    if _has(view, AGES):
        is_young = tone == "low" and median < YOUNG
        said = "young" if is_young else AGE.get(tone, "")
        return Phrase(said, before=said, topic="age")
    return _household(one, s, tone)


def household(view: ColumnView) -> str:
    """Whom the column counts at home; else ""."""
    if view.meaning != "who":
        return ""
    return next((things for pattern, things in HOME if _has(view, pattern)), "")


def _household(one: ColumnEffects, s: int, tone: Tone) -> Phrase | None:
    """Children and teenagers at home: with them, or without, where that holds for most."""
    things = household(one.view)
    if not things:
        return _levelled(one, s, tone)
    noun = "families" if things == "kids" else ""
    if tone == "high" and float(one.segment[s][0]) >= 1:
        return Phrase(f"with {things}", noun, topic=things)
    if tone == "low" and float(one.segment[s][2]) == 0:
        return Phrase(f"no {things}", topic=things)
    said = {"high": "more", "higher": "more", "low": "fewer", "lower": "fewer"}.get(tone)
    return Phrase(f"{said} {things}", topic=things) if said else None


# --- flags and categories -------------------------------------------------------------------------


def _flag(one: ColumnEffects, s: int) -> Phrase | None:
    effect, share = float(one.effect[s]), float(one.segment[s][1])
    gender = _gender(one, s)
    if gender is not None:
        return gender
    label, is_negated = label_of(one.view), negated(one.view.label)
    says_yes = effect >= CLEAR and share >= MOST
    says_no = effect <= -CLEAR and share <= 1 - MOST
    if is_negated and says_no:
        return Phrase(cut(without_negation(label)))
    if is_negated and says_yes:
        return Phrase(label)
    if says_yes or says_no:
        way = "with" if one.view.meaning in ("debt", "quantity", "product_category") else "yes to"
        denied = "without" if way == "with" else "no to"
        return Phrase(way if says_yes else denied, thing=label, answers=True)
    return Phrase(f"{'more' if effect > 0 else 'less'} often {label}")


def negated(label: str) -> bool:
    """Whether a header says no itself, so that "no" to it would be said twice."""
    return any(NEGATION.fullmatch(w) for w in tokens(label))


def without_negation(label: str) -> str:
    """What is meant where a denial is denied.

    >>> without_negation("to not exceed planned budget"), without_negation("no phone")
    ('exceed planned budget', 'phone')
    """
    kept = [w for w in label.split() if not NEGATION.fullmatch(_plain(w))]
    return " ".join(kept[1:] if kept[:1] == ["to"] else kept) or label


def _gender(one: ColumnEffects, s: int) -> Phrase | None:
    share, noun = float(one.segment[s][1]), gender_noun(one, s)
    if not noun or one.effect[s] < CLEAR or share < HALF:
        return None
    return Phrase(noun, noun) if share >= MOST else Phrase(f"mostly {noun}")


def gender_noun(one: ColumnEffects, s: int) -> str:
    """What the word that stands out calls people, where the column is their gender; else ""."""
    if not _has(one.view, GENDER):
        return ""
    word = "".join(tokens(one.view.words[int(one.word[s])]))
    nouns = ((WOMEN, "women"), (MEN, "men"))
    return next((noun for pattern, noun in nouns if pattern.fullmatch(word)), "")


def is_birth(view: ColumnView) -> bool:
    """Whether the column holds years of birth: the higher, the younger."""
    return view.meaning == "who" and _has(view, BIRTH) and view.quartiles[0] > 1800


def _category(one: ColumnEffects, s: int) -> Phrase | None:
    gender = _gender(one, s)
    if gender is not None:
        return gender
    view, share = one.view, float(one.segment[s][1])
    word = clean(view.words[int(one.word[s])])
    if not word:
        return None
    said = word if _speaks(view, word) else f"{label_of(view)} {word}"
    said = cut(said)
    if one.effect[s] < 0:
        return Phrase(f"less often {said}")
    if share >= MOST:
        return Phrase(said)
    return Phrase(f"mostly {said}" if share >= HALF else f"more often {said}")


def _speaks(view: ColumnView, word: str) -> bool:
    """Whether a word of a category says enough without its header."""
    plain = "".join(tokens(word))
    is_code = len(word) <= 3 or not any(c.isalpha() for c in word) or any(map(str.isdigit, word))
    if is_code or VAGUE.fullmatch(plain):
        return False
    return view.meaning in QUOTED or len(words(word)) == 1


def extreme(one: ColumnEffects, s: int) -> Tone | None:
    """Whether no segment lies higher, or lower, in mean and median."""
    if one.view.kind != "number":
        return None
    medians, effects = one.segment[:, 1], one.effect
    if np.isnan(medians).any() or len(effects) < 2:
        return None
    others = np.arange(len(effects)) != s
    if effects[s] > effects[others].max() and medians[s] > medians[others].max():
        return "highest"
    if effects[s] < effects[others].min() and medians[s] < medians[others].min():
        return "lowest"
    return None
