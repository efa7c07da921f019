"""Excel workbooks for tests, made without a library."""

from __future__ import annotations

import io
import zipfile
from typing import Any


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    """The least that is an Excel workbook."""
    packed = io.BytesIO()
    names = "".join(
        f'<sheet name="{n}" sheetId="{i}" r:id="r{i}"/>' for i, n in enumerate(sheets, 1)
    )
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    links = "".join(
        f'<Relationship Id="r{i}" Type="{kind}/worksheet" Target="worksheets/s{i}.xml"/>'
        for i in range(1, len(sheets) + 1)
    )
    rel = "http://schemas.openxmlformats.org/package/2006/relationships"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{rel}"><Relationship Id="a" Type="{kind}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {main} xmlns:r="{kind}"><sheets>{names}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{rel}">{links}</Relationships>'
        )
        for i, rows in enumerate(sheets.values(), 1):
            archive.writestr(
                f"xl/worksheets/s{i}.xml",
                f"<worksheet {main}><sheetData>{_rows(rows)}</sheetData></worksheet>",
            )
    return packed.getvalue()


def _rows(rows: list[list[Any]]) -> str:
    def cell(row: int, at: int, value: Any) -> str:
        where = f'r="{"ABCDEFGH"[at]}{row}"'
        if isinstance(value, str):
            return f'<c {where} t="inlineStr"><is><t>{value}</t></is></c>'
        return "" if value is None else f"<c {where}><v>{value}</v></c>"

    return "".join(
        f'<row r="{i}">{"".join(cell(i, j, v) for j, v in enumerate(r))}</row>'
        for i, r in enumerate(rows, 1)
    )
