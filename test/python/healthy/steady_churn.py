# expect: {"verdict":"healthy"}

"""Baskets fill and are paid: containers that are full and empty again every second."""
import json
import sys
import time

BASKETS = {}
WAITING = []
STOCK = {number: f"article {number}" for number in range(30_000)}


def put(basket, number):
    BASKETS.setdefault(basket, []).append([STOCK[(number + at) % 30_000] * 3 for at in range(80)])
    WAITING.append(number)
    if len(WAITING) >= 50:
        return pay()
    return 0


def pay():
    paid = sum(len(lines) for basket in BASKETS.values() for lines in basket)
    BASKETS.clear()
    WAITING.clear()
    return paid


def step(number):
    return put(f"basket {number % 7}", number)


def kept():
    return len(WAITING)


def check():
    for number in range(300):
        assert step(number) == (50 * 80 if number % 50 == 49 else 0)


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
        if number == 200:
            print("READY", flush=True)
        if number >= 200:
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
