"""On PYTHONPATH, this makes a program wait for orders where it would sleep.

`time.sleep` of the main thread says "PACED" and waits for a line on stdin: the milliseconds that may pass. So much
sleeping then takes no time at all. At the end of the input the program ends.
"""
import _thread
import os
import time

_main = _thread.get_ident()
_sleep = time.sleep
_left = 0.0


def sleep(seconds):
    global _left
    if _thread.get_ident() != _main:
        return _sleep(seconds)
    while _left < seconds:
        os.write(1, b"PACED\n")
        order = os.read(0, 32)
        if not order:
            os._exit(0)
        _left += int(order) / 1000
    _left -= seconds


time.sleep = sleep
