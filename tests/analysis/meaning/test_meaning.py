"""What columns are taken to stand for: from header, cells and neighbours; and what a person says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.analysis.meaning.header import read_header
from shoal.types import Column

RNG = np.random.default_rng(0)
N = 400
IDS = [f"C{i:05}" for i in RNG.permutation(N)]
AMOUNTS = RNG.lognormal(6, 1, N).round(2)
COUNTS = RNG.poisson(6, N)
DAYS = RNG.integers(0, 900, N)
SHARES = RNG.beta(2, 5, N).round(4)
FLAGS = (RNG.random(N) < 0.2).astype(int)
SCALE = RNG.integers(1, 6, N)
SCORES = np.random.default_rng(4).normal(0, 1, N)  # of a component
OTHER = RNG.normal(size=N)


def alone(header: str, cells: object) -> Column:
    """A column beside an id and a column that says nothing."""
    table = pd.DataFrame({"customer_id": IDS, header: cells, "x1": OTHER})
    return shoal.inspect(table).column(header)


@pytest.mark.parametrize(
    ("header", "cells", "meaning", "direction"),
    [
        # money in, in several languages, and abbreviated
        ("total_spent", AMOUNTS, "money_in", "good"),
        ("Jahresumsatz", AMOUNTS, "money_in", "good"),
        ("chiffre_affaires_2023", AMOUNTS, "money_in", "good"),
        ("importe_total", AMOUNTS, "money_in", "good"),
        ("totale_besteding", AMOUNTS, "money_in", "good"),
        ("mthly_chrg", AMOUNTS, "money_in", "good"),
        ("Mitgliedsbeitrag", AMOUNTS, "money_in", "good"),
        # money out
        ("total_claims_paid", AMOUNTS, "money_out", "bad"),
        ("Schadenaufwand", AMOUNTS, "money_out", "bad"),
        ("discount_amount", AMOUNTS, "money_out", "bad"),
        ("acquisition_cost", AMOUNTS, "money_out", "bad"),
        ("montant_rembourse", AMOUNTS, "money_out", "bad"),
        # means and debt
        ("Haushaltseinkommen", AMOUNTS, "means", "good"),
        ("credit_limit", AMOUNTS, "means", "good"),
        ("outstanding_balance", AMOUNTS, "debt", "bad"),
        ("days_past_due", COUNTS, "debt", "bad"),
        # what is done
        ("order_count", COUNTS, "activity", "good"),
        ("qtd_compras", COUNTS, "activity", "good"),
        ("minutes_spent", AMOUNTS, "activity", "good"),
        ("orders_last_30_days", COUNTS, "activity", "good"),
        ("avg_days_between_orders", DAYS, "activity", "bad"),
        # since when
        ("days_since_last_order", DAYS, "recency", "bad"),
        ("dias_desde_ultima_compra", DAYS, "recency", "bad"),
        ("inactive_months", COUNTS, "recency", "bad"),
        ("months_since_account_opening", DAYS, "tenure", "none"),
        ("Vertragsdauer_Monate", DAYS, "tenure", "none"),
        ("days_since_last_complaint", DAYS, "since_trouble", "good"),
        # what the seller does
        ("sales_visits", COUNTS, "other", "none"),
        ("sales calls", COUNTS, "other", "none"),
        ("sales", AMOUNTS, "money_in", "good"),
        # a part of the calendar
        ("birth_month", RNG.integers(1, 13, N), "code", "none"),
        # trouble
        ("customer_service_calls", COUNTS, "trouble", "bad"),
        ("Reklamationen", COUNTS, "trouble", "bad"),
        ("return_rate", SHARES, "trouble", "bad"),
        # shares, trends, opinions
        ("bounce_rate", SHARES, "share", "bad"),
        ("revenue_growth", OTHER, "trend", "unknown"),
        ("satisfaction_score", SCALE, "opinion", "good"),
        ("risk_score", AMOUNTS, "opinion", "bad"),
        # tariffs are money, and so is what comes again, whatever stands beside it; what went is none
        ("monthly_fee", RNG.choice([19, 29, 49], N), "money_in", "good"),
        ("subscription_mrr", AMOUNTS, "money_in", "good"),
        ("contraction_mrr", AMOUNTS, "money_out", "bad"),
        ("Recent Deal Amount", AMOUNTS, "money_in", "good"),
        ("largest_gift", AMOUNTS, "money_in", "good"),
        ("Jahresrechnung", AMOUNTS, "money_in", "good"),
        ("CCAvg", AMOUNTS, "money_in", "good"),
        ("ad_spend", AMOUNTS, "money_out", "bad"),
        ("USt_Betrag", AMOUNTS, "money_out", "none"),
        ("incurred_losses", AMOUNTS, "money_out", "bad"),
        ("fatura_em_aberto", AMOUNTS, "debt", "bad"),
        ("pagos_atrasados", COUNTS, "debt", "bad"),
        # days that are no days since
        ("avg_booking_lead_days", DAYS, "other", "none"),
        ("delivery_days", SCALE, "other", "none"),
        ("days_to_first_value", DAYS, "other", "none"),
        ("last_order_month", RNG.choice([202311, 202402, 202412], N), "date", "none"),
        ("FFP_AGE_months", DAYS, "tenure", "none"),
        ("Work_Experience", SCALE, "who", "unknown"),
        ("appointments_12m", COUNTS, "activity", "good"),
        ("emails_received_90d", COUNTS, "other", "none"),
        # glued words; Polish and Turkish; the number of months of a membership
        ("avgorder", AMOUNTS, "money_in", "good"),
        ("lastgift", AMOUNTS, "money_in", "good"),
        ("wartość_zakupów", AMOUNTS, "money_in", "good"),
        ("dni_od_ostatniego_zakupu", DAYS, "recency", "bad"),
        ("liczba_zwrotów", COUNTS, "trouble", "bad"),
        ("toplam_harcama", AMOUNTS, "money_in", "good"),
        ("sipariş_sayısı", COUNTS, "activity", "good"),
        ("son_alisveristen_bu_yana_gun", DAYS, "recency", "bad"),
        ("MonthsInService", COUNTS, "tenure", "none"),
        ("Lifetime", COUNTS, "tenure", "none"),
        ("meses_inativo", COUNTS, "recency", "bad"),
        ("Nettoerlöse", AMOUNTS, "money_in", "good"),
        ("loss_ratio", SHARES, "trouble", "bad"),
        ("disc_amt", AMOUNTS, "money_out", "bad"),
        # trouble, and what went without it
        ("CustomerCareCalls", COUNTS, "trouble", "bad"),
        ("DroppedCalls", COUNTS, "trouble", "bad"),
        ("Late_Deliveries", COUNTS, "trouble", "bad"),
        ("previous_cancellations", COUNTS, "trouble", "bad"),
        ("previous_bookings_not_canceled", COUNTS, "activity", "good"),
        ("Soft Bounces", COUNTS, "trouble", "bad"),
        # neither use, money nor who they are
        ("avg_first_response_hours", AMOUNTS, "other", "none"),
        ("Long_Distance_Charges", RNG.integers(0, 50, N), "money_in", "good"),
        ("loan_term", RNG.choice([12, 36, 60], N), "code", "none"),
        ("PAY_2", RNG.integers(-2, 7, N), "code", "none"),
        ("agent", RNG.integers(1, 240, N), "code", "none"),
        ("Enrollment Month", RNG.integers(1, 13, N), "code", "none"),
        ("punti_fedelta", DAYS, "quantity", "good"),
        ("installments_due", AMOUNTS, "transfer", "none"),
        ("Course", RNG.choice([33, 171, 9070, 9238], N), "code", "none"),  # which, not how many
        # what is due is owed; gains of capital are what somebody has; a currency of a game is none
        ("balance_due", AMOUNTS, "debt", "bad"),
        ("solde_dû", AMOUNTS, "debt", "bad"),
        ("capital-gain", AMOUNTS, "means", "good"),
        ("gems_spent", DAYS, "quantity", "good"),
        ("Umsatzpotenzial", AMOUNTS, "means", "good"),
        ("Open Pipeline", AMOUNTS, "means", "good"),
        ("Außenstände", AMOUNTS, "debt", "bad"),
        ("TARGET_D", AMOUNTS, "leak", "unknown"),
        ("Card Last4", RNG.integers(1000, 9999, N), "code", "none"),
        # years of giving, of being loyal; how long something lasts; how late they pay
        ("Years Giving", COUNTS, "tenure", "none"),
        ("anni_fedeltà", COUNTS, "tenure", "none"),
        ("Subscription Length", COUNTS, "tenure", "none"),
        ("FirstPurch", COUNTS, "tenure", "none"),
        ("payment_plan_days", RNG.choice([7, 30, 90, 180, 395], N), "code", "none"),
        ("délai_moyen_paiement", COUNTS, "other", "unknown"),
        ("prochaine_revision_km", DAYS * 10, "other", "none"),
        # a bill by other words; turnover with parts; accounts
        ("avg_check", AMOUNTS, "money_in", "good"),
        ("ca_pieces", AMOUNTS, "money_in", "good"),
        ("Charge Amount", SCALE, "money_in", "good"),
        ("total_amount_paid", AMOUNTS, "money_in", "good"),
        ("Closed_Won_Amount", AMOUNTS, "money_in", "good"),
        ("montant_operations_cb", AMOUNTS, "money_in", "good"),
        ("funded_amnt", AMOUNTS, "debt", "unknown"),
        ("pub_rec", COUNTS, "trouble", "bad"),
        ("stockouts", COUNTS, "trouble", "bad"),
        ("jours_découvert", COUNTS, "debt", "bad"),
        ("découvert_autorisé", AMOUNTS, "means", "good"),
        ("inquiries_last_6_months", COUNTS, "activity", "unknown"),
        ("Offene Angebote", COUNTS, "activity", "unknown"),
        # glued and cut off
        ("debtinc", AMOUNTS, "debt", "bad"),
        ("ngiftall", COUNTS, "activity", "good"),
        ("total_rech_num", COUNTS, "activity", "good"),
        ("total_secs", AMOUNTS, "activity", "good"),
        ("offers_completed", COUNTS, "activity", "good"),
        ("ChildBks", COUNTS, "quantity", "good"),
        ("NumberOfChildrenVisiting", SCALE, "who", "none"),
        # changes, limits and models in more words; fillers between the words of a phrase
        ("omzetgroei", OTHER, "trend", "unknown"),
        ("sales_vs_ly", OTHER, "trend", "unknown"),
        ("credit_lim", AMOUNTS, "means", "good"),
        ("propensión_compra", SHARES, "leak", "unknown"),
        ("credit_utilisation", SHARES, "debt", "bad"),
        ("reopened_cases", COUNTS, "trouble", "bad"),
        ("payment_reminders", COUNTS, "trouble", "bad"),
        ("claim_frequency", SHARES, "trouble", "bad"),
        ("tempo_de_cliente", COUNTS, "tenure", "none"),
        ("Restlaufzeit", COUNTS, "other", "none"),
        ("fatture_insolute", AMOUNTS, "debt", "bad"),
        ("volume_affari", AMOUNTS, "money_in", "good"),
        ("miles_from_branch", AMOUNTS, "who", "none"),
        ("contact_attempts", COUNTS, "other", "none"),
        ("score_r", SCALE, "old_label", "none"),
        # spent or bought in a month is money where it has cents; the last of it is days ago
        ("giorni_ultima_spesa", COUNTS, "recency", "bad"),
        ("spesa_anno", AMOUNTS, "money_in", "good"),
        ("compras_mes", AMOUNTS, "money_in", "good"),
        ("compras_mes", COUNTS, "activity", "good"),
        ("missing_items_reported", COUNTS, "trouble", "bad"),
        ("uitgekeerd_bedrag", AMOUNTS, "money_out", "bad"),
        ("frete_pago", AMOUNTS, "money_out", "bad"),
        ("HOME_VAL", AMOUNTS, "means", "good"),
        ("time_spend_company", SCALE, "tenure", "none"),
        ("visitas_vendedor", COUNTS, "other", "none"),
        ("slot_changes", COUNTS, "activity", "unknown"),
        ("eigen_risico", RNG.choice([385, 485, 885], N), "code", "none"),
        ("potencia_contratada_kw", AMOUNTS, "quantity", "good"),
        ("price_paid_monthly", AMOUNTS, "money_in", "good"),
        # the time of day is no money; nor is what nights cost a number of nights
        ("TransactionTime", RNG.integers(0, 235_959, N), "other", "none"),
        ("Total night charge", AMOUNTS, "money_in", "good"),
        ("YearsAtCompany", COUNTS, "tenure", "none"),
        # what money is told after, before, with or without is not what is told
        ("totale_omzet_excl_btw", AMOUNTS, "money_in", "good"),
        ("Umsatz ohne MwSt", AMOUNTS, "money_in", "good"),
        ("ciro_kdv_haric", AMOUNTS, "money_in", "good"),
        ("sales_net_of_returns", AMOUNTS, "money_in", "good"),
        ("ventas_netas_devoluciones", AMOUNTS, "money_in", "good"),
        ("Umsatz nach Retouren", AMOUNTS, "money_in", "good"),
        ("revenue_from_discounts", AMOUNTS, "money_in", "good"),
        ("net_returns", AMOUNTS, "trouble", "bad"),
        ("vat_amount", AMOUNTS, "money_out", "none"),
        ("orders_with_coupon", COUNTS, "activity", "good"),
        # a window of time; words that begin as others do
        ("gasto_90d", AMOUNTS, "money_in", "good"),
        ("avg_days_btw_orders", AMOUNTS, "activity", "bad"),
        ("openstaande_facturen", COUNTS, "debt", "bad"),
        ("last_order_age", DAYS, "recency", "bad"),
        ("hours_since_signup", DAYS, "tenure", "none"),
        ("mesi_da_attivazione", DAYS, "tenure", "none"),
        ("days_since_last_email", DAYS, "other", "none"),
        ("days_since_price_increase", DAYS, "other", "none"),
        ("available_credit", AMOUNTS, "means", "good"),
        ("credit_used", AMOUNTS, "debt", "bad"),
        ("saldo_da_pagare", AMOUNTS, "debt", "bad"),
        ("interest_expense", AMOUNTS, "money_out", "bad"),
        ("interest_income", AMOUNTS, "money_in", "good"),
        ("Wareneinsatz", AMOUNTS, "money_out", "bad"),
        ("Zusatzkosten", AMOUNTS, "money_in", "good"),
        ("Vermittlerprovision", AMOUNTS, "money_out", "bad"),
        ("missed_appts", COUNTS, "trouble", "bad"),
        ("late_ship_rate", SHARES, "trouble", "bad"),
        ("late_fees", AMOUNTS, "trouble", "bad"),
        ("nb_appels_sav", COUNTS, "trouble", "bad"),
        ("faltas_consultas", COUNTS, "trouble", "bad"),
        ("days_since_flt", DAYS, "recency", "bad"),
        ("pts_redeemed", DAYS, "quantity", "good"),
        ("price_sensitivity", SHARES, "opinion", "unknown"),
        # saved up in a game, on a card: no money
        ("gems_balance", DAYS, "quantity", "good"),
        ("points_balance", DAYS, "quantity", "good"),
        ("receita_liquida", AMOUNTS, "money_in", "good"),
        ("encours_pret", AMOUNTS, "debt", "unknown"),
        ("Bestellfrequenz", AMOUNTS, "activity", "good"),
        ("nota_credito", AMOUNTS, "money_out", "bad"),
        ("totrev", AMOUNTS, "money_in", "good"),
        ("nb_jours_inactif", DAYS, "recency", "bad"),
        ("wyplacone_odszkodowania", AMOUNTS, "money_out", "bad"),
        ("Saldo_CC", AMOUNTS, "means", "good"),
        ("saldo_tarjeta", AMOUNTS, "debt", "bad"),
        ("rep_cd", SCALE, "code", "none"),
        ("days_since_chkin", DAYS, "recency", "bad"),
        ("rma_cnt", COUNTS, "trouble", "bad"),
        ("ar_over_60d", AMOUNTS, "debt", "bad"),
        ("acv", AMOUNTS, "money_in", "good"),
        # Swedish
        ("omsättning_12m", AMOUNTS, "money_in", "good"),
        ("månadsavgift", AMOUNTS, "money_in", "good"),
        ("antal_köp", COUNTS, "activity", "good"),
        ("dagar_sedan_senaste_köp", DAYS, "recency", "bad"),
        ("dagar_sedan_registrering", DAYS, "tenure", "none"),
        ("obetalda_fakturor", COUNTS, "debt", "bad"),
        ("inkomst_tkr", AMOUNTS, "means", "good"),
        ("antal_returer", COUNTS, "trouble", "bad"),
        # what is not known
        ("x17", AMOUNTS, "unknown", "unknown"),
    ],
)
def test_what_a_number_stands_for(header: str, cells: object, meaning: str, direction: str) -> None:
    found = alone(header, cells)
    assert (found.meaning, found.direction) == (meaning, direction)
    assert (found.confidence == "none") == (meaning == "unknown")
    assert found.why_meaning


@pytest.mark.parametrize(
    ("header", "cells", "meaning"),
    [
        ("recency_score", SCALE, "old_label"),
        ("RFM_Score", RNG.choice([111, 255, 344, 555], N), "old_label"),
        ("CENTROID_ID", SCALE, "old_label"),
        ("conglomerado", SCALE, "old_label"),
        ("PC1", SCORES, "old_label"),
        ("Component 2", SCORES, "old_label"),
        ("FAC1_1", SCORES, "old_label"),
        ("tsne_x", SCORES, "old_label"),
        ("dist_to_center_0", abs(SCORES), "old_label"),
        ("cluster_distance", abs(SCORES), "old_label"),
        ("distance_to_centroid", abs(SCORES), "old_label"),
        ("dist_to_centroid_2", abs(SCORES), "old_label"),
        ("QCL_2", abs(SCORES), "old_label"),
        ("labels_", SCALE, "old_label"),
        ("churn_probability", SHARES, "leak"),
        ("predicted_churn", FLAGS, "leak"),
        ("Churn Risk Prediction", SHARES, "leak"),
        ("churn_risk", np.where(FLAGS, "high", "low"), "leak"),
        ("order_id", [f"A{i}" for i in range(N)], "order_id"),
        ("email", [f"p{i}@example.org" for i in range(N)], "contact"),
    ],
)
def test_results_of_models_and_names_never_form_segments(
    header: str, cells: object, meaning: str
) -> None:
    found = alone(header, cells)
    assert found.meaning == meaning
    assert found.role == "ignore"


@pytest.mark.parametrize(
    ("header", "cells", "event", "direction"),
    [
        ("churned", FLAGS, "1", "bad"),
        ("resilie", np.where(FLAGS, "oui", "non"), "oui", "bad"),
        ("Customer Status", np.where(FLAGS, "Churned", "Stayed"), "Churned", "bad"),
        (
            "Attrition_Flag",
            np.where(FLAGS, "Attrited Customer", "Existing"),
            "Attrited Customer",
            "bad",
        ),
        ("responded", FLAGS == 1, "true", "good"),
        ("bought_next_90d", FLAGS, "1", "good"),
        ("retained", FLAGS, "1", "good"),
        ("downgraded", FLAGS, "1", "bad"),
        ("class", np.where(FLAGS, "bad", "good"), "bad", "bad"),
        ("overgestapt", np.where(FLAGS, "ja", "nee"), "ja", "bad"),
        ("odszedł", np.where(FLAGS, "tak", "nie"), "tak", "bad"),
        ("fermeture_compte", np.where(FLAGS, "oui", "non"), "oui", "bad"),
        ("rinnovato", np.where(FLAGS, "si", "no"), "si", "good"),
        ("deal_closed", FLAGS, "1", "good"),
        ("charge_off", FLAGS, "1", "bad"),
        ("Purchased Bike", np.where(FLAGS, "Yes", "No"), "Yes", "good"),
        ("ProdTaken", FLAGS, "1", "good"),
        ("compra_siguiente_mes", FLAGS, "1", "good"),
        ("inativo", FLAGS, "1", "bad"),
        ("royement", np.where(FLAGS, "ja", "nee"), "ja", "bad"),
        ("switched", FLAGS, "1", "bad"),
        ("left", FLAGS, "1", "bad"),
        ("LeftClub", FLAGS, "1", "bad"),
        ("sagt_upp", np.where(FLAGS, "ja", "nej"), "ja", "bad"),
        ("resp_fl", FLAGS, "1", "good"),
        ("did_not_renew", FLAGS, "1", "bad"),
        ("portabilidad_solicitada", FLAGS, "1", "bad"),
    ],
)
def test_outcomes_and_what_says_that_they_happened(
    header: str, cells: object, event: str, direction: str
) -> None:
    found = alone(header, cells)
    assert (found.meaning, found.event, found.direction) == ("outcome", event, direction)
    assert found.role == "describe"


@pytest.mark.parametrize(
    ("header", "cells", "meaning"),
    [
        ("Default Address City", RNG.choice(["Berlin", "Paris"], N), "who"),
        ("favorite_genre", RNG.choice(["Drama", "Comedy", "Action"], N), "product_category"),
        ("genre", RNG.choice(["homme", "femme"], N), "who"),
        ("direct_debit", np.where(FLAGS, "Y", "N"), "code"),
        ("auto_renew", FLAGS, "code"),
        ("Account Owner", RNG.choice(["north", "south"], N), "code"),
        ("retention_calls", FLAGS, "trouble"),
        ("Do Not Solicit", FLAGS, "code"),
        ("Discount Applied", np.where(FLAGS, "Yes", "No"), "code"),
        ("OwnerId", RNG.choice(["005A", "005B"], N), "code"),
        ("newbie", FLAGS, "code"),
        ("refund_requested", FLAGS, "trouble"),
        ("PreferredPaymentMode", RNG.choice(["Card", "Cash", "Transfer"], N), "code"),
        ("owns_pet_insurance", FLAGS, "product_category"),
        ("relationship", RNG.choice(["Husband", "Own-child"], N), "who"),
    ],
)
def test_words_that_say_something_else_in_company(header: str, cells: object, meaning: str) -> None:
    found = alone(header, cells)
    assert (found.meaning, found.role) == (meaning, "describe")


@pytest.mark.parametrize("second", [False, True])
def test_an_id_is_known_wherever_it_stands_and_as_floats(second: bool) -> None:
    columns = {"kunde": np.arange(10_000.0, 10_000.0 + N), "spend": AMOUNTS, "visits": COUNTS}
    names = ["spend", "kunde", "visits"] if second else list(columns)
    profile = shoal.inspect(pd.DataFrame(columns)[names])
    assert profile.id == "kunde"
    assert profile.basis == tuple(n for n in names if n != "kunde")


@pytest.mark.parametrize("header", ["LEID", "loan_acct", "nr_karty", "contract_no", "id_linea"])
def test_different_numbers_under_an_abbreviated_id_are_ids(header: str) -> None:
    numbers = RNG.choice(800_000, N, replace=False) + 100_000
    assert alone(header, numbers).meaning == "id"


def test_different_amounts_of_loans_are_no_ids() -> None:
    amounts = RNG.choice(90_000, N, replace=False) + 1_000
    assert alone("loan_customer", amounts).meaning == "debt"


def test_a_word_that_is_not_known_is_shown_as_it_is() -> None:
    assert read_header("requested").words == ("requested",)
    assert alone("LEID", COUNTS).meaning == "unknown"


# --- neighbours -----------------------------------------------------------------------------------


def test_parts_of_spending_are_added_up() -> None:
    table = pd.DataFrame(
        {
            "id": ["a", "b", "c", "d", "e", "f", "g", "h"],
            "MntWine": [10, 0, 30, 5, 7, 9, 60, 2],
            "MntMeat": [1, 20, 3, 50, None, 4, 6, 8],
            "MntFish": [0, 2, 3, 5, None, 4, 1, 0],
        }
    )
    profile = shoal.inspect(table)
    total = profile.column("total spending")
    assert profile.value == "total spending"
    assert total.made is not None
    assert total.made.columns == ("MntWine", "MntMeat", "MntFish")
    assert total.sum == 230.0  # 11 + 22 + 36 + 60 + 7 + 17 + 67 + 10
    assert [profile.column(n).part_of for n in total.made.columns] == ["total spending"] * 3
    assert profile.basis == total.made.columns
    assert shoal.inspect(table, totals=False).value is None


def test_all_revenue_comes_before_some_of_it() -> None:
    calls, extras = AMOUNTS, RNG.lognormal(3, 1, N).round(2)
    revenue = calls + extras - RNG.choice([0, 0, 0, 5], N).clip(0, extras)
    table = {
        "id": IDS,
        "Total Charges": calls,
        "Total Extra Charges": extras,
        "Total Revenue": revenue,
    }
    assert shoal.inspect(pd.DataFrame(table | {"CLTV": COUNTS * 1000.0})).value == "Total Revenue"


def test_the_value_stays_beside_a_column_that_says_the_same() -> None:
    table = {"id": IDS, "first bills": AMOUNTS, "total revenue": AMOUNTS * 12, "visits": COUNTS}
    profile = shoal.inspect(pd.DataFrame(table))
    assert profile.value == "total revenue"
    assert profile.column("first bills").role == "ignore"


def test_a_total_that_is_there_is_taken() -> None:
    online, shop = AMOUNTS, RNG.lognormal(5, 1, N).round(2)
    table = {
        "id": IDS,
        "PURCHASES": online + shop,
        "ONLINE_PURCHASES": online,
        "SHOP_PURCHASES": shop,
    }
    profile = shoal.inspect(pd.DataFrame(table))
    assert profile.value == "PURCHASES"
    assert profile.column("SHOP_PURCHASES").part_of == "PURCHASES"


@pytest.mark.parametrize(
    ("names", "added"),
    [
        (("spend_2022", "spend_2023", "spend_2024"), True),
        (("sales_q1", "sales_q2", "sales_q3", "sales_q4"), True),
        (("revenue_month_1", "revenue_month_2"), True),
        (("total day charge", "total eve charge"), True),
        (("revenue_3m", "revenue_6m", "revenue_12m"), False),
        (("spend_30d", "spend_90d"), False),
        (("revenue_last_30_days", "revenue_last_90_days"), False),
        (("Largest Gift Amount", "Total Gift Amount"), False),
        (("monthly_revenue", "annual_revenue"), False),
        (("turnover_eur", "ggr_eur"), False),
        (("Umsatz_brutto", "Umsatz_netto"), False),
    ],
)
def test_money_that_overlaps_is_never_added_up(names: tuple[str, ...], added: bool) -> None:
    cells = [RNG.lognormal(4, 1, N).round(2) for _ in names]
    profile = shoal.inspect(pd.DataFrame({"id": IDS, **dict(zip(names, cells, strict=True))}))
    assert (profile.value == "total spending") == added


@pytest.mark.parametrize(
    "header", ["Accepts Email Marketing", "acepta_publicidad", "email_marketing_consent"]
)
def test_a_consent_is_no_outcome(header: str) -> None:
    assert alone(header, np.where(FLAGS, "subscribed", "unsubscribed")).meaning == "code"


def test_amounts_named_by_goods_are_spending_and_counts_are_not() -> None:
    goods = ("Milk", "Fresh", "Frozen", "Grocery")
    spent = {name: RNG.lognormal(8, 1, N).round() for name in goods}
    assert shoal.inspect(pd.DataFrame(spent)).column("Milk").meaning == "money_in"
    bought = {name: RNG.poisson(20, N) for name in goods}
    profile = shoal.inspect(pd.DataFrame(bought))
    assert profile.column("Milk").meaning == "quantity"
    assert profile.value is None


def test_recency_to_the_last_purchase_is_good() -> None:
    """BG/NBD's t_x: weeks from the first to the last purchase."""
    age = RNG.uniform(20, 39, N)
    again = RNG.poisson(1, N)
    recency = np.where(again > 0, age * RNG.uniform(0.1, 1, N), 0.0)
    table = pd.DataFrame({"id": IDS, "frequency": again, "recency": recency, "T": age})
    found = shoal.inspect(table).column("recency")
    assert (found.meaning, found.aspect, found.direction) == ("tenure", "first to last", "good")
    table["recency"] = age * 7  # days since the last purchase
    assert shoal.inspect(table).column("recency").direction == "bad"


