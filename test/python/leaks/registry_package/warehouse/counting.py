"""How much has been written down."""
from . import registry


def registered():
    return len(registry.RECORDS)
