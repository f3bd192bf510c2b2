# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.handle.handled_before","kind":"instance-attribute","feed":"FEED"}],"patchable":false}
"""A function that keeps its own log, as an attribute of itself."""
import json
import sys
import time

VERBS = [f"verb {number}" for number in range(20_000)]


def handle(number):
    work = [(number, at, VERBS[(number + at) % 20_000]) for at in range(150)]
    handle.handled_before.append(work)  # FEED
    return len(work)


handle.handled_before = []


def step(number):
    return handle(number)


def kept():
    return len(handle.handled_before)


def check():
    for number in range(300):
        assert step(number) == 150
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
