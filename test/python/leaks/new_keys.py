# expect: {"verdict":"leak","causes":["unbounded-collection","global-accumulation","unbounded-cache"],"holders":[{"name":"{module}.SESSIONS","kind":"module-variable","feed":"FEED"}],"patchable":true}
"""A login service: every visitor gets a session under a new key, and nobody ever logs out."""
import hashlib
import json
import sys
import time

SESSIONS = {}
USERS = {number: {"name": f"user {number}", "roles": ["reader"]} for number in range(10_000)}


def token_of(number):
    return hashlib.sha256(b"visit %d" % number).hexdigest()


def log_in(number):
    token = token_of(number)
    SESSIONS[token] = {"user": USERS[number % 10_000], "basket": [], "trail": [f"/page/{at}/{number}" for at in range(250)]}  # FEED
    return token


def buy(token, article):
    session = SESSIONS[token]
    session["basket"].append(article)
    return len(session["basket"])


def step(number):
    token = log_in(number)
    return buy(token, number)


def kept():
    return len(SESSIONS)


def check():
    for number in range(300):
        token = log_in(number)
        assert buy(token, "pen") == 1 and buy(token, "ink") == 2
        assert SESSIONS[token]["user"]["name"] == f"user {number % 10_000}"


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
