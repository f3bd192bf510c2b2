"""Eight threads that wait in eight ways, and count in a shared file each time round.

Slots of the file, 8 bytes each: 0-7 the threads, 8 SIGUSR1 received, 9 children forked and reaped, 10 errors.
argv: the file, then any of: family (fork; the parent only waits and prints what it sees), churn (threads and children
start and end all the time), exec (a thread replaces the program again and again), undumpable, hang (a thread waits in
the kernel, where no stop reaches it, until something opens the pipe beside the file).
"""
import ctypes, mmap, os, queue, select, signal, socket, struct, sys, threading, time

path, modes = sys.argv[1], sys.argv[2:]


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, of this thread


def watch_child(child):
    print("child", child, flush=True)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED | os.WCONTINUED)
        if os.WIFSTOPPED(status):
            print("stopped", os.WSTOPSIG(status), flush=True)
        elif os.WIFCONTINUED(status):
            print("continued", flush=True)
        else:
            print("ended", os.waitstatus_to_exitcode(status), flush=True)
            os._exit(0)


if "family" in modes:
    child = os.fork()
    if child:
        watch_child(child)
    end_with_parent()

if "undumpable" in modes:
    ctypes.CDLL(None).prctl(4, 0)

shared = mmap.mmap(os.open(path, os.O_RDWR), 128)


def count(slot):
    shared[slot * 8 : slot * 8 + 8] = struct.pack("<q", struct.unpack("<q", shared[slot * 8 : slot * 8 + 8])[0] + 1)


signal.signal(signal.SIGUSR1, lambda *_: count(8))
a, b = socket.socketpair()
a.settimeout(0.003)
poller, epoll = select.poll(), select.epoll()
poller.register(a, select.POLLIN)
epoll.register(a, select.EPOLLIN)
empty, condition = queue.Queue(), threading.Condition()


def receive():
    try:
        a.recv(1)
    except socket.timeout:
        pass


def take():
    try:
        empty.get(timeout=0.003)
    except queue.Empty:
        pass


def wait():
    with condition:
        condition.wait(0.003)


ways = [
    lambda: time.sleep(0.003),
    lambda: epoll.poll(0.003),
    receive,
    lambda: poller.poll(3),
    lambda: select.select([a], [], [], 0.003),
    take,
    wait,
    lambda: sum(range(2000)),
]


def beat(slot):
    try:
        while True:
            ways[slot]()
            count(slot)
    except BaseException:
        count(10)
        raise


def churn():
    while True:
        for _ in range(3):
            threading.Thread(target=time.sleep, args=(0.0005,)).start()
        child = os.fork()
        if child == 0:
            os._exit(7)
        _, status = os.waitpid(child, 0)
        count(9 if status == 7 << 8 else 10)


def hang():
    """vfork: the thread waits in the kernel for a child that waits for a writer."""
    os.mkfifo(path + ".fifo")
    libc = ctypes.CDLL(None)  # os.posix_spawn would hold the GIL
    actions = ctypes.create_string_buffer(512)
    libc.posix_spawn_file_actions_init(actions)
    libc.posix_spawn_file_actions_addopen(actions, 3, (path + ".fifo").encode(), os.O_RDONLY, 0)
    child = ctypes.c_int()
    argv = (ctypes.c_char_p * 2)(b"true", None)
    failed = libc.posix_spawn(ctypes.byref(child), b"/bin/true", actions, None, argv, None)
    count(10 if failed or os.waitpid(child.value, 0)[1] else 9)


def exec_again():
    time.sleep(0.02)
    end_with_parent()
    os.execv(sys.executable, [sys.executable, *sys.argv[:2], *[mode for mode in modes if mode != "family"]])


for slot in range(8):
    threading.Thread(target=beat, args=(slot,), daemon=True).start()
if "churn" in modes:
    threading.Thread(target=churn, daemon=True).start()
if "hang" in modes:
    threading.Thread(target=hang, daemon=True).start()
if "exec" in modes:
    threading.Thread(target=exec_again, daemon=True).start()
while True:
    time.sleep(0.01)
