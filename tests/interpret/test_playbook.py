"""The playbook: what headers mean, which play comes first, and what a broken one says."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from interpret_kit import world
from shoal.errors import OptionError
from shoal.interpret import interpret
from shoal.interpret.playbook import load


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("Annual Income (k$)", "potential"),
        ("Ingreso_anual", "potential"),
        ("Jahreseinkommen", "potential"),
        ("Revenu mensuel", "potential"),
        ("Renda", "potential"),
        ("reddito_annuo", "potential"),
        ("Credit_Limit", "potential"),
        ("Spending Score (1-100)", "spending"),
        ("MntWines", "spending"),
        ("Gasto total", "spending"),
        ("Jahresumsatz", "spending"),
        ("Dépenses", "spending"),
        ("Total_Trans_Amt", "spending"),
        ("customer_value_total_ever_offline", "spending"),
        ("Total_Trans_Ct", "frequency"),
        ("order_num_total_ever_online", "frequency"),
        ("NumWebPurchases", "frequency"),
        ("NumWebVisitsMonth", "activity"),
        ("NumDealsPurchases", "discount"),
        ("Recency", "recency"),
        ("Months_Inactive_12_mon", "recency"),
        ("Days_since_enroll", "tenure"),
        ("Months_on_book", "tenure"),
        ("Total_Amt_Chng_Q4_Q1", "change"),
        ("Year_Birth", "age"),
        ("Fresh", ""),
        ("x7", ""),
        ("Settlement size", ""),
    ],
)
def test_the_meaning_of_headers(header, meaning):
    assert load(None).meaning_of(header) == meaning


ROWS = pa.table({"a": [1, 2, 3, 4, 5, 91, 92, 93, 94, 95], "b": [1, 2, 1, 2, 1, 8, 9, 8, 9, 8]})


def portraits(headers, playbook=None, **options):
    rows = ROWS.rename_columns(headers)
    return interpret(
        **world(rows, headers, 2, labels=[0] * 5 + [1] * 5, **options), playbook=playbook
    )


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        (["recency_days", "monetary"], "Wake up", "Win back"),
        (["days since last order", "x"], "No play fits", "Ask back"),
        (["num_orders", "amount"], "Wake up", "Keep and reward"),
        (["income", "amount"], "Serve cheaply", "Keep and reward"),
        (["card_debt", "income"], "Mind their budget", "Advise on debt"),
        (["tenure", "x"], "Welcome", "No play fits"),
    ],
)
def test_the_first_play_that_fits(headers, low, high):
    assert tuple(p.action.title for p in portraits(headers)) == (low, high)


def test_nothing_is_invented_where_the_meaning_is_unknown():
    for p in portraits(["x1", "x2"]):
        assert p.action.play == "otherwise"
        assert (
            p.action.why
            == "What x1 and x2 mean is not known from the header, so nothing is read into it."
        )
        assert (p.action.at_stake, p.action.at_stake_words) == (None, "")


def test_money_to_keep_and_none_to_gain_above_the_mean():
    low, high = portraits(["visits", "sales"], value="sales")
    assert (high.action.at_stake, low.action.title) == (42.0, "Wake up")
    assert (
        high.action.at_stake_words == "42 of sales, 86 % of all: what these 5 customers bring now."
    )
    assert low.action.at_stake == pytest.approx((4.9 - 1.4) / 2 * 5)


def write(tmp_path, text):
    path = tmp_path / "plays.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_playbook_of_ones_own(tmp_path):
    mine = write(
        tmp_path,
        """
        [meanings]
        fleet = ["x1"]

        [[plays]]
        key = "lease"
        title = "Offer leasing"
        when = { fleet = ["high", "very high"] }
        text = "They run many cars."
        """,
    )
    low, high = portraits(["x1", "x2"], playbook=mine)
    assert (low.action.title, high.action.title, high.action.text) == (
        "No play fits",
        "Offer leasing",
        "They run many cars.",
    )
    assert high.action.why == "Fleet is high: x1 93 (everybody: 48)."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[plays]\nkey = 1", "is not valid TOML"),
        ("[[play]]\nkey = 'a'", 'has a part "play" that is not known. Did you mean "plays"?'),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\nwhen = { value = 'high' }",
            'play 1 ("A") has no "text". Right would be: key, title, text and when',
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\ntext = ''\nwhen = { spnding = 'high' }",
            'Did you mean "spending"?',
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\ntext = ''\nwhen = { spending = 'big' }",
            "asks for spending = 'big'. Right would be: \"very low\"",
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\ntext = ''\nwhen = { value = 'low' }\nstake = 'x'",
            "has stake = 'x'. Right would be: \"keep\"",
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 3\ntext = ''\nwhen = { value = 'low' }",
            "has title = 3. Right would be: title in quotes",
        ),
        (
            "[meanings]\nspending = 'spend'",
            "the meaning \"spending\" is 'spend'. Right would be: a list of words",
        ),
        ("plays = 3", "plays is not a list of tables"),
        ("meanings = 3", "[meanings] is 3. Right would be: lines such as income"),
        ("otherwise = 3", "otherwise is not a table. Right would be: a line [otherwise]"),
        ("[meanings]\nspending = [' ']", "is [' ']. Right would be: a list of words"),
        (
            "[[plays]]\nkey = 'a'\ntitel = 'A'\ntext = ''\nwhen = { value = 'high' }",
            'has "titel". Right would be: key, title, text, when and stake only. '
            'Did you mean "title"?',
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\ntext = ''\nwhen = {}",
            "has when = {}. Right would be: when = { spending",
        ),
        (
            "[[plays]]\nkey = 'a'\ntitle = 'A'\ntext = ''\nwhen = 'always'",
            "has when = 'always'. Right would be: when = { spending",
        ),
    ],
)
def test_a_broken_playbook_says_what_is_wrong(tmp_path, text, says):
    with pytest.raises(OptionError) as error:
        load(write(tmp_path, text))
    assert says in str(error.value)
    assert "plays.toml" in str(error.value)


def test_a_missing_playbook(tmp_path):
    with pytest.raises(OptionError, match=r"cannot be read: .+ Give the path of a TOML file"):
        load(tmp_path / "none.toml")


def test_a_whole_message(tmp_path):
    path = write(
        tmp_path, "[[plays]]\nkey = 'a'\ntitle = 'Win over'\ntext = ''\nwhen = { spnding = 'high' }"
    )
    with pytest.raises(OptionError) as error:
        load(path)
    assert str(error.value) == (
        f'In playbook "{path}", play 1 ("Win over") asks for the meaning "spnding". Right would '
        "be: one of [meanings]. "
        'Did you mean "spending"? See docs/playbook.md.'
    )


def test_the_example_of_the_documentation_works(tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "playbook.md").read_text("utf-8")
    example = text.split("```toml")[-1].split("```")[0]
    book = load(write(tmp_path, example))
    assert (book.meaning_of("Trucks"), [p.title for p in book.plays]) == (
        "fleet",
        ["Offer leasing"],
    )
    assert book.otherwise == load(None).otherwise
