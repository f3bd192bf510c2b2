# expect: {"verdict":["healthy","undecided"]}

"""A batch writer: rows gather in a list, are written out every second and a half, and memory draws a saw."""
import json
import sys
import time


class BatchWriter:
    def __init__(self, most_rows):
        self.most_rows = most_rows
        self.rows = []
        self.written = 0

    def add_row(self, row):
        self.rows.append(row)
        if len(self.rows) >= self.most_rows:
            self.flush_rows()

    def flush_rows(self):
        self.written += sum(len(row) for row in self.rows)
        self.rows = []


WRITER = BatchWriter(75)


def step(number):
    WRITER.add_row([f"cell {number}:{at}" for at in range(1_500)])
    return WRITER.written


def kept():
    return len(WRITER.rows)


def check():
    for number in range(300):
        assert step(number) == (number + 1) // 75 * 75 * 1_500


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
        if number == 160:
            print("READY", flush=True)
        if number >= 160:
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