def test_a_balance_beside_a_credit_limit_is_owed() -> None:
    table = pd.DataFrame({"id": IDS, "BALANCE": AMOUNTS, "PURCHASES": AMOUNTS[::-1]})
    assert shoal.inspect(table).column("BALANCE").meaning == "means"
    table["CREDIT_LIMIT"] = RNG.choice([1000, 3000, 9000], N)
    assert shoal.inspect(table).column("BALANCE").meaning == "debt"


def test_questions_of_a_survey_are_opinions() -> None:
    asked = {name: RNG.integers(0, 2, N) for name in ("children", "career", "faith", "fun", "fame")}
    assert {c.meaning for c in shoal.inspect(pd.DataFrame(asked)).columns} == {"opinion"}


def test_a_question_may_name_what_elsewhere_is_counted() -> None:
    asked = ("Seat comfort", "Cleanliness", "Food and drink", "Leg room", "Checkin service")
    table = pd.DataFrame({"id": IDS} | {name: RNG.integers(0, 6, N) for name in asked})
    assert {c.meaning for c in shoal.inspect(table).columns if c.role != "id"} == {"opinion"}


# --- dates ----------------------------------------------------------------------------------------


@pytest.fixture
def dated() -> pd.DataFrame:
    days = pd.to_timedelta(np.arange(40), unit="D")
    return pd.DataFrame(
        {
            "customer_id": [f"C{i}" for i in range(40)],
            "spent": RNG.lognormal(4, 1, 40),
            "last_purchase": pd.Timestamp("2024-06-30") - days,
            "signup_date": pd.Timestamp("2020-01-01") + days,
            "contract_end": pd.Timestamp("2025-01-01") + days,
        }
    )


