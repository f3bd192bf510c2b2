"""Handlers, sigwait, signalfd and a wake-up descriptor: every signal once, those that queue in order.

SIGRTMIN+5 is for whoever looks: the count "outside" says how many came.
"""
import ctypes, os, select, signal, struct, threading, time
from checked import at_last, check, counted, counts, lasts, repeated, serve

libc = ctypes.CDLL(None, use_errno=True)
BY_DESCRIPTOR, BY_WAITING, OUTSIDE = signal.SIGRTMIN + 1, signal.SIGRTMIN + 2, signal.SIGRTMIN + 5
signal.pthread_sigmask(signal.SIG_BLOCK, [BY_DESCRIPTOR, BY_WAITING, OUTSIDE])
me = os.getpid()

mask = ctypes.create_string_buffer(128)
libc.sigemptyset(mask)
libc.sigaddset(mask, int(BY_DESCRIPTOR))
descriptor = libc.signalfd(-1, mask, 0)
check(descriptor >= 0, "no signalfd")
queued = [0]
libc.sigqueue.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_void_p]


@repeated
def signalfd():
    for later in range(5):
        check(libc.sigqueue(me, int(BY_DESCRIPTOR), queued[0] + later) == 0, "sigqueue failed")
    for _ in range(5):
        info = os.read(descriptor, 128)
        # ssi_int (signalfd(2)): what was sent along.
        (number,) = struct.unpack_from("<i", info, 44)
        check(number == queued[0], "signalfd: %d and not %d" % (number, queued[0]))
        queued[0] += 1


@repeated
def sigwait():
    for _ in range(3):
        os.kill(me, BY_WAITING)
    for _ in range(3):
        # No time-out: one that is lost leaves this thread waiting.
        check(signal.sigwait([BY_WAITING]) == BY_WAITING, "sigwait gave another signal")
    check(signal.sigtimedwait([BY_WAITING], 0) is None, "a signal came twice")


counts["outside"] = 0


def wait_for_outside():
    while True:
        signal.sigwait([OUTSIDE])
        counted("outside")


threading.Thread(target=wait_for_outside, daemon=True).start()

handled, arrived = [0], threading.Event()


def on_usr1(*_):
    handled[0] += 1
    arrived.set()


signal.signal(signal.SIGUSR1, on_usr1)
sent = [0]


@repeated
def handler():
    sent[0] += 1
    arrived.clear()
    os.kill(me, signal.SIGUSR1)
    check(arrived.wait(300), "the handler was never called")
    check(handled[0] == sent[0], "sent %d, handled %d" % (sent[0], handled[0]))


signal.signal(signal.SIGUSR2, lambda *_: None)
sleeper = []


@repeated
def interrupted_sleep():
    sleeper[:] = [threading.get_ident()]
    with lasts(0.006, "sleep"):
        time.sleep(0.006)


@repeated
def interrupts():
    time.sleep(0.002)
    for thread in sleeper:
        signal.pthread_kill(thread, signal.SIGUSR2)


wakeups, wakeup_end = os.pipe()
os.set_blocking(wakeup_end, False)
signal.set_wakeup_fd(wakeup_end, warn_on_full_buffer=False)
woken = {}


@repeated
def wakeup_descriptor():
    if select.select([wakeups], [], [], 0.05)[0]:
        for number in os.read(wakeups, 512):
            woken[number] = woken.get(number, 0) + 1


@at_last
def all_came():
    os.set_blocking(wakeups, False)
    try:
        for number in os.read(wakeups, 65536):
            woken[number] = woken.get(number, 0) + 1
    except BlockingIOError:
        pass
    check(handled[0] == sent[0], "sent %d, handled %d" % (sent[0], handled[0]))
    check(woken.get(signal.SIGUSR1) == sent[0], "sent %d, woken by %r" % (sent[0], woken.get(signal.SIGUSR1)))


serve()
