"""Locks, conditions, queues, barriers, events: a wake-up that is lost leaves a thread waiting for ever."""
import queue, threading, time
from checked import at_last, check, ending, lasts, repeated, serve, when_ending

ping, pong = threading.Semaphore(0), threading.Semaphore(0)
played = [0, 0]


def play():
    while True:
        ping.acquire()
        played[1] += 1
        pong.release()


threading.Thread(target=play, daemon=True).start()


@repeated
def ping_pong():
    for _ in range(20):
        played[0] += 1
        ping.release()
        pong.acquire()
        check(played[0] == played[1], "ping-pong out of step: %r" % played)


line, numbers = queue.Queue(maxsize=8), iter(range(10**12))


def produce():
    for number in numbers:
        line.put(number)


threading.Thread(target=produce, daemon=True).start()
expected = iter(range(10**12))


@repeated
def queue_in_order():
    for _ in range(50):
        number = line.get()
        check(number == next(expected), "queue out of order at %d" % number)


condition, turn = threading.Condition(), [0]


def take_turns(mine):
    def wait():
        with condition:
            # No time-out: only a notification ends it.
            condition.wait_for(lambda: turn[0] % 3 == mine or ending.is_set())
            if turn[0] % 3 == mine:
                turn[0] += 1
            condition.notify_all()

    wait.__name__ = "turn_%d" % mine
    return repeated(wait)


for mine in range(3):
    take_turns(mine)



@when_ending
def wake_all():
    with condition:
        condition.notify_all()


lock, total, barrier = threading.Lock(), [0], threading.Barrier(3)


def add():
    while True:
        for _ in range(100):
            with lock:
                total[0] += 1
        barrier.wait()
        barrier.wait()


for _ in range(2):
    threading.Thread(target=add, daemon=True).start()


@repeated
def sums_at_barrier():
    barrier.wait()
    check(total[0] % 200 == 0, "sum at the barrier: %d" % total[0])
    barrier.wait()


@repeated
def short_lived():
    seen = []
    started = [threading.Thread(target=seen.append, args=(i,)) for i in range(5)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    check(sorted(seen) == [0, 1, 2, 3, 4], "short-lived threads did %r" % seen)


@repeated
def waits_last():
    event = threading.Event()
    with lasts(0.004, "Event.wait"):
        check(not event.wait(0.004), "an event was set by nobody")
    with lasts(0.003, "sleep"):
        time.sleep(0.003)
    with lasts(0.002, "Queue.get"):
        try:
            queue.Queue().get(timeout=0.002)
            check(False, "something came out of an empty queue")
        except queue.Empty:
            pass


@at_last
def nobody_waits():
    check(played[0] == played[1], "ping-pong ended out of step: %r" % played)


serve()
