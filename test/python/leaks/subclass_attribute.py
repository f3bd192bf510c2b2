# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation"],"holders":[{"name":"{module}.AuditedMailbox.journal","kind":"instance-attribute","feed":"FEED"}],"patchable":true}
"""A mailbox that is emptied, and a subclass of it with a journal that is not."""
import json
import sys
import time


class Mailbox:
    def __init__(self, owner):
        self.owner = owner
        self.unread = []

    def deliver(self, letter):
        self.unread.append(letter)
        return len(self.unread)

    def read_all(self):
        letters, self.unread = self.unread, []
        return letters


class AuditedMailbox(Mailbox):
    def __init__(self, owner):
        super().__init__(owner)
        self.journal = []

    def deliver(self, letter):
        self.journal.append({"to": self.owner, "letter": letter, "words": letter.split(" ")})  # FEED
        return super().deliver(letter)


MAILBOX = AuditedMailbox("office")
POSTCODES = {number: f"{number:05d}" for number in range(30_000)}


def letter_of(number):
    return " ".join(POSTCODES[(number + at) % 30_000] for at in range(250))


def step(number):
    waiting = MAILBOX.deliver(letter_of(number))
    if waiting >= 10:
        return len(MAILBOX.read_all())
    return waiting


def kept():
    return len(MAILBOX.journal)


def check():
    for number in range(300):
        assert step(number) == number % 10 + 1
        assert MAILBOX.journal[-1]["words"][0] == f"{number:05d}"


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
