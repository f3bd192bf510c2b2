"""Threads and asyncio tasks that wait in every way there is, and the truth about them in the file argv[1], as JSON."""
import asyncio
import functools
import gc
import json
import os
import sys
import threading
import time
import types

FOREVER = 100_000
lock = threading.Lock()
lock.acquire()
standing = []


def wait():
    standing.append(1)
    lock.acquire()


def sleeps():
    standing.append(1)
    time.sleep(FOREVER)


def deep(left):
    if left == 0:
        wait()
    else:
        deep(
            left
            - 1
        )


def generates():
    def inner():
        yield 1
        yield wait()

    def outer():
        yield from inner()

    for _ in outer():
        pass


def comprehends():
    return [
        wait() if one else two
        for one in (1,)
        for two in ({three: wait() for three in (1,)},)
    ]


def decorated():
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args):
            return function(
                *args,
            )

        return wrapper

    @decorator
    @decorator
    def inside(_):
        wait()

    inside(1)


def makes_class():
    class Outer:
        name = "x"

        class Inner:
            pass
            wait()


def runs_code():
    source = "\n" * 300 + "def made():\n    here = 1\n    wait(\n    )\nmade()\n"
    exec(compile(source, "<made>", "exec"), {"wait": wait})


def through_c():
    class Ordered:
        def __lt__(self, other):
            wait()
            return True

    sorted([Ordered(), Ordered()])


def excepts():
    try:
        raise ValueError
    except ValueError:
        with threading.Lock():
            try:
                pass
            finally:
                wait()


lambdas = lambda: (lambda: [0, wait()][0])()


class Callable:
    def __call__(self):
        self.attribute

    @property
    def attribute(self):
        return functools.partial(self.method, 1)()

    @staticmethod
    def method(_):
        wait()


THREADS = [sleeps, lambda: deep(700), generates, comprehends, decorated, makes_class, runs_code, through_c, excepts, lambdas, Callable()]


async def leaf(event):
    await event.wait()


async def middle(event):
    for _ in (1,):
        await (
            leaf(event)
        )


@types.coroutine
def by_generator(event):
    yield from middle(event).__await__()


async def numbers(event):
    yield 1
    await leaf(event)
    yield 2


async def takes_numbers(event):
    async for _ in numbers(event):
        pass


class Context:
    async def __aenter__(self):
        await self.event.wait()

    async def __aexit__(self, *_):
        pass


async def in_context(event):
    context = Context()
    context.event = event
    async with context:
        pass


class Awaitable:
    def __init__(self, event):
        self.event = event

    def __await__(self):
        return (yield from leaf(self.event).__await__())


async def awaits_object(event):
    await Awaitable(event)


async def waits_for_task(task):
    await task


async def gathers(event):
    await asyncio.gather(leaf(event), middle(event))


async def queues():
    await asyncio.Queue().get()


async def awaits_generator(event):
    await by_generator(event)


class OwnTask(asyncio.Task):
    pass


def chain(coroutine):
    """As asyncio's own call graph follows it: what each awaits, by the attributes of inspect."""
    found = []
    at = coroutine
    while at is not None:
        if hasattr(at, "cr_frame"):
            frame, following = at.cr_frame, at.cr_await
        elif hasattr(at, "gi_frame"):
            frame, following = at.gi_frame, at.gi_yieldfrom
        elif hasattr(at, "ag_frame"):
            frame, following = at.ag_frame, at.ag_await
        else:
            following = wrapped(at)
            if following is None:
                break
            at = following
            continue
        if frame is None:
            break
        found.append([frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno])
        at = following
    return found[::-1]


def wrapped(thing):
    if type(thing).__name__ not in ("coroutine_wrapper", "async_generator_asend"):
        return None
    return next((each for each in gc.get_referents(thing) if hasattr(each, "cr_frame") or hasattr(each, "ag_frame")), None)


def collector():
    return {
        "enabled": gc.isenabled(),
        "thresholds": gc.get_threshold(),
        "frozen": gc.get_freeze_count(),
        "garbage": len(gc.garbage),
        "generations": [{key: each[key] for key in ("collections", "collected", "uncollectable")} for each in gc.get_stats()],
    }


def tell(loop_thread, tasks):
    while len(standing) < len(THREADS):
        time.sleep(0.01)
    time.sleep(0.3)
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    native = {thread.ident: thread.native_id for thread in threading.enumerate()}
    frames = sys._current_frames()
    threads = []
    for ident, frame in frames.items():
        if ident == threading.get_ident():
            continue
        stack = []
        while frame is not None:
            stack.append([frame.f_code.co_name, frame.f_code.co_filename, frame.f_lineno])
            frame = frame.f_back
        threads.append({"id": native[ident], "name": names[ident], "frames": stack})
    told = [{"name": task.get_name(), "frames": chain(task.get_coro()), "own": [[f.f_code.co_name, f.f_code.co_filename, f.f_lineno] for f in task.get_stack()]} for task in tasks]
    said = {"threads": threads, "tasks": told, "collector": collector()}
    with open(sys.argv[1] + ".part", "w") as file:
        json.dump(said, file)
    os.rename(sys.argv[1] + ".part", sys.argv[1])
    print("ready", flush=True)
    # Counts change with every object that is made: they are asked for when everything else has been.
    sys.stdin.readline()
    print(*gc.get_count(), flush=True)
    sys.stdin.readline()


async def main():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    makers = [leaf, middle, awaits_generator, takes_numbers, in_context, awaits_object, gathers]
    tasks = [loop.create_task(maker(event)) for maker in makers for _ in range(3)]
    tasks.append(loop.create_task(queues()))
    tasks.append(loop.create_task(waits_for_task(tasks[0])))
    tasks.append(OwnTask(middle(event), loop=loop))
    if hasattr(asyncio.tasks, "_PyTask"):
        tasks.append(asyncio.tasks._PyTask(middle(event), loop=loop))
    tasks[0].set_name("named \x1b[31m task")
    await asyncio.sleep(0.1)
    all_tasks = (asyncio.all_tasks() | set(tasks)) - {asyncio.current_task()}
    threading.Thread(target=tell, args=(threading.main_thread(), all_tasks), name="teller").start()
    await asyncio.sleep(FOREVER)


gc.disable()
gc.set_threshold(1000, 21, 22)
gc.collect()
gc.freeze()
gc.garbage.append([])
for at, target in enumerate(THREADS):
    threading.Thread(target=target, daemon=True, name="waits %d" % at).start()
asyncio.run(main())
