# expect: {"verdict":"healthy"}
"""Images by name, as long as anybody uses them: a WeakValueDictionary, and a list of the twenty in use."""
import json
import sys
import time
import weakref

LOADED = weakref.WeakValueDictionary()
IN_USE = []


class Picture:
    def __init__(self, number):
        self.lines = [f"{number}:{at}" for at in range(300)]


def picture(number):
    found = LOADED.get(number)
    if found is None:
        found = LOADED[number] = Picture(number)
    return found


def step(number):
    IN_USE.append(picture(number))
    if len(IN_USE) > 20:
        del IN_USE[0]
    return len(IN_USE[-1].lines)


def kept():
    return len(LOADED)


def check():
    for number in range(300):
        assert step(number) == 300
    assert kept() <= 21


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
