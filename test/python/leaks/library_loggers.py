# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","unbounded-cache"],"holders":[{"name":"logging.Manager.loggerDict","kind":"instance-attribute","library":"logging/__init__.py"}],"patchable":false}
"""A logger for each order: logging keeps every logger that was ever asked for."""
import json
import logging
import sys
import time

CLERKS = [f"clerk {number}" for number in range(20_000)]


def log_of(number):
    log = logging.getLogger(f"order {number}")
    log.papers = [(number, CLERKS[(number + at) % 20_000]) for at in range(150)]
    return log


def step(number):
    return len(log_of(number).papers)


def kept():
    return len(logging.root.manager.loggerDict)


def check():
    for number in range(300):
        assert step(number) == 150
    assert kept() >= 300


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
