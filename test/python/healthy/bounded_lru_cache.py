# expect: {"verdict":"healthy"}

"""Pages rendered once and remembered for a while: lru_cache with a maxsize that the warm-up has reached."""
import functools
import json
import sys
import time

LABELS = [f"label {number}" for number in range(20_000)]


@functools.lru_cache(maxsize=300)
def render(page):
    return "\n".join(f"<li class='row'>{LABELS[(page * 10 + at) % 20_000]}</li>" for at in range(400))


def step(number):
    return len(render(number)) + len(render(number // 2))


def kept():
    return render.cache_info().currsize


def check():
    for number in range(400):
        assert render(number).count("\n") == 399
        assert f"label {number * 10}<" in render(number)
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
