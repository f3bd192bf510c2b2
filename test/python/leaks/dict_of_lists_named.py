# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.JOURNAL['orders']","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""A journal with two books: refunds are sent off now and then, orders never."""
import json
import sys
import time

JOURNAL = {"orders": [], "refunds": []}
CITIES = [f"city number {number}" for number in range(30_000)]


def address(number):
    return {"city": CITIES[number % 30_000], "street": f"street {number}", "notes": "n" * 18_000 + str(number)}


def write_down(number):
    if number % 5 == 4:
        JOURNAL["refunds"].append({"number": number, "amount": number % 100})
        if len(JOURNAL["refunds"]) >= 20:
            send_refunds()
        return "refunds"
    JOURNAL["orders"].append({"number": number, "to": address(number)})  # FEED
    return "orders"


def send_refunds():
    paid = sum(refund["amount"] for refund in JOURNAL["refunds"])
    JOURNAL["refunds"].clear()
    return paid


def step(number):
    return write_down(number)


def kept():
    return len(JOURNAL["orders"])


def check():
    for number in range(300):
        book = write_down(number)
        assert book == ("refunds" if number % 5 == 4 else "orders")
        assert len(JOURNAL["refunds"]) < 20
        if book == "orders":
            assert JOURNAL["orders"][-1]["to"]["street"] == f"street {number}"


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
