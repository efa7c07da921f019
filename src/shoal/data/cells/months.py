"""Names of months and of weekdays in several languages."""

from __future__ import annotations

import itertools

from shoal.text.headers import plain

MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_OTHERS = """
januar janner janvier janv enero ene gennaio gen januari janeiro ocak oca stycznia styczen sty
februar feber fevrier fevr fev febrero febbraio februari fevereiro subat sub lutego luty lut
marz mrz mars marzo maart mrt marco mart marca marzec marts
avril avr abril abr aprile apr nisan nis kwietnia kwiecien kwi
mai mayo maggio mag mei maio mayis mayıs maja maj
juni juin junio giugno giu junho haziran haz czerwca czerwiec cze
juli juillet juil julio luglio lug julho temmuz tem lipca lipiec lip
aout agosto ago augustus agustos agu sierpnia sierpien sie augusti
september sept septembre septiembre settembre set setembro eylul eyl wrzesnia wrzesien wrz
oktober okt octobre octubre ottobre ott outubro out ekim eki pazdziernika pazdziernik paz
november novembre noviembre novembro kasim kasım kas listopada listopad lis
dezember dez decembre diciembre dic dicembre dezembro aralik aralık ara grudnia grudzien gru
"""
# … and of those whose words share no beginning with theirs, each language in two lines
_FURTHER = """
января февраля марта апреля мая июня
июля августа сентября октября ноября декабря
январь февраль март апрель май июнь
июль август сентябрь октябрь ноябрь декабрь
янв фев мар апр май июн
июл авг сен окт ноя дек
січня лютого березня квітня травня червня
липня серпня вересня жовтня листопада грудня
ledna února března dubna května června
července srpna září října listopadu prosince
január február március április május június
július augusztus szeptember október november december
ianuarie februarie martie aprilie mai iunie
iulie august septembrie octombrie noiembrie decembrie
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta
heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου
ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
januari februari mars april maj juni
juli augusti september oktober november december
"""
_ENGLISH = frozenset(MONTHS) | {month[:3] for month in MONTHS}
_KNOWN = {month: month for month in MONTHS} | {month[:3]: month for month in MONTHS}
_KNOWN |= {
    word: month
    for month, words in zip(MONTHS, _OTHERS.strip().splitlines(), strict=True)
    for word in words.split()
}
_KNOWN |= {
    plain(word): month
    for month, word in zip(itertools.cycle(MONTHS), _FURTHER.split(), strict=False)
    if plain(word) not in _KNOWN
}

_OF_THE_WEEK = """
mon monday mo montag lun lundi lunes lunedi seg segunda ma maandag pon poniedziałek pzt pazartesi
tue tues tuesday di dienstag mar mardi martes martedi ter terca dinsdag wt wtorek sal sali salı
wed wednesday mi mittwoch mer mercredi mie miercoles mercoledi qua quarta wo woensdag sr sroda
thu thur thurs thursday do donnerstag jeu jeudi jue jueves gio giovedi qui quinta donderdag czw
fri friday fr freitag ven vendredi vie viernes venerdi sex sexta vr vrijdag pt piatek cum cuma
sat saturday sa samstag sam samedi sab sabado sabato za zaterdag sob sobota cmt cumartesi
sun sunday so sonntag dim dimanche dom domingo domenica zo zondag ndz niedziela paz pazar
car carsamba per persembe czwartek
пн вт ср чт пт сб вс понедельник вторник среда четверг пятница суббота воскресенье
"""
_WEEKDAYS = frozenset(map(plain, _OF_THE_WEEK.split()))


def names_a_weekday(word: str) -> bool:
    """Whether it is the name or the short name of a weekday.

    >>> names_a_weekday("Mi"), names_a_weekday("segunda-feira"), names_a_weekday("Bestellung")
    (True, True, False)
    """
    return plain(word.removesuffix("-feira")) in _WEEKDAYS


def month_named(word: str) -> str | None:
    """The English name of a month, from its name or short name in several languages.

    >>> month_named("März"), month_named("janv."), month_named("okt"), month_named("red")
    ('march', 'january', 'october', None)
    """
    return _KNOWN.get(plain(word.rstrip(".")))


def in_english(word: str) -> bool:
    """Whether it is the name of a month as strptime knows it: whole, or its first three letters."""
    return word.lower() in _ENGLISH
