# expect: {"verdict":"leak","causes":["unbounded-cache"],"holders":[{"name":"{module}.PAGE_CACHE","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""Pages by address, looked up before they are made. The address has a query string, so there is no end of them."""
import json
import sys
import time
from collections import Counter

PAGE_CACHE = {}
SEEN = Counter()
ARTICLES = [f"article {number}: " + "text " * 8 for number in range(10_000)]


def compose(address):
    number = int(address.rpartition("=")[2])
    return "\n".join(ARTICLES[(number + at) % 10_000] for at in range(400))


def page(address):
    found = PAGE_CACHE.get(address)
    if found is not None:
        SEEN["hit"] += 1
        return found
    SEEN["miss"] += 1
    made = compose(address)
    PAGE_CACHE[address] = made  # FEED
    return made


def step(number):
    fresh = page(f"/search?q={number}")
    again = page(f"/search?q={number - number % 4}")
    return len(fresh) + len(again)


def kept():
    return len(PAGE_CACHE)


def check():
    for number in range(300):
        address = f"/search?q={number}"
        assert page(address) == compose(address)
        assert page(address) == compose(address)
    assert SEEN["hit"] >= 300


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
