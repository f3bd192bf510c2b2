# truth: {"holders":[{"name":"__main__.FORECASTS","kind":"module-variable","bytesPerItem":78240,"feed":"# nothing ever leaves"}]}
"""A weather service with a cache that has no last page.

A forecast takes a while to compute, so it is kept by its address: place and minute. The same address is asked for
four times, and the cache answers three of them; it is a good cache. But there is a new minute every minute, and
nobody will ever ask for the old ones again.
"""
import logging
import math
import time

PLACES = ["Bergen", "Galway", "Lisbon", "Naples", "Riga", "Tampere", "Varna", "Zadar"]
HOURS = 2400
REQUESTS_PER_SECOND = 80
LIVES_SECONDS = 120

FORECASTS = {}

log = logging.getLogger("weather")


def compute_forecast(place, minute):
    """Temperatures for the next hours. Meteorologists, look away."""
    latitude = 40 + PLACES.index(place) * 3
    return [60 - latitude + 8 * math.sin((minute / 60 + hour) * math.pi / 12) for hour in range(HOURS)]


def forecast(place, minute):
    address = f"/forecast/{place}?minute={minute}"
    if address in FORECASTS:
        return FORECASTS[address]
    temperatures = compute_forecast(place, minute)
    FORECASTS[address] = temperatures  # nothing ever leaves
    return temperatures


def requests():
    """Place and minute of each request: every place is asked for four times a minute. The minutes are short here."""
    minute = 0
    while True:
        for place in PLACES * 4:
            yield place, minute
        minute += 1


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("Weather service started")
    ends_at = time.monotonic() + LIVES_SECONDS
    for number, (place, minute) in enumerate(requests(), start=1):
        temperatures = forecast(place, minute)
        if number % 400 == 0:
            log.info("Answered %d requests; %s will see %.1f degrees", number, place, max(temperatures))
            log.info("Cache size: %d forecasts", len(FORECASTS))
        if time.monotonic() > ends_at:
            break
        time.sleep(1 / REQUESTS_PER_SECOND)
    log.info("Weather service stopped")


if __name__ == "__main__":
    main()
