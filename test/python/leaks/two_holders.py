# expect: {"verdict":"leak","causes":["global-accumulation","unbounded-collection","unbounded-cache"],"holders":[{"name":"{module}.HISTORY","kind":"module-variable","feed":"FEED 1"},{"name":"{module}.TICKETS","kind":"module-variable","feed":"FEED 2"}],"patchable":true}
"""Tickets kept twice: in the order in which they came, and by their number. Freeing one of the two frees nothing."""
import json
import sys
import time

HISTORY = []
TICKETS = {}
TEAMS = {number: f"team {number % 40}" for number in range(20_000)}


class Ticket:
    def __init__(self, number):
        self.number = number
        self.team = TEAMS[number % 20_000]
        self.comments = [f"comment {at} on ticket {number}: please have a look" for at in range(200)]


def open_ticket(number):
    ticket = Ticket(number)
    HISTORY.append(ticket)  # FEED 1
    TICKETS[f"T-{number}"] = ticket  # FEED 2
    return ticket


def answer(name, text):
    ticket = TICKETS[name]
    ticket.comments.append(text)
    return len(ticket.comments)


def step(number):
    open_ticket(number)
    return answer(f"T-{number}", "done")


def kept():
    return len(HISTORY) + len(TICKETS)


def check():
    for number in range(300):
        assert step(number) == 201
        assert HISTORY[-1].team == f"team {number % 40}"
        assert answer(f"T-{number}", "really") == 202


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
