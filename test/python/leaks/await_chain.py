# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","retained-objects"],"holders":[{"name":"{module}.Reader.follow.<locals>.backlog","kind":"local","feed":"FEED"}],"patchable":false}
"""A task awaits a method, which awaits another: the list is a local of the innermost, which never ends."""
import asyncio
import json
import sys
import time

LOOP = asyncio.new_event_loop()
asyncio.set_event_loop(LOOP)
AUTHORS = [f"author {number}" for number in range(20_000)]


class Reader:
    def __init__(self):
        self.inbox = asyncio.Queue()
        self.read_so_far = 0

    async def follow(self):
        backlog = []
        while True:
            number = await self.inbox.get()
            backlog.append({at: AUTHORS[(number + at) % 20_000] for at in range(400)})  # FEED
            self.read_so_far = len(backlog)
            self.inbox.task_done()

    async def subscribe(self):
        await self.follow()


async def run(reader):
    await reader.subscribe()


READER = Reader()
RUNNING = LOOP.create_task(run(READER))


async def publish(number):
    await READER.inbox.put(number)
    await READER.inbox.join()


def step(number):
    LOOP.run_until_complete(publish(number))
    return READER.read_so_far


def kept():
    return READER.read_so_far


def check():
    for number in range(300):
        assert step(number) == number + 1


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
