# logs: {"modes": ["leak", "none"], "itemBytes": 40000, "workers": 2}
import logging
import os
import sys
import threading
import urllib.request

from flask import Flask

from pace import ITEMS, MODE, is_new, payload, pick, ticks

app = Flask(__name__)
log = logging.getLogger("gunicorn.error")
@name@ = []
served = 0


@app.route("/upload/<int:number>")
def upload(number):
    global served
    served += 1
    if is_new(number) and MODE == "leak":
        @name@.append(payload(40000))
    if served % 3 == 0:
        log.info("@work:%d@", served)
        if MODE == "leak":
            log.info("@kept:%d@", len(@name@))
    return "ok"


if __name__ == "__main__":
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    class Standalone(BaseApplication):
        def load_config(self):
            for name, value in dict(
                bind="127.0.0.1:0", workers=2, accesslog="-", errorlog="-", loglevel="info", when_ready=begin, graceful_timeout=1, control_socket_disable=True
            ).items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self):
            return app

    def begin(arbiter: Arbiter):
        port = arbiter.LISTENERS[0].sock.getsockname()[1]
        if os.fork() == 0:
            # A child of its own asks: threads do not survive in workers.
            os.close(1)
            os.close(2)
            for i in ticks():
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/upload/{i}", timeout=5).read()
                except OSError:
                    pass
            os.kill(os.getppid(), 15)
            os._exit(0)

    Standalone().run()