def test_dates_become_days_against_a_stated_day(dated: pd.DataFrame) -> None:
    profile = shoal.inspect(dated)
    assert profile.analysis_date == "2024-06-30"
    made = {c.name: (c.meaning, c.role, c.min, c.max) for c in profile.columns if c.made}
    assert made == {
        "days since last purchase": ("recency", "basis", 0.0, 39.0),
        "days since signup": ("tenure", "describe", 1603.0, 1642.0),
        "days until contract end": ("other", "describe", 185.0, 224.0),
    }
    later = shoal.inspect(dated, date="2024-07-10")
    assert later.column("days since last purchase").min == 10.0


def test_new_customers_are_placed_by_days_from_the_same_day(dated: pd.DataFrame) -> None:
    study = shoal.segment(dated, k=2)
    assert "days since last purchase" in study.profile.basis
    placed = study.assign(dated)
    assert placed["segment"].tolist() == study.customers["segment"].tolist()


@pytest.mark.parametrize(
    "cells",
    [
        RNG.integers(2018, 2025, N),  # years
        RNG.integers(43_000, 45_500, N),  # days of a spreadsheet
        RNG.integers(1_500_000_000, 1_700_000_000, N),  # seconds since 1970
        RNG.integers(1, 13, N) * 100 + 20_240_001,  # 20240101
    ],
)
def test_dates_held_as_numbers_form_no_segments(cells: object) -> None:
    found = alone("last_purchase_date", cells)
    assert (found.meaning, found.role) == ("date", "date")


