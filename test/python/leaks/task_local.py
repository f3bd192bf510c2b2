# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","retained-objects"],"holders":[{"name":"{module}.keep_minutes.<locals>.minutes","kind":"local","feed":"FEED"}],"patchable":false}
"""An asyncio task that lives as long as the loop, with a local list that it never shortens."""
import asyncio
import json
import sys
import time

LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(LOOP)
SPEECHES = asyncio.Queue()
TOPICS = [f"topic {number}" for number in range(20_000)]


async def keep_minutes():
    minutes = []
    while True:
        number, answer = await SPEECHES.get()
        minutes.append([(number, at, TOPICS[(number + at) % 20_000]) for at in range(150)])  # FEED
        answer.set_result(len(minutes))


async def speak(number):
    answer = LOOP.create_future()
    await SPEECHES.put((number, answer))
    return await answer


SECRETARY = LOOP.create_task(keep_minutes())


def step(number):
    return LOOP.run_until_complete(speak(number))


def kept():
    return step(0)


def check():
    before = step(0)
    for number in range(300):
        assert step(number) == before + number + 1


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
