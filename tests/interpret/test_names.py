"""Names: short labels of headers, families of columns, flags, and no two alike."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shoal
from interpret_kit import world
from shoal.interpret import interpret
from shoal.interpret.labels import labels, short
from shoal.interpret.phrases import cut
from shoal.text.units import Unit, unit_of


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("Annual Income (k$)", "income"),
        ("Spending Score (1-100)", "spending score"),
        ("annual_income", "income"),
        ("MntWines", "wines"),
        ("MntGoldProds", "gold products"),
        ("NumWebPurchases", "web purchases"),
        ("NumWebVisitsMonth", "web visits"),
        ("Flight_miles_12mo", "flight miles"),
        ("FLIGHT_TRANS_12", "flight transactions"),
        ("order_num_total_ever_online", "orders online"),
        ("customer_value_total_ever_offline", "value offline"),
        ("Days_since_enroll", "days since enroll"),
        ("cc1_miles", "cc1 miles"),
        ("no.one.else", "no one else"),
        ("No of Orders", "orders"),
        ("DebtIncomeRatio", "debt income ratio"),
        ("Einkommen (€)", "einkommen"),
        ("Dépense annuelle", "dépense"),
        ("Total", "total"),
        # windows of time, words that count and currencies, in several languages
        ("logins_last_30d", "logins"),
        ("orders_last_30_days", "orders"),
        ("AppealsSent12m", "appeals sent"),
        ("Schadenanzahl_5J", "schadenanzahl"),
        ("first_30_days_spend", "first 30 days spend"),
        ("num_solleciti", "solleciti"),
        ("Anzahl Bestellungen", "bestellungen"),
        ("qtd_pedidos", "pedidos"),
        ("nb_impayés", "impayés"),
        ("token_count", "tokens"),
        ("email_open_count", "email opens"),
        ("insoluti_euro", "insoluti"),
        ("Customer_Age", "age"),
        ("x12", "x12"),
        ("年收入", "年收入"),
    ],
)
def test_short_labels(header, label):
    assert short(header) == label


def test_labels_that_would_collapse_say_more():
    told = labels(["Total_Trans_Amt", "Total_Trans_Ct", "Avg Income", "Income", "income"])
    assert len(set(told.values())) == 5
    assert told["Total_Trans_Amt"] == "total transactions amount"


@pytest.mark.parametrize(
    ("unit", "value", "said"), [(("", " k$"), 86.5, "87 k$"), (("$", ""), 1234567.0, "$1,234,567")]
)
def test_figures(unit, value, said):
    assert Unit(*unit).say(value) == said


def test_units_are_read_from_brackets_and_ranges_are_none():
    assert [unit_of(h) for h in ("Fee [€]", "Growth (%)", "Score (1-100)", "Tenure (months)")] == [
        ("", " €"),
        ("", " %"),
        ("", ""),
        ("", " months"),
    ]


def meaning(facts, **columns):
    """Facts whose columns stand for something: a meaning, or a dict of what is known of it."""
    told = {c: {"meaning": m} if isinstance(m, str) else m for c, m in columns.items()}
    known = tuple(replace(c, **told.get(c.name, {})) for c in facts["profile"].columns)
    return facts | {"profile": replace(facts["profile"], columns=known)}


def profiles(rows, basis, labels, known=None, **options):
    facts = world(rows, basis, max(labels) + 1, labels=labels, **options)
    return interpret(**meaning(facts, **(known or {})))


def named(rows, basis, labels, known=None, **options):
    return [p.name for p in profiles(rows, basis, labels, known, **options)]


HALVES = [0] * 4 + [1] * 4
SPENDS = {"meaning": "money_in", "aspect": "total"}


def test_spenders_and_buyers_by_what_the_columns_mean():
    rows = pa.table(
        {
            "monetary": [900, 950, 990, 1000, 20, 25, 30, 40],
            "frequency": [9, 9, 8, 9, 1, 1, 2, 1],
            "noise": [1, 2, 1, 2, 1, 2, 1, 2],
        }
    )
    known = {"monetary": SPENDS, "frequency": "activity"}
    assert named(rows, rows.column_names, HALVES, known) == [
        "Frequent big spenders",
        "Occasional small spenders",
    ]
    first = profiles(rows, rows.column_names, HALVES, known)[0]
    assert first.name_evidence == (
        '"big spenders": monetary 970 (everybody: 470), +1.00 standard deviations',
        '"frequent": frequency 9 (everybody: 5), +0.99 standard deviations',
    )


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Frequency", ["Frequent customers", "Occasional customers"]),
        ("number_of_orders", ["Frequent buyers", "Occasional buyers"]),
        ("visits", ["Frequent visitors", "Occasional visitors"]),
        ("VisitFrequency", ["High visit frequency", "Low visit frequency"]),
        ("NumWebPurchases", ["Many web purchases", "Few web purchases"]),
    ],
)
def test_how_often_they_do_what_the_header_says(header, said):
    rows = pa.table({header: [9, 9, 8, 9, 1, 1, 2, 1]})
    assert named(rows, [header], HALVES, {header: "activity"}) == said


def test_money_that_is_no_spending_is_not_called_so():
    rows = pa.table({"lifetime_value": [900, 910, 950, 990, 20, 25, 30, 40]})
    assert named(rows, ["lifetime_value"], HALVES, {"lifetime_value": "money_in"}) == [
        "High lifetime value",
        "Low lifetime value",
    ]


def test_parts_of_a_basket_and_one_small_thing():
    rows = pa.table(
        {
            "MntWines": [90, 95, 99, 97, 2, 5, 3, 4],
            "MntFish": [9, 1, 9, 1, 9, 1, 9, 1],
            "NumDeals": [1, 0, 1, 0, 7, 8, 9, 7],
        }
    )
    part = {"meaning": "money_in", "part_of": "total"}
    known = {"MntWines": part, "MntFish": part, "NumDeals": "activity"}
    assert named(rows, rows.column_names, HALVES, known) == [
        "Big spenders on wines, few deals",
        "Small spenders on wines, many deals",
    ]


def test_a_bill_a_contract_and_how_long_they_have_been_here():
    rows = pa.table(
        {
            "MonthlyCharges": [20.0, 22, 25, 21, 99, 95, 98, 90],
            "tenure": [60, 66, 70, 72, 2, 3, 1, 4],
        }
    )
    known = {"MonthlyCharges": {"meaning": "money_in", "aspect": "period"}, "tenure": "tenure"}
    assert named(rows, rows.column_names, HALVES, known) == [
        "Long-standing, low bill",
        "Newer, high bill",
    ]


@pytest.mark.parametrize(
    ("header", "known", "said"),
    [
        (
            "Months_to_contract_end",
            {"meaning": "other", "aspect": "time until"},
            ["Contract ends later", "Contract ends sooner"],
        ),
        ("num_contracts", {"meaning": "quantity"}, ["Many contracts", "Few contracts"]),
        ("contract_length", {"meaning": "code"}, ["Long contract", "Short contract"]),
    ],
)
def test_only_how_long_a_contract_runs_is_long(header, known, said):
    rows = pa.table({header: [20, 22, 24, 21, 2, 3, 1, 4]})
    assert named(rows, [header], HALVES, {header: known}) == said


@pytest.mark.parametrize("header", ["lifetime_revenue", "spesa_mensile"])
def test_when_money_is_spent_is_nothing_that_it_is_spent_on(header):
    rows = pa.table({header: [90.0, 99, 95, 97, 1, 2, 4, 3]})
    said = named(rows, [header], HALVES, {header: "money_in"})
    assert said == ["Big spenders", "Small spenders"]


def test_no_label_is_cut_behind_a_denial():
    assert cut("previous bookings not canceled") == "previous bookings"
    assert cut("previous bookings that stayed") == "previous bookings that"


@pytest.mark.parametrize(
    ("young", "old", "said"),
    [
        ([19, 22, 24, 29], [60, 61, 64, 66], ["Young, high savings", "Older, low savings"]),
        ([39, 42, 44, 49], [60, 61, 64, 66], ["Younger, high savings", "Older, low savings"]),
    ],
)
def test_young_is_said_below_thirty_only(young, old, said):
    rows = pa.table({"Age": [*young, *old], "savings": [90, 99, 95, 97, 1, 2, 4, 3]})
    assert named(rows, rows.column_names, HALVES, {"Age": "who", "savings": "means"}) == said


def test_a_high_year_of_birth_is_young():
    rows = pa.table({"Year_Birth": [1999, 1998, 2001, 2000, 1950, 1951, 1955, 1957]})
    assert named(rows, ["Year_Birth"], HALVES, {"Year_Birth": "who"}) == ["Younger", "Older"]


def test_recently_and_for_long_only_where_days_say_so():
    days = pa.table({"days_since_order": [3, 5, 7, 9, 200, 220, 300, 310]})
    known = {"days_since_order": "recency"}
    assert named(days, ["days_since_order"], HALVES, known) == [
        "Seen recently",
        "Not seen for long",
    ]
    few = pa.table({"days_since_order": [1, 1, 2, 2, 9, 8, 9, 10]})
    assert named(few, ["days_since_order"], HALVES, known) == ["Seen recently", "Seen longer ago"]
    months = pa.table({"months_since_visit": [8, 9, 9, 8, 20, 22, 30, 31]})
    assert named(months, ["months_since_visit"], HALVES, {"months_since_visit": "recency"}) == [
        "Seen more recently",
        "Not seen for long",
    ]


def test_the_same_header_without_a_meaning_is_said_plainly():
    rows = pa.table({"recency": [3, 5, 7, 9, 200, 220, 300, 310]})
    assert named(rows, ["recency"], HALVES) == ["Low recency", "High recency"]


def test_a_denial_is_not_denied_again():
    rows = pa.table(
        {
            "to_not_exceed_planned_budget": ["yes"] * 4 + ["no"] * 4,
            "no_phone": ["no"] * 4 + ["yes"] * 4,
            "x": [1, 2] * 4,
        }
    )
    first, second = named(rows, rows.column_names, HALVES)
    assert (first, second) == (
        "Phone, to not exceed planned budget",
        "No phone, exceed planned budget",
    )


def test_women_and_men_where_most_are():
    rows = pa.table({"Gender": ["Female"] * 4 + ["Male"] * 4, "income": [1, 2, 1, 2, 8, 9, 8, 9]})
    assert named(rows, rows.column_names, HALVES, {"Gender": "who", "income": "means"}) == [
        "Women, low income",
        "Men, high income",
    ]


def test_families_by_children_at_home():
    rows = pa.table({"Kidhome": [1, 2, 1, 2, 0, 0, 0, 0], "Income": [1, 2, 1, 2, 8, 9, 8, 9]})
    assert named(rows, rows.column_names, HALVES, {"Kidhome": "who", "Income": "means"}) == [
        "Families, low income",
        "No kids, high income",
    ]


def test_brands_and_acronyms_keep_their_case_and_words_of_cells_are_quoted():
    rows = pa.table(
        {
            "brand": ["iPhone", "iPhone", "iPhone", "iPhone", "LG", "Nokia", "LG", "Nokia"],
            "NumVIPVisits": [9, 8, 9, 8, 1, 0, 1, 0],
            "x": [1, 2] * 4,
        }
    )
    known = {"brand": "product_category", "NumVIPVisits": "activity"}
    first, second = named(rows, rows.column_names, HALVES, known)
    assert first == "Many VIP visits, iPhone"
    assert second == "Few VIP visits, less often iPhone"
    rows = pa.table({"NPS": [9, 8, 9, 8, 1, 0, 1, 0]})
    assert named(rows, ["NPS"], HALVES) == ["High NPS", "Low NPS"]


def test_a_label_of_the_user_is_taken_as_it_is():
    rows = pa.table({"q7": [9, 8, 9, 8, 1, 0, 1, 0]})
    known = {"q7": {"meaning": "opinion", "label": "trust in ACME"}}
    assert named(rows, ["q7"], HALVES, known) == ["High trust in ACME", "Low trust in ACME"]


def test_outcomes_and_old_labels_name_nobody():
    rows = pa.table({"churn": [1] * 4 + [0] * 4, "visits": [1, 2, 1, 2, 8, 9, 8, 9]})
    assert named(rows, rows.column_names, HALVES, {"churn": "outcome", "visits": "activity"}) == [
        "Occasional visitors",
        "Frequent visitors",
    ]


def test_nothing_that_a_spreadsheet_takes_for_a_formula_or_a_path():
    rows = pa.table({"=wine/beer·(€) – x": [9, 8, 9, 8, 1, 0, 1, 0]})
    assert named(rows, rows.column_names, HALVES) == ["High wine beer - x", "Low wine beer - x"]


def test_many_columns_that_point_one_way_are_spoken_of_together():
    rng = np.random.default_rng(1)
    segment = np.repeat([0, 1], 50)
    rows = pa.table(
        {
            f"Mnt{w}": segment * 10 + rng.normal(size=100)
            for w in ("Wines", "Meat", "Fish", "Fruit", "Sweets")
        }
        | {"Age": rng.permuted(np.arange(100.0))}
    )
    basis = rows.column_names[:5]
    part = {"meaning": "money_in", "part_of": "total"}
    assert named(rows, basis, segment.tolist(), dict.fromkeys(basis, part)) == [
        "Small spenders",
        "Big spenders",
    ]
    assert named(rows.rename_columns([*"abcde", "Age"]), list("abcde"), segment.tolist()) == [
        "Mostly low",
        "Mostly high",
    ]


def test_flags_are_said_as_yes_and_no():
    rows = pa.table(
        {"cheap": ["Yes", "Yes", "No", "No"] * 5, "tasty": [1, 1, 0, 0] * 5, "fast": [1, 0] * 10}
    )
    assert named(rows, ["cheap", "tasty", "fast"], [0, 0, 1, 1] * 5) == [
        "Yes to cheap and tasty",
        "No to cheap and tasty",
    ]


def test_a_coded_flag_is_not_said_yes_to():
    rows = pa.table(
        {"Sex": [1, 1, 0, 0] * 5, "income": [1.0, 2.0, 8.0, 9.0] * 5, "x": [1.0, 2.0] * 10}
    )
    assert named(rows, ["Sex", "income", "x"], [0, 0, 1, 1] * 5)[0] == "Sex 1, low income"


def test_names_that_would_be_alike_get_the_trait_that_tells_them_apart():
    rows = pa.table(
        {
            "a": [0, 0, 9, 9, 0, 0] * 9,
            "b": [5.0, 5.1, 5.0, 5.1, 5.6, 5.7] * 9,
            "Age": [20, 21, 40, 41, 60, 61] * 9,
        }
    )
    found = named(rows, ["a", "b"], [0, 0, 1, 1, 2, 2] * 9)
    assert len(set(found)) == 3
    rows = rows.drop(["b"])
    assert named(rows, ["a"], [0, 0, 1, 1, 2, 2] * 9, {"Age": "who"}) == [
        "Young, lower a",
        "High a",
        "Older, lower a",
    ]


def test_along_one_column_segments_are_told_apart_by_comparing_them():
    rows = pa.table({"income": [v + x for v in (10, 20, 30, 40, 50) for x in (0, 1, 2, 3)]})
    labels = [s for s in range(5) for _ in range(4)]
    assert named(rows, ["income"], labels, {"income": "means"}) == [
        "Lowest income",
        "Low income",
        "Middle income",
        "High income",
        "Highest income",
    ]
    lowest = profiles(rows, ["income"], labels, {"income": "means"})[0]
    assert lowest.name_evidence == (
        '"lowest income": income 12 (segment 2: 22), -1.41 standard deviations from everybody',
    )


def test_nobody_is_called_higher_who_lies_below_everybody():
    rng = np.random.default_rng(7)
    for _ in range(40):
        segment = np.append(np.arange(6), rng.integers(0, 6, 200))
        rows = pa.table({"x": rng.normal(size=206) + rng.normal(size=6)[segment]})
        for p in profiles(rows, ["x"], segment.tolist()):
            (proof,) = p.evidence
            effect = proof.values["effect"]
            assert effect > 0 or "high" not in p.name.lower()
            assert effect < 0 or "low" not in p.name.lower()


def test_segments_that_nothing_tells_apart_get_a_letter():
    rows = pa.table({"a": [1.0, 2.0] * 10, "b": [1.0, 2.0] * 10})
    assert named(rows, ["a", "b"], [0, 0, 1, 1] * 5) == [
        "Middle of the road A",
        "Middle of the road B",
    ]


def fits(names):
    """What holds for all names of one table."""
    for name in names:
        assert 0 < len(name) <= 40, name
        assert name == name.strip(), name
        assert name[0].isalnum(), name
        assert all(c.isalnum() or c in " ,-'" for c in name), name
        assert not any(name.lower() in other.lower() for other in names if other is not name), names


def has_evidence(profile):
    """Every word of the name stands in what is proven, but for a letter at its end."""
    proven = ", ".join(text.split('"')[1] for text in profile.name_evidence).lower()
    bare = re.sub(r" ([A-Z]|\d+)$", "", profile.name).lower()
    for word in re.findall(r"[\w'-]+", bare):
        assert word in proven, (word, profile.name, proven)


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 9),
    d=st.integers(1, 8),
    spread=st.sampled_from([0.0, 0.3, 3.0]),
    known=st.lists(
        st.sampled_from(
            ["unknown", "money_in", "means", "recency", "tenure", "who", "activity", "debt"]
        ),
        min_size=8,
        max_size=8,
    ),
)
def test_names_are_unique_short_and_have_their_evidence(seed, k, d, spread, known):
    rng = np.random.default_rng(seed)
    segment = np.append(np.arange(k), rng.integers(0, k, 60))
    headers = ["spend", "orders", "Age", "months_since", "a long header of many words", *"xyz"]
    rows = pa.table(
        {
            headers[j]: rng.normal(size=len(segment)) + spread * rng.normal(size=k)[segment]
            for j in range(d)
        }
    )
    told = dict(zip(headers[:d], known[:d], strict=True))
    found = profiles(rows, rows.column_names, segment.tolist(), told)
    fits([p.name for p in found])
    for p in found:
        assert p.name_evidence
        has_evidence(p)


def test_a_high_word_holds_for_most_of_the_segment_and_a_low_one_too():
    rng = np.random.default_rng(3)
    segment = rng.integers(0, 4, 400)
    rows = pa.table({c: rng.normal(size=400) + rng.normal(size=4)[segment] for c in "abcd"})
    for p in profiles(rows, list("abcd"), segment.tolist()):
        for proof in p.evidence:
            if proof.code != "name-column":
                continue
            x = rows[proof.values["difference"].column].to_numpy()
            above = float((x[segment == p.segment - 1] > np.median(x)).mean())
            assert (above if "high" in proof.values["said"] else 1 - above) >= 0.7


QUICK = (
    "mall_customers",
    "wholesale_customers",
    "ifood_marketing_campaign",
    "ibm_cust_segmentation",
    "segmentation_365",
    "mcdonalds",
    "volunteers",
)


@pytest.mark.parametrize("name", QUICK)
def test_names_of_real_tables_are_said_aloud_and_proven(shared, name):
    study = shoal.segment(shared / name / f"{name}.csv", k=4)
    fits([p.name for p in study.portraits])
    for p in study.portraits:
        has_evidence(p)
        assert len(p.who.text.split()) <= 13
        assert p.who.text


def test_the_shop_of_the_books_has_names_of_classes(shared):
    study = shoal.segment(shared / "online_retail" / "online_retail.parquet", orders=True)
    first = study.portraits[0]
    assert first.name == "Champions"
    rows = study.facts.sample.rows
    inside = study.facts.labels == 0
    recency, frequency = (rows[c].to_numpy() for c in ("recency", "frequency"))
    own = (recency <= np.quantile(recency, 0.2)) & (frequency > np.quantile(frequency, 0.6))
    shares = dict(first.evidence[0].values["shares"])
    assert shares["Champions"] == pytest.approx(own[inside].mean())


def test_parts_of_two_kinds_and_long_words_are_said_in_brief():
    rows = pa.table(
        {
            "Detergents_Paper": [90, 95, 99, 97, 2, 5, 3, 4],
            "Grocery": [80, 85, 89, 87, 3, 2, 4, 3],
            "x": [1, 2] * 4,
        }
    )
    part = {"meaning": "money_in", "part_of": "total"}
    known = {"Detergents_Paper": part, "Grocery": part}
    first, second = named(rows, rows.column_names, HALVES, known)
    assert first == "Big on detergents paper and grocery"
    assert second == "Little detergents paper and grocery"


def test_who_they_are_in_a_few_words():
    rows = pa.table(
        {
            "Age": [20, 24, 28, 29, 60, 61, 64, 66],
            "Income (k$)": [10, 20, 30, 40, 70, 80, 90, 99],
            "Gender": ["Female"] * 3 + ["Male"] + ["Female"] + ["Male"] * 3,
        }
    )
    known = {"Age": "who", "Income (k$)": "means", "Gender": "who"}
    first, second = profiles(rows, ["Age", "Income (k$)"], HALVES, known)
    assert first.who.text == "median age 26, 75 % women, income 25 k$"
    assert second.who.text == "median age 63, 75 % men, income 85 k$"
    assert first.who.values["items"][0].value == 26.0


def test_who_they_are_where_nothing_sets_them_apart():
    rows = pa.table({"a": [1.0, 2.0] * 10, "b": [1.0, 2.0] * 10})
    first, _ = profiles(rows, ["a", "b"], [0, 0, 1, 1] * 5)
    assert first.who.text == "like everybody"


def test_who_buy_nothing_are_not_like_everybody():
    rows = pa.table({"online spend": [0.0] * 12 + [90.0, 96.0] * 4, "visits": [1.0, 2.0] * 10})
    first, second = profiles(rows, ["online spend"], [0] * 12 + [1] * 8)
    assert first.who.text == "median online spend 0"
    assert second.who.text == "median online spend 93"


@pytest.mark.parametrize(
    ("header", "meaning", "name"),
    [
        ("online spend", "money_in", "Nothing spent online"),
        ("wine spend", "money_in", "Nothing spent on wine"),
        ("total spend", "money_in", "Non-spenders"),
        ("orders", "activity", "Non-buyers"),
        ("web visits", "activity", "No web visits"),
        ("revolving balance", "debt", "No revolving balance"),
        ("complaints", "trouble", "No complaints"),
    ],
)
def test_who_have_nothing_are_not_called_small(header: str, meaning: str, name: str) -> None:
    rows = pa.table({header: [0.0] * 12 + [90.0, 96.0] * 4})
    first, second = profiles(rows, [header], [0] * 12 + [1] * 8, {header: meaning})
    assert first.name == name
    assert not second.name.lower().startswith("no")
