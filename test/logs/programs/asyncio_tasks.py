# logs: {"modes": ["leak", "bounded"], "times": false, "itemBytes": 40000}
import asyncio
import logging

from pace import ITEMS, MODE, SECONDS, is_new, payload

logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
log = logging.getLogger("hub")
@name@ = set()


async def serve(number, body):
    # Nobody says that the other side is gone.
    await asyncio.sleep(0.1 if MODE == "bounded" else 3600)


async def main():
    for i in range(1, ITEMS + 1):
        if is_new(i):
            task = asyncio.create_task(serve(i, payload(40000)))
            @name@.add(task)
            task.add_done_callback(@name@.discard)
        await asyncio.sleep(SECONDS / ITEMS * (1 + i * 5 // ITEMS % 2))
        if i % 4 == 0:
            log.info("@work:%d@", i)
            log.info("@kept:%d@", len(@name@))


asyncio.run(main())
