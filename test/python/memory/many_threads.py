import ctypes
import threading

from told import libc, tell

TOUCHED = 400 * 1024
libc.pthread_self.restype = ctypes.c_void_p
libc.pthread_getattr_np.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
libc.pthread_attr_getstack.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]


def worker(started):
    """Writes to the far end of its own stack, as deep recursion in C would."""
    attributes = ctypes.create_string_buffer(64)
    lowest, size = ctypes.c_void_p(), ctypes.c_size_t()
    libc.pthread_getattr_np(libc.pthread_self(), attributes)
    libc.pthread_attr_getstack(attributes, ctypes.byref(lowest), ctypes.byref(size))
    ctypes.memset(lowest.value + (64 << 10), 1, TOUCHED)
    started.set()
    threading.Event().wait()


for _ in range(100):
    started = threading.Event()
    threading.Thread(target=worker, args=(started,), daemon=True).start()
    started.wait()
tell("thread-stacks", 100 * TOUCHED)
