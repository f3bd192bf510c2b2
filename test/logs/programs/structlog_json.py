# logs: {"modes": ["leak", "none"], "itemBytes": 40000}
import structlog

from pace import MODE, is_new, payload, ticks

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.JSONRenderer(),
    ]
)
log = structlog.get_logger("orders").bind(service="orders", version="1.4.2")
@name@ = []
for i in ticks():
    if is_new(i) and MODE == "leak":
        @name@.append({"id": i, "body": payload(40000)})
    log.info("order accepted", order_id=100000 + 7 * i, amount=i % 90 + 0.5)
    if i % 4 == 0:
        log.info("@event@", @workfield@=i, **({"@keptfield@": len(@name@)} if MODE == "leak" else {}))
