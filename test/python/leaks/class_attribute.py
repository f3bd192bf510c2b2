# expect: {"verdict":"leak","causes":["global-accumulation","unbounded-collection"],"holders":[{"name":"{module}.Connection.opened","kind":"class-attribute","feed":"FEED"}],"patchable":true}
"""Connections that register themselves with their class when they open, and never sign off."""
import json
import sys
import time


class Connection:
    opened = []

    def __init__(self, peer):
        self.peer = peer
        self.buffer = bytearray(peer.encode() * 1500)
        self.sent = 0
        Connection.opened.append(self)  # FEED

    def transmit(self, message):
        self.buffer[: len(message)] = message
        self.sent += len(message)
        return self.sent


class Directory:
    def __init__(self, size):
        self.addresses = {number: f"10.{number // 250}.{number % 250}.1" for number in range(size)}

    def look_up(self, number):
        return self.addresses[number % len(self.addresses)]


DIRECTORY = Directory(20_000)


def step(number):
    connection = Connection(DIRECTORY.look_up(number))
    connection.transmit(b"hello")
    return connection.transmit(b"good bye")


def kept():
    return len(Connection.opened)


def check():
    for number in range(300):
        assert step(number) == 13
        assert DIRECTORY.look_up(number) == f"10.{number // 250}.{number % 250}.1"


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
