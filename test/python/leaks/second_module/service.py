# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"telemetry.Collector.spans","kind":"instance-attribute","feed":"FEED"}],"patchable":true}
"""A service whose tracing library, the module beside it, collects spans that nobody sends."""
import json
import sys
import time

import telemetry

DISCOUNTS = [number % 30 for number in range(40_000)]


def quote(number):
    with telemetry.traced("quote") as span:
        steps = [100 - DISCOUNTS[(number + at) % 40_000] for at in range(450)]
        span.note("steps", [step * 1000 for step in steps])
        return sum(steps)


def step(number):
    return quote(number)


def kept():
    return len(telemetry.COLLECTOR.spans)


def check():
    for number in range(300):
        assert quote(number) == sum(100 - (number + at) % 30 for at in range(450))
        assert telemetry.COLLECTOR.spans[-1].title == "quote"


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
