"""What the programs beside this file have in common: they do one thing with memory, say what they did, and wait."""

import ctypes
import json
import os
import signal
import sys

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]

MIB = 1 << 20


FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()


class Mallinfo2(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS]


class Mallinfo(ctypes.Structure):
    """Before glibc 2.33: what is beyond 2 GiB does not fit."""

    _fields_ = [(name, ctypes.c_int) for name in FIELDS]


def filled(count, size):
    """C blocks that really take memory."""
    blocks = []
    for _ in range(count):
        block = libc.malloc(size)
        ctypes.memset(block, 1, size)
        blocks.append(block)
    return blocks


def tell(part, size):
    """Says which part of memory was filled with how many bytes, and what both allocators say; then it waits to be killed."""
    # Once for nothing: then the last time takes no memory any more.
    for stream in (sys.stderr, sys.stdout):
        said = json.dumps({"part": part, "bytes": size, "pid": os.getpid(), **allocators()})
        print(said, file=stream, flush=True)
    # Left alone it ends by itself.
    signal.alarm(180)
    signal.pause()


def allocators():
    """What the allocator of Python says goes to stderr."""
    sys._debugmallocstats()
    ask, answer = (libc.mallinfo2, Mallinfo2) if hasattr(libc, "mallinfo2") else (libc.mallinfo, Mallinfo)
    ask.restype = answer
    info = ask()
    return {"malloc": {"used": info.uordblks, "free": info.fordblks, "mmapped": info.hblkhd}}
