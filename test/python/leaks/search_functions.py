# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","retained-objects"],"holders":[{"name":"<interpreter>.codec_search_path","kind":"interpreter"}],"patchable":false}
"""An import that is repeated registers its codec again and again: the interpreter keeps all of them."""
import codecs
import json
import sys
import time

GLYPHS = [f"glyph {number}" for number in range(20_000)]


def make_search(number):
    alphabet = {GLYPHS[(number + at) % 20_000]: at for at in range(500)}

    def find(encoding):
        return None if encoding not in alphabet else alphabet[encoding]

    return find


def step(number):
    search = make_search(number)
    codecs.register(search)
    return search("nothing of the kind")


def kept():
    return 0


def check():
    for number in range(300):
        assert step(number) is None
    assert "x".encode("ascii") == b"x"


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
