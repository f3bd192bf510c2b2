# expect: {"verdict":"leak","causes":["unbounded-collection","retained-objects","global-accumulation"],"holders":[{"name":"{module}.make_recorder.<locals>.notes","kind":"closure","feed":"FEED"}],"patchable":true}
"""A recorder made by a function: what it writes down lives in a variable that only the closure can see."""
import json
import sys
import time


def make_recorder(title):
    notes = []

    def record(number):
        words = [title, str(number)] * 40
        note = {"number": number, "text": " ".join(words) * 25}
        notes.append(note)  # FEED
        return len(note["text"])

    def size():
        return len(notes)

    return record, size


RECORD, SIZE = make_recorder("observation")
ALPHABET = {chr(97 + at % 26) * (at // 26 + 1): at for at in range(2_000)}


def step(number):
    return RECORD(number) + ALPHABET["c"]


def kept():
    return SIZE()


def check():
    for number in range(300):
        text = " ".join(["observation", str(number)] * 40) * 25
        assert step(number) == len(text) + 2


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
