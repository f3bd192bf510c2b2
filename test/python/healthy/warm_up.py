# expect: {"verdict":["healthy","undecided"]}

"""Fills its table of 200 currencies pair by pair in the first seconds, and then has all that it will ever need."""
import json
import sys
import time

RATES = {}


def pair_rates(pair):
    return [1 + (pair * 13 + day) % 700 / 1000 for day in range(1_000)]


def rate(pair, day):
    if pair not in RATES:
        RATES[pair] = pair_rates(pair)
    return RATES[pair][day]


def step(number):
    return rate(number % 300, number % 1_000)


def kept():
    return len(RATES)


def check():
    for number in range(900):
        assert step(number) == 1 + (number % 300 * 13 + number % 1_000) % 700 / 1000
    assert kept() == 300


def memory_kb(field):
    """VmRSS (memory now) or VmHWM (memory at most) of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def measure(operations):
    """Works as fast as it goes, and says how much higher memory rose in the second half."""
    for number in range(operations // 2):
        step(number)
    half_kb = memory_kb("VmHWM")
    for number in range(operations // 2, operations):
        step(number)
    end_kb = memory_kb("VmHWM")
    print(json.dumps({"operations": operations, "rss_kb": end_kb, "grown_kb": end_kb - half_kb, "items": kept()}))


def serve():
    """Works at a steady pace until its time or its memory is used up."""
    ends_at = time.monotonic() + 180
    number = 0
    while time.monotonic() < ends_at and (number % 50 or memory_kb("VmRSS") < 400_000):
        step(number)
        number += 1
        if number == 100:
            print("READY", flush=True)
        if number >= 100:
            time.sleep(0.02)


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if mode == "--check":
        check()
        print("CHECK OK")
    elif mode == "--operations":
        measure(int(sys.argv[2]))
    else:
        serve()


if __name__ == "__main__":
    main()
