# expect: {"verdict":"healthy"}

"""Counts what it does: numbers that only grow, in a log that only grows, and memory that does not."""
import json
import sys
import time


class Statistics:
    def __init__(self):
        self.processed = 0
        self.failed = 0
        self.characters = 0

    def book(self, text, good):
        self.processed += 1
        self.failed += 0 if good else 1
        self.characters += len(text)


STATISTICS = Statistics()
WORDS = [f"word{number}" for number in range(20_000)]


def step(number):
    text = " ".join(WORDS[(number * 11 + at) % 20_000] for at in range(300))
    STATISTICS.book(text, number % 9 != 0)
    if number % 50 == 0:
        print(f"Processed {STATISTICS.processed} texts, {STATISTICS.failed} failed", file=sys.stderr)
    return len(text)


def kept():
    return 0


def check():
    lengths = sum(step(number) for number in range(300))
    assert STATISTICS.processed == 300 and STATISTICS.failed == 34
    assert STATISTICS.characters == lengths


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
