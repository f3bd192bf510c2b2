"""pandas with frames in memory as an analysis leaves them: orders, what was joined and grouped from them, text columns
of Python strings and of Arrow-like ones, categories, and a frame for each customer.
"""
import numpy
import pandas

from serve import serve

ORDERS = 400_000
CUSTOMERS = 20_000
PRODUCTS = 3_000

chance = numpy.random.default_rng(4)


def orders():
    customer = chance.integers(0, CUSTOMERS, ORDERS)
    return pandas.DataFrame(
        {
            "customer": customer,
            "product": chance.integers(0, PRODUCTS, ORDERS),
            "amount": chance.gamma(2.0, 40.0, ORDERS),
            "when": pandas.Timestamp("2026-01-01")
            + pandas.to_timedelta(chance.integers(0, 365 * 86_400, ORDERS), unit="s"),
            "state": pandas.Categorical.from_codes(chance.integers(0, 4, ORDERS), ["new", "paid", "sent", "back"]),
            "note": pandas.Series([f"order {index} of customer {who}" for index, who in enumerate(customer)], dtype=object),
            "address": pandas.Series([(f"street {who % 977}", int(who)) for who in customer], dtype=object),
        }
    )


def products():
    return pandas.DataFrame(
        {"price": chance.gamma(3.0, 20.0, PRODUCTS), "name": [f"product {index}" for index in range(PRODUCTS)]},
    )


ORDERS_FRAME = orders()
PRODUCTS_FRAME = products()
JOINED = ORDERS_FRAME.join(PRODUCTS_FRAME, on="product")
BY_DAY = JOINED.groupby([JOINED["when"].dt.date, "state"], observed=True)["amount"].agg(["sum", "count", "mean"])
PIVOT = JOINED.pivot_table(index="product", columns="state", values="amount", aggfunc="sum", observed=True)
BY_CUSTOMER = {who: frame for who, frame in ORDERS_FRAME.head(40_000).groupby("customer")}
ROWS = ORDERS_FRAME.head(50_000).to_dict("records")
serve([ORDERS_FRAME, PRODUCTS_FRAME, JOINED, BY_DAY, PIVOT, BY_CUSTOMER, ROWS])
