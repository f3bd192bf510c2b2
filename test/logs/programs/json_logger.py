# logs: {"modes": ["leak", "sawtooth"], "itemBytes": 40000}
import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from pace import MODE, is_new, payload, ticks

handler = logging.StreamHandler(sys.stdout)
handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields={"levelname": "severity"}))
log = logging.getLogger("billing")
log.addHandler(handler)
log.setLevel(logging.INFO)
@name@ = []
for i in ticks():
    if is_new(i):
        @name@.append(payload(40000))
    if MODE == "sawtooth" and len(@name@) >= 30:
        log.info("flushed", extra={"ms": i % 9})
        @name@.clear()
    if i % 3 == 0:
        log.info("@work:%d@", i, extra={"tenant": f"t{i % 5}"})
        log.info("@kept:%d@", len(@name@), extra={"tenant": f"t{i % 5}"})
