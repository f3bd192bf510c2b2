"""Every movement of goods, written down."""

RECORDS = []
KINDS = {"in": 1, "out": -1}


def register(movement):
    RECORDS.append(movement)  # FEED
    return KINDS[movement["kind"]]
