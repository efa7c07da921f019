"""Orders as shops, tills and ledgers export them; customers, orders, money and last day by hand."""

from __future__ import annotations

import datetime as dt

import pytest

import shoal

EXPORTS = {
    "shopify_orders": (
        "Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,"
        "Taxes,Total,Discount Amount,Created at,Lineitem quantity,Lineitem name,"
        "Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id\n"
        "#1001,ann@x.com,paid,2024-03-01 12:00:10 +0100,fulfilled,EUR,30.00,5.00,5.59,"
        "35.00,0.00,2024-03-01 12:00:00 +0100,1,Cup,10.00,CUP,,0.00,5001\n"
        "#1001,ann@x.com,,,,,,,,,,2024-03-01 12:00:00 +0100,2,Plate,10.00,PLA,,,\n"
        "#1002,bob@x.com,paid,2024-03-02 09:00:10 +0100,fulfilled,EUR,20.00,5.00,3.99,"
        "25.00,0.00,2024-03-02 09:00:00 +0100,2,Plate,10.00,PLA,,0.00,5002\n"
        "#1003,ann@x.com,partially_refunded,2024-03-05 09:00:10 +0100,fulfilled,EUR,40.00,"
        "0.00,6.39,40.00,0.00,2024-03-05 09:00:00 +0100,4,Plate,10.00,PLA,,15.00,5003\n"
        "#1004,cy@x.com,refunded,2024-03-06 09:00:10 +0100,,EUR,10.00,5.00,2.39,15.00,0.00,"
        "2024-03-06 09:00:00 +0100,1,Cup,10.00,CUP,2024-03-07 10:00:00 +0100,15.00,5004\n"
        "#1005,cy@x.com,paid,2024-03-08 09:00:10 +0100,fulfilled,EUR,60.00,0.00,9.58,60.00,"
        "0.00,2024-03-08 09:00:00 +0100,1,Cup,10.00,CUP,,0.00,5005\n"
        "#1005,cy@x.com,,,,,,,,,,2024-03-08 09:00:00 +0100,5,Plate,10.00,PLA,,,\n"
        "#1006,Ann@x.com,voided,,,EUR,10.00,5.00,2.39,15.00,0.00,2024-03-09 09:00:00 +0100,"
        "1,Cup,10.00,CUP,2024-03-09 10:00:00 +0100,0.00,5006\n",
        3,
        4,
        145,
        "2024-03-08",
    ),
    "woo_orders": (
        "order_id,order_number,order_date,status,customer_id,billing_email,order_total,"
        "order_currency,refund_total\n"
        "101,101,2024-01-02 10:00:00,wc-completed,0,guest1@x.com,20.00,EUR,0\n"
        "102,102,2024-01-03 10:00:00,wc-completed,17,ann@x.com,30.00,EUR,0\n"
        "103,103,2024-01-04 10:00:00,wc-refunded,17,ann@x.com,10.00,EUR,10.00\n"
        "104,104,2024-01-05 10:00:00,wc-cancelled,18,bob@x.com,99.00,EUR,0\n"
        "105,105,2024-01-06 10:00:00,wc-completed,18,bob@x.com,50.00,EUR,5.00\n"
        "106,106,2024-01-07 10:00:00,wc-failed,19,cy@x.com,12.00,EUR,0\n"
        "107,107,2024-01-08 10:00:00,wc-processing,19,cy@x.com,12.00,EUR,0\n"
        "108,108,2024-01-09 10:00:00,wc-completed,0,guest2@x.com,70.00,EUR,0\n",
        3,
        3,
        87,
        "2024-01-08",
    ),
    "magento": (
        '"ID","Purchase Point","Purchase Date","Bill-to Name","Ship-to Name",'
        '"Grand Total (Base)","Grand Total (Purchased)","Status","Customer Email",'
        '"Total Refunded"\n'
        '"000000001","Main","Jan 2, 2024 10:11:12 AM","Ann A","Ann A","$100.00","$100.00",'
        '"complete","ann@x.com","$0.00"\n'
        '"000000002","Main","Jan 3, 2024 10:11:12 PM","Bob B","Bob B","$50.00","$50.00",'
        '"canceled","bob@x.com","$0.00"\n'
        '"000000003","Main","Jan 4, 2024 10:11:12 AM","Bob B","Bob B","$60.00","$60.00",'
        '"complete","bob@x.com","$20.00"\n'
        '"000000004","Main","Feb 14, 2024 10:11:12 AM","Ann A","Ann A","$10.00","$10.00",'
        '"closed","ann@x.com","$0.00"\n',
        2,
        3,
        150.0,
        "2024-02-14",
    ),
    "stripe": (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,"
        "Converted Amount Refunded,Description,Fee,Status,Customer ID,Customer Email\n"
        "ch_1,2024-01-02 10:00:00,10.00,0.00,usd,true,10.00,0.00,Plan,0.59,Paid,cus_A,"
        "a@x.com\n"
        "ch_2,2024-01-03 10:00:00,20.00,20.00,usd,true,20.00,20.00,Plan,0.88,Refunded,"
        "cus_A,a@x.com\n"
        "ch_3,2024-01-04 10:00:00,30.00,10.00,usd,true,30.00,10.00,Plan,1.17,"
        "Partial Refund,cus_B,b@x.com\n"
        "ch_4,2024-01-05 10:00:00,40.00,0.00,USD,true,40.00,0.00,Plan,1.46,Paid,cus_B,"
        "b@x.com\n"
        "ch_5,2024-01-06 10:00:00,50.00,0.00,usd,false,50.00,0.00,Plan,0,Failed,cus_C,"
        "c@x.com\n",
        2,
        3,
        70,
        "2024-01-05",
    ),
    "amazon_us": (
        "date/time,settlement id,type,order id,sku,description,quantity,marketplace,"
        "product sales,total,buyer email\n"
        '"Jan 2, 2024 1:01:30 AM PST",111,Order,113-1,CUP,Cup,1,amazon.com,20.00,17.00,'
        "a@m.com\n"
        '"Jan 3, 2024 2:01:30 PM PST",111,Order,113-2,CUP,Cup,2,amazon.com,40.00,34.00,'
        "b@m.com\n"
        '"Jan 5, 2024 2:01:30 PM PST",111,Refund,113-2,CUP,Cup,1,amazon.com,-20.00,-17.00,'
        "b@m.com\n"
        '"Jan 6, 2024 2:01:30 PM PST",111,Order,113-3,PLA,Plate,1,amazon.com,15.00,12.00,'
        "a@m.com\n"
        '"Jan 8, 2024 2:01:30 PM PST",111,Service Fee,,,Subscription,,amazon.com,0,-39.99,\n'
        '"Jan 9, 2024 2:01:30 PM PST",111,Transfer,,,To account,,amazon.com,0,-6.01,\n',
        2,
        3,
        None,
        "2024-01-06",
    ),
    "kasse": (
        "Bonnr;Datum;Uhrzeit;Kundennummer;Artikelnr;Bezeichnung;Menge;Einzelpreis;Gesamtpre"
        "is\n"
        "1;02.01.2024;10:15;K1;A1;Brot;2;3,50;7,00\n"
        "1;02.01.2024;10:15;K1;A2;Milch;1;1,20;1,20\n"
        "2;02.01.2024;10:20;;A1;Brot;1;3,50;3,50\n"
        "3;03.01.2024;09:00;K2;A3;Torte;1;1.250,00;1.250,00\n"
        "4;04.01.2024;09:00;K2;A3;Torte;-1;1.250,00;-1.250,00\n"
        "5;05.01.2024;09:00;K1;A1;Brot;1;3,50;3,50\n",
        2,
        3,
        11.7,
        "2024-01-05",
    ),
    "shop_de": (
        "Bestellnummer;Bestelldatum;Kunde;Status;Gesamtbetrag;Währung\n"
        "B-1;02.01.2024;Müller;versendet;1.200,50;EUR\n"
        "B-2;03.01.2024;Meier;storniert;300,00;EUR\n"
        "B-3;04.01.2024;Meier;versendet;99,90;EUR\n"
        "B-4;15.02.2024;Müller;Teilweise erstattet;10,00;EUR\n",
        2,
        3,
        1310.4,
        "2024-02-15",
    ),
    "rechnungen": (
        "Rechnungsnummer;Rechnungsdatum;Kundennr;Nettobetrag\n"
        "RE-2024-001;02.01.2024;10001;100,00\n"
        "RE-2024-002;03.01.2024;10002;200,00\n"
        "GS-2024-001;10.01.2024;10001;40,00\n"
        "RE-2024-003;12.01.2024;10001;60,00\n",
        2,
        3,
        320.0,
        "2024-01-12",
    ),
    "boutique_fr": (
        "N° commande;Date de commande;Client;Statut;Montant TTC\n"
        "C001;02/01/2024;Dupont;Expédiée;1 200,50 €\n"
        "C002;13/01/2024;Durand;Annulée;300,00 €\n"
        "C003;14/01/2024;Durand;Livrée;99,90 €\n"
        "C004;15/02/2024;Dupont;Remboursée;10,00 €\n",
        2,
        2,
        1300.4,
        "2024-01-14",
    ),
    "sap_vbrk": (
        "VBELN;FKART;FKDAT;KUNAG;NETWR;WAERK;FKSTO\n"
        "0090000001;F2;20240102;0000001001;1000,00;EUR;\n"
        "0090000002;F2;20240103;0000001002;500,00;EUR;X\n"
        "0090000003;S1;20240104;0000001002;500,00;EUR;\n"
        "0090000004;G2;20240110;0000001001;200,00;EUR;\n"
        "0090000005;F2;20240115;0000001002;300,00;EUR;\n"
        "0090000006;F8;20240116;0000001001;999,00;EUR;\n",
        2,
        2,
        1100.0,
        "2024-01-15",
    ),
    "sap_names": (
        "Billing Document,Billing Type,Billing Date,Sold-to party,Net Value,"
        "Document Currency\n"
        "90000001,F2,01/20/2024,1001,1000.00,USD\n"
        "90000002,F2,01/21/2024,1002,500.00,USD\n"
        "90000003,RE,01/25/2024,1002,100.00,USD\n"
        "90000004,F2,02/01/2024,1001,50.00,USD\n",
        2,
        3,
        1450.0,
        "2024-02-01",
    ),
    "negozio_it": (
        "Numero ordine;Data ordine;Cliente;Stato;Totale\n"
        "O1;02/01/2024;C1;spedito;100,00\n"
        "O2;03/01/2024;C2;reso;50,00\n"
        "O3;14/01/2024;C2;rimborsato;70,00\n"
        "O4;25/01/2024;C2;spedito;20,00\n",
        2,
        2,
        120.0,
        "2024-01-25",
    ),
    "winkel_nl": (
        "Bestelnummer;Besteldatum;Klantnummer;Status;Totaalbedrag\n"
        "1001;02-01-2024;7;Geleverd;100,00\n"
        "1002;13-01-2024;8;Geannuleerd;50,00\n"
        "1003;14-01-2024;8;Geleverd;30,00\n"
        "1004;15-01-2024;7;Geretourneerd;30,00\n",
        2,
        2,
        130.0,
        "2024-01-14",
    ),
    "sklep_pl": (
        "Numer zamówienia;Data zamówienia;Klient;Status;Kwota\n"
        "Z1;2024-01-02;K1;zrealizowane;100,00\n"
        "Z2;2024-01-03;K2;anulowane;50,00\n"
        "Z3;2024-01-04;K2;zrealizowane;30,00\n"
        "Z4;2024-01-05;K1;zwrócone;30,00\n",
        2,
        2,
        130.0,
        "2024-01-04",
    ),
    "epoch_orders": (
        "order_id,user_id,created_at,amount\n"
        "1,11,1704189600,10\n"
        "2,12,1704276000,20\n"
        "3,11,1704362400,30\n",
        2,
        3,
        60.0,
        "2024-01-04",
    ),
    "events": (
        "event_time,event_type,product_id,category_code,price,user_id\n"
        "2024-01-02 10:00:00 UTC,view,1,a,10.0,1\n"
        "2024-01-02 10:01:00 UTC,cart,1,a,10.0,1\n"
        "2024-01-02 10:02:00 UTC,purchase,1,a,10.0,1\n"
        "2024-01-03 10:00:00 UTC,view,2,a,20.0,2\n"
        "2024-01-04 10:00:00 UTC,purchase,2,a,20.0,2\n",
        2,
        2,
        30.0,
        "2024-01-04",
    ),
    "till_types": (
        "receipt_id,store,date,loyalty_card,type,item,qty,line_total\n"
        "1,S1,2024-01-02,L1,SALE,a,1,10.00\n"
        "1,S1,2024-01-02,L1,SALE,b,2,20.00\n"
        "2,S1,2024-01-03,L2,SALE,a,1,10.00\n"
        "3,S1,2024-01-05,L1,RETURN,b,1,10.00\n"
        "4,S1,2024-01-06,L2,SALE,c,1,5.00\n",
        2,
        3,
        35.0,
        "2024-01-06",
    ),
    "odd_dates": (
        "order_id,customer_id,order_date,amount\n"
        "1,A,2024-01-02,10\n"
        "2,B,2024-01-03,20\n"
        "3,A,0000-00-00,30\n"
        "4,B,9999-12-31,40\n"
        "5,A,1970-01-01,50\n"
        "6,B,2024-01-09,60\n"
        "7,A,2024-01-10,70\n"
        "8,B,2024-01-11,80\n"
        "9,A,2024-01-12,90\n"
        "10,B,2024-01-13,10\n"
        "11,A,2024-01-14,10\n"
        "12,B,2024-01-15,10\n",
        2,
        9,
        360.0,
        "2024-01-15",
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_summed_up_as_it_is_meant(name, tmp_path):
    text, customers, orders, money, last = EXPORTS[name]
    path = tmp_path / f"{name}.csv"
    path.write_text(text, "utf-8")
    found = shoal.orders(path)
    facts = found.facts
    assert (facts.customers, facts.orders) == (customers, orders)
    if money is not None:
        assert sum(found.column("monetary")) == pytest.approx(money)
    assert max(found.column("last_order")) == dt.date.fromisoformat(last)
    aside = sum(rows for _, rows in facts.set_aside)
    assert facts.rows == facts.sales + facts.returns + aside


def test_lines_whose_amount_is_on_another_row_are_set_aside_as_such(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text(EXPORTS["shopify_orders"][0], "utf-8")
    found = shoal.orders(path)
    reason = "that list more of an order whose amount is on another row"
    assert dict(found.facts.set_aside) == {reason: 2}
    assert found.facts.reading.column("order") == "Name"  # #1001


def test_a_price_that_may_be_that_of_all_pieces_is_said(tmp_path):
    path = tmp_path / "items.csv"
    for price, said in (("item-price", ["item-price"]), ("unit-price", []), ("price", [])):
        lines = [f"order-id,customer-id,date,quantity,{price}"]
        lines += [f"{i},C{i % 3},2024-01-{i + 1:02d},2,10.5" for i in range(9)]
        path.write_text("\n".join(lines), "utf-8")
        found = shoal.orders(path)
        assert [f.column for f in found.findings if f.code == "price-or-total"] == said
    asked = shoal.orders(path.rename(tmp_path / "x.csv"), amount="price")
    assert asked.table.to_arrow()["monetary"].to_pylist() == [31.5] * 3


def test_pieces_returned_are_taken_off_at_their_price_or_said(tmp_path):
    path = tmp_path / "items.csv"
    lines = ["order_id,customer_id,date,qty_ordered,qty_refunded,row_total"]
    lines += [f"{i},C{i % 3},2024-01-{i + 1:02d},2,{i % 2},10.5" for i in range(8)]
    path.write_text("\n".join(lines), "utf-8")
    found = shoal.orders(path)  # one of two pieces came back of orders 1, 3, 5 and 7: 5.25 of each
    assert found.column("monetary") == [26.25, 21.0, 15.75]
    assert "in pieces at what one of the row cost" in found.facts.returns_rule
    path.write_text("\n".join(line.replace("qty_ordered", "weight") for line in lines), "utf-8")
    kept = shoal.orders(path)  # without a quantity nobody knows the price of a piece
    assert kept.column("monetary") == [31.5, 31.5, 21.0]
    assert [f.column for f in kept.findings if f.code == "unused-returns"] == ["qty_refunded"]
    with pytest.raises(shoal.OptionError, match=r"counts pieces.*quantity"):
        shoal.orders(path, refunded="qty_refunded")