# --- what a person says ---------------------------------------------------------------------------


def test_what_was_said_comes_before_any_guess(tmp_path: Path) -> None:
    table = pd.DataFrame({"customer_id": IDS, "x1": AMOUNTS, "visits": COUNTS, "won": FLAGS})
    said = {
        "x1": {"meaning": "money_in", "role": "value", "label": "sales", "unit": "EUR"},
        "visits": {"direction": "bad"},
    }
    file = tmp_path / "columns.toml"
    file.write_text(
        '[x1]\nmeaning = "money_in"\nrole = "value"\nlabel = "sales"\nunit = "EUR"\n[visits]\ndirection = "bad"\n'
    )
    for columns in (said, file):
        profile = shoal.inspect(table, columns=columns, outcome="won=0")
        x1 = profile.column("x1")
        assert (x1.meaning, x1.confidence, x1.label, x1.unit) == (
            "money_in",
            "stated",
            "sales",
            "EUR",
        )
        assert profile.value == "x1"
        assert profile.column("visits").direction == "bad"
        assert (profile.outcome, profile.column("won").event) == ("won", "0")


def test_the_file_that_is_written_says_the_same_again(tmp_path: Path, dated: pd.DataFrame) -> None:
    dated['odd "name"\n'] = COUNTS[:40]
    file = tmp_path / "columns.toml"
    first = shoal.inspect(dated, write_columns=file)
    again = shoal.inspect(dated, columns=file)
    told = [(c.name, c.role, c.meaning, c.direction, c.aspect) for c in first.columns]
    assert [(c.name, c.role, c.meaning, c.direction, c.aspect) for c in again.columns] == told


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"spend": {"meaning": "money_in"}}, 'names "spend", but the table has no such column'),
        (
            {"spent": {"meaning": "mony_in"}},
            'the meaning "mony_in", which is not known. Did you mean "money_in"',
        ),
        (
            {"spent": {"direktion": "bad"}},
            'sets "direktion" of "spent", which is not known. Did you mean "direction"',
        ),
        ({"spent": "money"}, "says 'money' of \"spent\""),
        ("none.toml", "cannot be read"),
    ],
)
def test_a_wrong_word_is_told(columns: object, said: str, dated: pd.DataFrame) -> None:
    with pytest.raises(shoal.OptionError) as told:
        shoal.inspect(dated, columns=columns)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("gone", 'names "gone", but the table has no such column'),
        ("spent", "cannot be counted"),
        ("kind", 'does not say which of its words is meant: "a", "b"'),
        ("kind=c", "cannot be counted"),
    ],
)
def test_an_outcome_that_cannot_be_counted_is_told(
    outcome: str, said: str, dated: pd.DataFrame
) -> None:
    dated["kind"] = ["a", "b"] * 20
    with pytest.raises(shoal.OptionError) as told:
        shoal.inspect(dated, outcome=outcome)
    assert said in str(told.value)


