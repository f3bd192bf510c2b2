# logs: {"modes": ["leak", "bounded"], "itemBytes": 40000}
import logging
import threading
import urllib.request
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.servers.basehttp import ServerHandler, WSGIRequestHandler
from django.http import HttpResponse
from django.urls import path

from pace import MODE, is_new, payload, ticks

settings.configure(
    DEBUG=True,
    SECRET_KEY="none",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"verbose": {"format": "[{asctime}] {levelname} {process:d} {name} {message}", "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "verbose"}},
        "root": {"handlers": ["console"], "level": "INFO"},
    },
)
django.setup()
log = logging.getLogger("shop.views")
@name@ = {}
views = 0


def show(request, number):
    global views
    views += 1
    if is_new(number):
        @name@[number] = payload(40000)
        if MODE == "bounded" and len(@name@) > 20:
            @name@.pop(next(iter(@name@)))
    if views % 4 == 0:
        log.info("@work:%d@", views)
        log.info("@kept:%d@", len(@name@))
    return HttpResponse("ok")


urlpatterns = [path("product/<int:number>/", show)]

from django.core.wsgi import get_wsgi_application  # noqa: E402


class Handler(WSGIRequestHandler):
    def address_string(self):
        return self.client_address[0]


server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Handler)


def visit():
    for i in ticks():
        urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/product/{i}/").read()
    server.shutdown()


threading.Thread(target=visit).start()
server.serve_forever()
