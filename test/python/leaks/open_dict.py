# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.Profile.steps_taken","kind":"instance-attribute","feed":"FEED"}],"patchable":false}
"""An instance whose __dict__ somebody asked for, beside others of the class that keep their attributes inside."""
import json
import sys
import time

TILES = [f"tile {number}" for number in range(20_000)]


class Profile:
    def __init__(self, title):
        self.title = title
        self.steps_taken = []

    def walk(self, number):
        way = [(number, TILES[(number + at) % 20_000]) for at in range(150)]
        self.steps_taken.append(way)  # FEED
        return len(way)


PROFILES = [Profile(f"profile {number}") for number in range(20)]
SHOWN = vars(PROFILES[7])


def step(number):
    return PROFILES[7].walk(number)


def kept():
    return len(SHOWN["steps_taken"]) if "steps_taken" in SHOWN else len(PROFILES[7].steps_taken)


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
