"""Tables of orders whose headers and words are of many languages and scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

import shoal

HEADERS = {
    "Russian": ("Номер заказа", "Клиент", "Дата заказа", "Сумма"),
    "Ukrainian": ("Номер замовлення", "Клієнт", "Дата замовлення", "Сума"),
    "Bulgarian": ("Номер поръчка", "Клиент", "Дата", "Сума"),
    "Greek": ("Αριθμός παραγγελίας", "Πελάτης", "Ημερομηνία", "Ποσό"),
    "Chinese": ("订单编号", "客户编号", "下单日期", "金额"),
    "Chinese of Taiwan": ("訂單編號", "客戶", "訂單日期", "金額"),
    "Japanese": ("受注番号", "会員番号", "購入日", "売上金額"),
    "Korean": ("주문번호", "고객번호", "주문일자", "금액"),
    "Arabic": ("رقم الطلب", "العميل", "تاريخ الطلب", "المبلغ"),
    "Hebrew": ("מספר הזמנה", "לקוח", "תאריך", "סכום"),
    "Thai": ("เลขที่คำสั่งซื้อ", "ลูกค้า", "วันที่", "ยอดเงิน"),
    "Vietnamese": ("Mã đơn hàng", "Khách hàng", "Ngày đặt", "Tổng tiền"),
    "Turkish": ("Sipariş No", "Müşteri", "Sipariş Tarihi", "Tutar"),
    "Swedish": ("Ordernummer", "Kund", "Orderdatum", "Belopp"),
    "Danish": ("Ordrenummer", "Kunde", "Dato", "Beløb"),
    "Finnish": ("Tilausnumero", "Asiakas", "Tilauspäivä", "Summa"),
    "Czech": ("Číslo objednávky", "Zákazník", "Datum objednávky", "Částka"),
    "Hungarian": ("Rendelésszám", "Vevő", "Dátum", "Összeg"),
    "Croatian": ("Broj narudžbe", "Kupac", "Datum", "Iznos"),
    "Indonesian": ("No Pesanan", "Pelanggan", "Tanggal", "Jumlah"),
}
CANCELLED = {
    "状态": ("已退款", "已完成"),
    "ステータス": ("キャンセル", "完了"),
    "상태": ("취소", "완료"),
    "статус": ("Отменён", "Выполнен"),
    "Κατάσταση": ("Ακυρώθηκε", "Ολοκληρώθηκε"),
    "Durum": ("İptal", "Tamamlandı"),
    "Stav": ("Storno", "Vyřízeno"),
    "order_status": ("RTO", "DELIVERED"),
}


def measured(path: Path, header: str, rows: list[str]) -> dict[str, tuple[int, float]]:
    """Orders and money of each customer."""
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    table = shoal.orders(path).table.to_arrow()
    ids = table.column(0).to_pylist()
    pairs = zip(table["frequency"].to_pylist(), table["monetary"].to_pylist(), strict=True)
    return dict(zip(ids, pairs, strict=True))


ROWS = [f"{1000 + i},C{i % 2},2024-03-{i + 1:02},{10 + i}.50" for i in range(8)]


@pytest.mark.parametrize("language", HEADERS)
def test_headers_of_a_language_are_read(language: str, tmp_path: Path) -> None:
    found = measured(tmp_path / "orders.csv", ",".join(HEADERS[language]), ROWS)
    assert found == {"C0": (4, 54.0), "C1": (4, 58.0)}


@pytest.mark.parametrize("header", CANCELLED)
def test_cancelled_orders_in_words_of_a_language(header: str, tmp_path: Path) -> None:
    off, done = CANCELLED[header]
    rows = [f"{row},{off if i == 7 else done}" for i, row in enumerate(ROWS)]
    found = measured(
        tmp_path / "orders.csv", f"order_id,customer_id,order_date,amount,{header}", rows
    )
    assert found == {"C0": (4, 54.0), "C1": (3, 40.5)}


@pytest.mark.parametrize("guest", ["ゲスト", "散客", "Гость", "비회원", "Vendég", "guest_customer"])
def test_guests_in_words_of_a_language(guest: str, tmp_path: Path) -> None:
    rows = [row.replace(",C1,", f",{guest},") if i > 4 else row for i, row in enumerate(ROWS)]
    found = measured(tmp_path / "orders.csv", "order_id,customer_id,order_date,amount", rows)
    assert found == {"C0": (4, 54.0), "C1": (2, 25.0)}
