# truth: {"holders":[]}
"""A shop with nothing wrong with it.

It has what leaks are made of: a cache, a list that fills up, a counter in the log that only grows. But the cache
drops what has not been used for longest, the list is emptied when a batch is sent, and a number is only a number.
"""
import logging
import time
from collections import OrderedDict

CACHE_SIZE = 150
BATCH_SIZE = 40
ORDERS_PER_SECOND = 50
LIVES_SECONDS = 120

log = logging.getLogger("shop")


class PriceCache:
    """Prices by article; the least recently used one goes when there are too many."""

    def __init__(self, size):
        self.size = size
        self.prices = OrderedDict()

    def price_list(self, article):
        if article in self.prices:
            self.prices.move_to_end(article)
            return self.prices[article]
        prices = [article * 100 + day % 7 for day in range(2000)]
        self.prices[article] = prices
        if len(self.prices) > self.size:
            self.prices.popitem(last=False)
        return prices


class Shop:
    def __init__(self):
        self.cache = PriceCache(CACHE_SIZE)
        self.open_orders = []
        self.processed_count = 0

    def take_order(self, number):
        article = number % 400 if number % 5 == 0 else number % 60  # most people buy what most people buy
        prices = self.cache.price_list(article)
        self.open_orders.append({"number": number, "cents": prices[number % 2000], "note": f"order {number} " * 500})
        self.processed_count += 1
        if len(self.open_orders) >= BATCH_SIZE:
            self.send_batch()

    def send_batch(self):
        cents = sum(order["cents"] for order in self.open_orders)
        log.info("Sent a batch of %d orders, %.2f in all", len(self.open_orders), cents / 100)
        self.open_orders.clear()

    def log_progress(self):
        log.info("Processed %d orders so far", self.processed_count)
        log.info("Cache size: %d price lists", len(self.cache.prices))


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("Shop opened")
    shop = Shop()
    for article in range(CACHE_SIZE):
        shop.cache.price_list(article)
    ends_at = time.monotonic() + LIVES_SECONDS
    number = 0
    while time.monotonic() < ends_at:
        number += 1
        shop.take_order(number)
        if number % 200 == 0:
            shop.log_progress()
        time.sleep(1 / ORDERS_PER_SECOND)
    log.info("Shop closed")


if __name__ == "__main__":
    main()
