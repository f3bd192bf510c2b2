# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.RECENT","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""Recent frames for a moving average. Only the last ten are looked at; the deque was given no maxlen."""
import json
import sys
import time
from collections import deque

RECENT = deque()
GAMMA = [(level / 255) ** 2.2 for level in range(256)]
MASKS = [bytes([number % 256]) * 64 for number in range(20_000)]


def frame(number):
    return [GAMMA[(number + at) % 256] + at for at in range(700)]


def smooth(number):
    RECENT.append(frame(number))  # FEED
    window = [RECENT[-1 - back] for back in range(min(10, len(RECENT)))]
    return sum(pixels[0] for pixels in window) / len(window)


def step(number):
    return smooth(number)


def kept():
    return len(RECENT)


def check():
    for number in range(300):
        average = smooth(number)
        last = [GAMMA[before % 256] for before in range(number, max(-1, number - 10), -1)]
        assert abs(average - sum(last) / len(last)) < 1e-9


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
