# expect: {"verdict":"leak","causes":["retained-objects","unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.FAILURES","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""Failed imports kept for a report. Each exception keeps its traceback, that its frames, and those the whole upload."""
import json
import sys
import time

FAILURES = []
SCHEMA = {f"column {number}": number % 4 for number in range(20_000)}


class BadRow(Exception):
    pass


def parse(number):
    upload = bytes([number % 250 + 1]) * 200_000
    table = [upload[at : at + 100] for at in range(0, 2_000, 100)]
    if number % 10 == 3:
        raise BadRow(f"row {number}: {len(table)} lines, first byte {upload[0]}")
    return len(table) + SCHEMA[f"column {number % 20_000}"]


def take_in(number):
    try:
        return parse(number)
    except BadRow as error:
        FAILURES.append(error)  # FEED
        return -1


def step(number):
    return take_in(number)


def kept():
    return len(FAILURES)


def check():
    for number in range(300):
        result = take_in(number)
        if number % 10 == 3:
            assert result == -1 and str(number) in str(FAILURES[-1])
        else:
            assert result == 20 + number % 4


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
