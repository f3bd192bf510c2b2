"""Shelves with places, and the movements between them."""
from .registry import register


class Shelf:
    def __init__(self, size):
        self.places = {number: f"place {number}" for number in range(size)}

    def move(self, number):
        pallets = [f"pallet {number}/{at} from {self.places[at]}" for at in range(200)]
        sign = register({"kind": "in", "number": number, "pallets": pallets})
        return number * 2 * sign
