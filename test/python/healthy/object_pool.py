# expect: {"verdict":"healthy"}

"""Buffers from a pool, given back after use: the pool is as large as the most that were out at once."""
import json
import sys
import threading
import time


class Pool:
    def __init__(self, size):
        self.size = size
        self.free = []
        self.made = 0
        self.lock = threading.Lock()

    def borrow(self):
        with self.lock:
            if self.free:
                return self.free.pop()
            self.made += 1
            return bytearray(b"." * self.size)

    def give_back(self, block):
        with self.lock:
            self.free.append(block)


POOL = Pool(100_000)


def step(number):
    blocks = [POOL.borrow() for _ in range(number % 20 + 1)]
    for at, block in enumerate(blocks):
        block[at] = number % 256
    marks = sum(block[at] for at, block in enumerate(blocks))
    for block in blocks:
        POOL.give_back(block)
    return marks


def kept():
    return POOL.made


def check():
    for number in range(300):
        assert step(number) == number % 256 * (number % 20 + 1)
    assert POOL.made == 20


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
