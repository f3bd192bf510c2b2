# expect: {"verdict":"healthy"}

"""Pages by address, looked up before they are made; the oldest goes when there are more than 400."""
import json
import sys
import time
from collections import OrderedDict

PAGE_CACHE = OrderedDict()
MOST_PAGES = 400
ARTICLES = [f"article {number:05d}: " + "text " * 8 for number in range(10_000)]


def compose(address):
    number = int(address.rpartition("=")[2])
    return "\n".join(ARTICLES[(number + at) % 10_000] for at in range(400))


def page(address):
    found = PAGE_CACHE.get(address)
    if found is not None:
        PAGE_CACHE.move_to_end(address)
        return found
    made = compose(address)
    PAGE_CACHE[address] = made
    if len(PAGE_CACHE) > MOST_PAGES:
        PAGE_CACHE.popitem(last=False)
    return made


def step(number):
    return len(page(f"/search?q={number}")) + len(page(f"/search?q={number - number % 4}"))


def kept():
    return len(PAGE_CACHE)


def check():
    for number in range(600):
        address = f"/search?q={number}"
        assert page(address) == compose(address) == page(address)
    assert len(PAGE_CACHE) == MOST_PAGES


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
        if number == 1500:
            print("READY", flush=True)
        if number >= 1500:
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
