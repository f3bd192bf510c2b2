# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.VISITS","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""Visits by visitor: a defaultdict makes a new list for everyone who comes by, and each comes only a few times."""
import json
import sys
import time
from collections import defaultdict

VISITS = defaultdict(list)
PAGES = [f"/articles/{number}" for number in range(30_000)]


def note_visit(visitor, page):
    VISITS[visitor].append({"page": page, "referrer": "https://example.org" + page * 40})  # FEED
    return len(VISITS[visitor])


def step(number):
    clicks = 0
    for at in range(25):
        clicks = note_visit(f"visitor {number * 8 + at // 3}", PAGES[(number + at) % 30_000])
    return clicks


def kept():
    return len(VISITS)


def check():
    for number in range(300):
        assert step(number * 2) == 1
        assert note_visit(f"guest {number}", PAGES[0]) == 1
        assert note_visit(f"guest {number}", PAGES[1]) == 2


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