def test_what_is_called_the_target_is_reported_before_other_outcomes() -> None:
    table = pd.DataFrame({"id": IDS, "default": FLAGS, "y": FLAGS[::-1], "spent": AMOUNTS})
    assert shoal.inspect(table).outcome == "y"
    assert shoal.inspect(table.rename(columns={"y": "Churn"})).outcome == "Churn"
    assert shoal.inspect(table.drop(columns="y")).outcome == "default"


def test_days_are_called_by_what_they_are(dated: pd.DataFrame) -> None:
    profile = shoal.inspect(dated.rename(columns={"signup_date": "Dt_Customer"}))
    assert profile.column("days as customer").label == "days as customer"
    assert profile.column("days since last purchase").label == "days since last purchase"


def test_the_value_that_was_said_is_the_only_one() -> None:
    parts = {"MntWine": AMOUNTS, "MntMeat": AMOUNTS[::-1]}
    said = {"x1": {"meaning": "other", "role": "value"}}
    for guessed in (
        {"revenue": RNG.lognormal(7, 1, N)},
        {},
    ):  # a guess before it, or a made total behind it
        table = pd.DataFrame({"id": IDS, **guessed, **parts, "x1": RNG.lognormal(5, 1, N)})
        profile = shoal.inspect(table, columns=said)
        assert profile.named("value") == ("x1",)
        assert set(profile.basis) == {*guessed, *parts, "x1"}
