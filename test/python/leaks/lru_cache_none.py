# expect: {"verdict":"leak","causes":["unbounded-cache"],"holders":[{"name":"{module}.render","kind":"cache-decorator","feed":"FEED"}],"patchable":true}
"""Pages rendered once and remembered for ever: lru_cache(None) never evicts."""
import functools
import json
import sys
import time

TEMPLATE = "<li class='row'>{}</li>"
LABELS = [f"label {number}" for number in range(20_000)]


@functools.lru_cache(None)  # FEED
def render(page, columns):  # FEED
    rows = [TEMPLATE.format(LABELS[(page * 10 + at) % 20_000]) for at in range(400 // columns)]
    return "\n".join(rows)


def visit(number):
    newest = render(number, 1)
    again = render(number // 2, 1)
    return len(newest), len(again)


def step(number):
    return visit(number)


def kept():
    return render.cache_info().currsize


def check():
    for number in range(300):
        lengths = visit(number)
        assert lengths[0] == len("\n".join(TEMPLATE.format(LABELS[number * 10 + at]) for at in range(400)))
        assert lengths[1] == len(render(number // 2, 1))


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
