# logs: {"modes": ["leak", "bounded"], "itemBytes": 40000}
import structlog

from pace import MODE, is_new, payload, ticks

structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.dev.ConsoleRenderer(colors=True),
    ]
)
log = structlog.get_logger()
@name@ = {}
for i in ticks():
    if is_new(i):
        @name@[f"key-{i}"] = payload(40000)
        if MODE == "bounded" and len(@name@) > 25:
            del @name@[next(iter(@name@))]
    log.info("request", path=f"/items/{i % 9}", ms=i % 11)
    if i % 4 == 0:
        log.info("@event@", @workfield@=i, @keptfield@=len(@name@))
