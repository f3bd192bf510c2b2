# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.FINGERPRINTS","kind":"module-variable","feed":"FEED"}],"patchable":false}
"""A de-duplicator that must have seen everything to know what is new: a set of digests without an end."""
import hashlib
import json
import sys
import time

FINGERPRINTS = set()
STOP_WORDS = frozenset(f"stop{number}" for number in range(20_000))


def fingerprint(text):
    return hashlib.sha512(text.encode()).hexdigest()


def take(text):
    digest = fingerprint(text)
    if text in STOP_WORDS or digest in FINGERPRINTS:
        return False
    FINGERPRINTS.add(digest)  # FEED
    return True


def step(number):
    return sum(take(f"record {number * 90 + at}") for at in range(100))


def kept():
    return len(FINGERPRINTS)


def check():
    for number in range(300):
        fresh = f"text {number}"
        assert take(fresh) is True
        assert take(fresh) is False
        assert take(f"stop{number}") is False


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
