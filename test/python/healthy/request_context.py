# expect: {"verdict":"healthy"}
"""Each request runs in a context of its own, with a trail that ends with it."""
import contextvars
import json
import sys
import time

STEPS = contextvars.ContextVar("steps")
STATIONS = {number: f"station {number}" for number in range(20_000)}


def request(number):
    STEPS.set([])
    for at in range(300):
        STEPS.get().append((number, STATIONS[(number + at) % 20_000]))
    return len(STEPS.get())


def step(number):
    return contextvars.copy_context().run(request, number)


def kept():
    return len(contextvars.copy_context())


def check():
    for number in range(300):
        assert step(number) == 300
    assert STEPS.get(None) is None


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
        if number == 700:
            print("READY", flush=True)
        if number >= 700:
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
