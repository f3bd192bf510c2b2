# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","retained-objects"],"holders":[{"name":"{module}.running_median.<locals>.past","kind":"local","feed":"FEED"}],"patchable":true}
"""A generator that lives as long as the program, with a local list that it never shortens."""
import json
import sys
import time

GRID = {(row, column): row * column for row in range(150) for column in range(150)}


def running_median(width):
    past = []
    middle = None
    while True:
        values = yield middle, len(past)
        past.append(values)  # FEED
        newest = sorted(past[-1])
        middle = newest[len(newest) // 2] + width


MEDIAN = running_median(3)
next(MEDIAN)


def values_of(number):
    return [number * 1000 + (at * 71) % 601 + 0.5 for at in range(601)]


def step(number):
    return MEDIAN.send(values_of(number))[0]


def kept():
    return MEDIAN.send(values_of(0))[1]


def check():
    for number in range(300):
        assert step(number) == number * 1000 + 300.5 + 3


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
