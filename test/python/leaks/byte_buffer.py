# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","large-allocation"],"holders":[{"name":"{module}.RECORDING","kind":"module-variable","feed":"FEED"}],"patchable":false}
"""Everything that came over the wire, in one bytearray that is never cut."""
import json
import sys
import time

RECORDING = bytearray()
PACKETS = [bytes([number % 256]) * 12_000 for number in range(256)]


def receive(number):
    packet = PACKETS[number % 256]
    RECORDING.extend(packet)  # FEED
    return len(packet)


def step(number):
    return receive(number)


def kept():
    return len(RECORDING)


def check():
    for number in range(300):
        assert step(number) == 12_000
    assert kept() == 300 * 12_000


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
