# logs: {"modes": ["leak", "none"], "times": false, "itemBytes": 40000}
import threading
import urllib.request

from flask import Flask
from werkzeug.serving import make_server

from pace import MODE, is_new, payload, ticks

app = Flask("store")
app.logger.setLevel("INFO")


class Basket:
    @name@ = []


@app.route("/basket/<int:number>")
def basket(number):
    if is_new(number) and MODE == "leak":
        Basket.@name@.append(payload(40000))
    app.logger.info("@work:%d@", number)
    if MODE == "leak" and number % 2 == 0:
        app.logger.info("@kept:%d@", len(Basket.@name@))
    return {"ok": True}


server = make_server("127.0.0.1", 0, app, threaded=True)


def visit():
    for i in ticks():
        urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/basket/{i}").read()
    server.shutdown()


threading.Thread(target=visit).start()
server.serve_forever()
