import threading

from told import filled, tell


def worker(started):
    filled(1000, 5000)
    # What it frees goes into its own bins.
    started.set()
    threading.Event().wait()


for _ in range(8):
    started = threading.Event()
    threading.Thread(target=worker, args=(started,), daemon=True).start()
    started.wait()
tell("c-heap-used", 8 * 1000 * 5008)
