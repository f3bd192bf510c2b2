"""Interval timers, timerfd, POSIX waits with time-outs: none early, none lost."""
import ctypes, os, signal, struct, threading, time
from checked import at_last, check, counted, counts, lasts, repeated, serve

INTERVAL = 0.002
libc = ctypes.CDLL(None, use_errno=True)
counts["alarms"] = counts["virtual_alarms"] = 0
signal.signal(signal.SIGALRM, lambda *_: counted("alarms"))
signal.signal(signal.SIGVTALRM, lambda *_: counted("virtual_alarms"))
signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)
signal.setitimer(signal.ITIMER_VIRTUAL, 0.005, 0.005)

timer = libc.timerfd_create(time.CLOCK_MONOTONIC, 0)
nanoseconds = int(INTERVAL * 1e9)
begun = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
libc.timerfd_settime(timer, 0, struct.pack("<4q", 0, nanoseconds, 0, nanoseconds), None)
settled = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
expired = [0]


@repeated
def timerfd():
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    (more,) = struct.unpack("<Q", os.read(timer, 8))
    after = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    expired[0] += more
    # Every expiry is counted, however late it is read.
    check(expired[0] >= (before - settled) // nanoseconds, "timerfd lost some: %d" % expired[0])
    check(expired[0] <= (after - begun) // nanoseconds, "timerfd counts too many: %d" % expired[0])


@repeated
def sleeps():
    with lasts(0.004, "sleep"):
        time.sleep(0.004)


@repeated
def signal_waits():
    # What it returns is not looked at: when the time is up just after an interruption, as the alarms here are, CPython
    # gives a siginfo that nobody filled in (signal_sigtimedwait_impl in Modules/signalmodule.c, 3.13).
    with lasts(0.003, "sigtimedwait"):
        signal.sigtimedwait([signal.SIGUSR2], 0.003)


@repeated
def timer_threads():
    fired = threading.Event()
    start = time.monotonic()
    threading.Timer(0.003, fired.set).start()
    check(fired.wait(300), "a timer thread never fired")
    check(time.monotonic() - start >= 0.002, "a timer thread fired early")


@repeated
def lock_time_outs():
    lock = threading.Lock()
    lock.acquire()
    with lasts(0.003, "Lock.acquire"):
        check(not lock.acquire(timeout=0.003), "a lock was taken twice")


@repeated
def works():
    # So that the virtual timer, which counts processor time, goes on.
    check(sum(range(20000)) == 199990000, "a wrong sum")
    time.sleep(0.001)


@at_last
def intervals():
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    check(counts["alarms"] > 0 and counts["virtual_alarms"] > 0, "no alarm ever came")


serve()
