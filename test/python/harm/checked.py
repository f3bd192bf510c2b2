"""Runs checks round after round, each in a thread of its own, and says on request how far they are and what went wrong.

Line by line on stdin: "report" answers with JSON on stdout, {"counts": {…}, "errors": […]}; "end" lets every check come
to the end of its round, runs the last checks, answers the same, and ends with 0 if nothing was wrong.
"""
import json, os, select, sys, threading, time, traceback

counts, errors = {}, []
ending = threading.Event()
_threads, _when_ending, _last = [], [], []
ballast = [{"number": i, "text": str(i)} for i in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)]


def check(holds, what):
    if not holds and len(errors) < 100:
        errors.append(what)


def counted(name, by=1):
    counts[name] = counts.get(name, 0) + by


def repeated(function):
    """A thread that calls `function` until the end, and counts."""
    name = function.__name__
    counts[name] = 0

    def run():
        try:
            while not ending.is_set():
                function()
                counts[name] += 1
                # So that every check gets its turn, and other programs the processor.
                time.sleep(0.02)
        except BaseException:
            errors.append(name + ": " + traceback.format_exc())

    _threads.append(threading.Thread(target=run, name=name, daemon=True))
    return function


def when_ending(function):
    """Called once when the end begins, to wake those that wait without a time-out."""
    _when_ending.append(function)
    return function


def at_last(function):
    """Called once, when every thread has come to its end."""
    _last.append(function)
    return function


class lasts:
    """What is inside takes at least so many seconds: a wait that an interruption cut short does not."""

    def __init__(self, seconds, what):
        self.seconds, self.what = seconds, what

    def __enter__(self):
        self.start = time.monotonic()

    def __exit__(self, *_):
        passed = time.monotonic() - self.start
        # epoll and poll count in milliseconds, the clock of their time-out in its own ticks.
        check(passed >= self.seconds - 0.0011, "%s took %.4f s and not %.4f" % (self.what, passed, self.seconds))


def answer():
    print(json.dumps({"counts": dict(counts), "errors": errors}), flush=True)


def serve():
    for thread in _threads:
        thread.start()
    answer()
    while True:
        # Handlers run in this thread, and only while it runs.
        if not select.select([0], [], [], 0.005)[0]:
            continue
        line = os.read(0, 64)
        if line.strip() in (b"end", b""):
            break
        answer()
    ending.set()
    for wake in _when_ending:
        wake()
    for thread in _threads:
        thread.join(300)
        check(not thread.is_alive(), thread.name + " never came to its end")
    for last in _last:
        last()
    answer()
    # Threads that wait for nothing are left behind.
    os._exit(1 if errors else 0)
