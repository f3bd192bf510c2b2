# logs: {"modes": ["leak", "bounded"], "times": false, "itemBytes": 40000}
import logging
import threading
import urllib.request

import uvicorn

from pace import MODE, is_new, payload, ticks

logging.basicConfig(level=logging.INFO, format="%(levelname)s:     %(message)s")
log = logging.getLogger("app")
@name@ = {}
served = 0


async def app(scope, receive, send):
    global served
    if scope["type"] != "http":
        return
    served += 1
    if is_new(served):
        @name@[served] = payload(40000)
        if MODE == "bounded" and len(@name@) > 20:
            @name@.pop(next(iter(@name@)))
    if served % 4 == 0:
        log.info("@work:%d@", served)
        log.info("@kept:%d@", len(@name@))
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok"})


server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0))


def visit():
    while not server.started:
        threading.Event().wait(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    for i in ticks():
        urllib.request.urlopen(f"http://127.0.0.1:{port}/thing/{i}?page={i % 3}").read()
    server.should_exit = True


threading.Thread(target=visit).start()
server.run()
