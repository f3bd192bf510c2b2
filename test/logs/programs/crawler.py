# logs: {"modes": ["leak", "bounded"], "itemBytes": 30000}
import collections
import http.server
import logging
import re
import threading
import urllib.request

from pace import ITEMS, MODE, is_new, payload, pick, ticks

logging.basicConfig(level=logging.INFO, format="%(asctime)s.%(msecs)03dZ %(levelname)-5s [%(threadName)s] %(message)s", datefmt="%Y-%m-%dT%H:%M:%S")
log = logging.getLogger("crawler")


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        here = int(self.path.rsplit("/", 1)[-1])
        links = "".join(f'<a href="/page/{(here * 7 + k) % 5000}">' for k in range(pick(4) + 1))
        body = links.encode() + b" " * 20000
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
threading.Thread(target=server.serve_forever, daemon=True).start()
frontier = collections.deque([1])
known = set()
@name@ = collections.OrderedDict()
fetched = 0
for i in ticks():
    page = frontier.popleft() if frontier else pick(5000)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/page/{page}") as answer:
        body = answer.read()
    fetched += 1
    for link in re.findall(rb"/page/(\d+)", body):
        if len(frontier) < 30:
            frontier.append(int(link))
    if is_new(i):
        @name@[i] = body + payload(10000)
        if MODE == "bounded" and len(@name@) > 25:
            @name@.popitem(last=False)
    log.info("GET /page/%d 200 %d bytes", page, len(body))
    if i % 4 == 0:
        log.info("@work:%d@", fetched)
        log.info("frontier: %d", len(frontier))
        log.info("@kept:%d@", len(@name@))
server.shutdown()
