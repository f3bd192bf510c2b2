"""Answers, fails, hangs, or is killed, by the path that is asked for."""

import os
import signal
import time


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if path == "/hang":
        time.sleep(60)
    if path == "/fail":
        raise ValueError("no good")
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
