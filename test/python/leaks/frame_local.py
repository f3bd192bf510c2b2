# expect: {"verdict":"leak","causes":["unbounded-collection"],"holders":[{"name":"{module}.Pipeline.finished","kind":"instance-attribute","feed":"FEED"}],"patchable":true}
"""A text pipeline that only main() knows of; it remembers every document that it has finished."""
import json
import sys
import time


class Pipeline:
    def __init__(self):
        self.vocabulary = {f"word{number}": number for number in range(30_000)}
        self.finished = []
        self.word_count = 0

    def tokens(self, number):
        return [f"word{(number + at * 7) % 40_000}" for at in range(300)]

    def advance(self, number):
        words = self.tokens(number)
        known = [self.vocabulary[word] for word in words if word in self.vocabulary]
        self.word_count += len(words)
        self.finished.append((number, words, known))  # FEED
        return len(known)

    def finished_count(self):
        return len(self.finished)


def check(pipeline):
    for number in range(300):
        before = pipeline.word_count
        assert pipeline.advance(number) == 300
        assert pipeline.word_count == before + 300
    assert pipeline.advance(39_999) == 299


def memory_kb(field):
    """VmRSS (memory now) or VmHWM (memory at most) of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def measure(step, kept, operations):
    """Works as fast as it goes, and says how much higher memory rose in the second half."""
    for number in range(operations // 2):
        step(number)
    half_kb = memory_kb("VmHWM")
    for number in range(operations // 2, operations):
        step(number)
    end_kb = memory_kb("VmHWM")
    print(json.dumps({"operations": operations, "rss_kb": end_kb, "grown_kb": end_kb - half_kb, "items": kept()}))


def serve(step):
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
    pipeline = Pipeline()
    if mode == "--check":
        check(pipeline)
        print("CHECK OK")
    elif mode == "--operations":
        measure(pipeline.advance, pipeline.finished_count, int(sys.argv[2]))
    else:
        serve(pipeline.advance)


if __name__ == "__main__":
    main()
