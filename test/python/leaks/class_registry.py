# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.Form.known_forms","kind":"class-attribute","feed":"FEED"}],"patchable":false}
"""Every form gets a class of its own, made while the program runs, and the base class has a list of all of them."""
import json
import sys
import time

LABELS = [f"label {number}" for number in range(20_000)]


class Form:
    known_forms = []

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        Form.known_forms.append(cls)  # FEED

    def width(self):
        return len(self.columns)


def make_form(number):
    columns = {f"column {at}": LABELS[(number + at) % 20_000] for at in range(100)}
    return type(f"Form{number}", (Form,), {"columns": columns})


def step(number):
    return make_form(number)().width()


def kept():
    return len(Form.known_forms)


def check():
    for number in range(300):
        assert step(number) == 100
    assert kept() == 300


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
