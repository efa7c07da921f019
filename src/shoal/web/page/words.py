"""The words of the page: what steps, roles and meanings are called."""

from __future__ import annotations

STEPS = {
    "": "Getting ready",
    "starting": "Getting ready",
    "reading": "Reading the table",
    "describing": "Looking at every column",
    "summing up": "Summing orders up to customers",
    "encoding": "Turning columns into numbers",
    "choosing k": "Trying different numbers of segments, and whether there are groups at all",
    "choosing k anew": "Choosing the number of segments again on parts of the table",
    "placing": "Placing everybody in a segment",
    "fitting everybody": "Refining the segments on all rows",
    "examining": "Finding the segments again on other samples, to see how far to believe them",
    "interpreting": "Finding names, rules and actions",
    "writing": "Writing files",
    "drawing": "Drawing figures",
}
OF_ROWS = ("reading", "summing up", "encoding", "placing", "writing")
ROLES = {
    "basis": "forms segments",
    "describe": "describes only",
    "value": "the value (money)",
    "id": "tells rows apart",
    "date": "a date",
    "ignore": "left out",
}
MEANINGS = {
    "unknown": "not known",
    "constant": "the same everywhere",
    "id": "an id",
    "order_id": "an order number",
    "row_number": "a row number",
    "contact": "a name or address",
    "text": "free text",
    "old_label": "an old segment or score",
    "leak": "a forecast of the outcome",
    "money_in": "money they bring",
    "money_out": "money they cost",
    "transfer": "money moved",
    "means": "income, savings or limits",
    "debt": "debt",
    "activity": "activity",
    "quantity": "how many",
    "product_category": "what was bought",
    "recency": "time since last seen",
    "tenure": "time since the start",
    "trouble": "complaints, returns",
    "since_trouble": "time since trouble",
    "outcome": "an outcome",
    "opinion": "an opinion or score",
    "share": "a share",
    "trend": "a trend",
    "code": "a code",
    "who": "who they are",
    "order_date": "the date of an order",
    "date": "a date",
    "other": "something else",
}
OF_ORDERS = {
    "customer": "Customer",
    "order": "Order number",
    "date_column": "Date",
    "amount": "Amount",
    "quantity": "Quantity",
    "price": "Unit price",
    "product": "Product",
}
OPTIONS = {  # what the page has for them
    "by": f'"{ROLES["basis"]}" under "What it does"',
    "describe": f'"{ROLES["describe"]}" under "What it does"',
    "value": f'"{ROLES["value"]}" under "What it does"',
    "id": f'"{ROLES["id"]}" under "What it does"',
    "ignore": f'"{ROLES["ignore"]}" under "What it does"',
    "columns": '"Stands for" beside the column',
    "orders": '"One order, or a line of one" under "What is a row?"',
    "one_row_a_customer": '"One customer, whatever it looks like" under "What is a row?"',
    "k": "number of segments",
    "k_max": 'number under "Another number of segments"',
    **{what: f'"{name}" under "Columns of orders"' for what, name in OF_ORDERS.items()},
}
DIRECTIONS = {
    "good": "more is good",
    "bad": "more is bad",
    "none": "neither",
    "unknown": "not known",
}
MEMBERS = {  # what stands beside the columns of the table
    "runner_up": "Next nearest segment",
    "margin": "From border (0) to centre (1)",
    "unlike_anyone": "Unlike anyone",
}
OF_ROWS_OF_ORDERS = (
    "Rows are summed up to customers when the segments are found. What stands here is said of the "
    "orders, before that."
)
LOST = (
    "If a table was here: it is deleted when the page ends, and two hours after somebody has last "
    "looked at it, and only the browser that gave it sees it. Give it again at the start."
)
SMALLER = (
    "Leave out rows or columns, or send it as Parquet, which is smaller. Whoever started the page "
    "can let it take more (option max-upload)."
)
SEVERITIES = {"error": "Error", "warning": "Please look", "info": "Good to know"}


def step(name: str) -> str:
    """What is going on, in words.

    >>> step("choosing k")[:25], step("something new")
    ('Trying different numbers ', 'Something new')
    """
    return STEPS.get(name, name.capitalize())


def how_far(name: str, rows: int, total: int | None) -> str:
    """How many rows are done; other steps count rounds, which are nobody's concern.

    >>> how_far("reading", 0, None), how_far("placing", 1200, 5000), how_far("examining", 3, 50)
    ('', '1,200 of 5,000 rows', '')
    """
    if not rows or name not in OF_ROWS:
        return ""
    return f"{rows:,} of {total:,} rows" if total else f"{rows:,} rows"


def spent(seconds: int) -> str:
    """For how long something has been done.

    >>> spent(7), spent(125)
    ('7 s', '2 min 5 s')
    """
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def fault(error: Exception) -> tuple[str, str]:
    """What is said of a fault of shoal's own, which may quote the table itself; and the hint.

    >>> fault(KeyError("Ann"))
    ("A fault of shoal's own (KeyError).", 'Nothing that was found before is lost.')
    """
    said = f"A fault of shoal's own ({type(error).__name__})."
    return said, "Nothing that was found before is lost."


def no_room(error: OSError) -> tuple[str, str]:
    """What is said of a file that the system refuses, and the hint.

    >>> no_room(OSError(28, "No space left on device"))[0]
    'A file could not be read or written: No space left on device.'
    """
    said = f"A file could not be read or written: {error.strerror or type(error).__name__}."
    return said, "Is there room on the disk?"


def too_large(most: int) -> str:
    """What is said of more bytes than may be sent; 0 where no file is awaited.

    >>> too_large(60_000_000), too_large(0)
    ('This is larger than the 60 MB that the page takes.', 'This is larger than the page takes.')
    """
    return f"This is larger than {f'the {most // 10**6} MB that ' if most else ''}the page takes."


def waiting(ahead: int) -> str:
    """How many are served before this one.

    >>> waiting(1), waiting(3)
    ('Waiting: one other table is being worked on', 'Waiting: 3 other tables come first')
    """
    if ahead == 1:
        return "Waiting: one other table is being worked on"
    return f"Waiting: {ahead} other tables come first"
