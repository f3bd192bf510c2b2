# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.READINGS[str]","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""Sensors that report all the time: few names, and under each name a list that only grows."""
import json
import sys
import time

READINGS = {}
CALIBRATION = [1 + number / 1000 for number in range(50_000)]


def measured(sensor, number):
    offset = len(sensor) * 100
    return [CALIBRATION[offset + at] * (number + at) for at in range(600)]


def report(number):
    sensor = "sensor-%02d" % (number % 8)
    values = measured(sensor, number)
    history = READINGS.setdefault(sensor, [])
    history.append(values)  # FEED
    return max(values)


def step(number):
    return report(number)


def kept():
    return sum(len(history) for history in READINGS.values())


def check():
    for number in range(300):
        highest = report(number)
        assert highest == CALIBRATION[900 + 599] * (number + 599)
        assert max(READINGS["sensor-%02d" % (number % 8)][-1]) == highest


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
