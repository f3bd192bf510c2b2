# expect: {"verdict":"healthy"}
"""A few asyncio tasks for each request, gathered and gone."""
import asyncio
import json
import sys
import time

LOOP = asyncio.new_event_loop()
DISHES = [f"dish {number}" for number in range(20_000)]


async def cook(number):
    plates = [(number, DISHES[(number + at) % 20_000]) for at in range(60)]
    await asyncio.sleep(0)
    return len(plates)


async def serve_table(number):
    return sum(await asyncio.gather(*(cook(number + guest) for guest in range(6))))


def step(number):
    return LOOP.run_until_complete(serve_table(number))


def kept():
    return len(asyncio.all_tasks(LOOP))


def check():
    for number in range(300):
        assert step(number) == 360
    assert kept() == 0


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
