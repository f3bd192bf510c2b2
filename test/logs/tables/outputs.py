"""Prints what memory tools print, and writes the same as rows to the file named: outputs.py SECTION ROWS-FILE [log]

With `log` each line that Python code prints goes through logging, with time, level and logger before it.
"""
import gc
import json
import linecache
import logging
import os
import sys
import tracemalloc

os.dup2(1, 2)
rows = []
kept = []
tables = {"n": -1}
HERE = os.path.abspath(__file__)

if sys.argv[3:] == ["log"]:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(levelname)s [%(name)s] %(message)s"
    )
    _log = logging.getLogger("memory.watch")

    def say(*parts):
        text = " ".join(str(part) for part in parts)
        for line in text.split("\n"):
            _log.info("%s", line)

else:

    def say(*parts):
        print(*parts, flush=True)


def expect(kind, **fields):
    rows.append(dict(kind=kind, **{name: value for name, value in fields.items() if value is not None}))


def half_digit(size):
    """By how much a size may be off after tracemalloc's own formatting."""
    size = abs(size)
    step = 1
    while True:
        if size < 100 and step > 1:
            return 0.05 * step
        if size < 10 * 1024 or step == 1024**4:
            return 0.5 * step
        size /= 1024
        step *= 1024


def place(frame):
    return dict(file=frame.filename, line=frame.lineno or None)


# ---------------------------------------------------------------- tracemalloc


def grow(amount):
    kept.append([bytes(1000 + i) for i in range(amount)])
    kept.append({str(i): i for i in range(amount)})


def stat_rows(stats, exact=False):
    tables["n"] += 1
    for stat in stats:
        diff = getattr(stat, "size_diff", None)
        expect(
            "allocation-site",
            form="top" if diff is None else "difference",
            table=tables["n"],
            bytes=stat.size,
            within=0 if exact else half_digit(stat.size),
            count=stat.count,
            bytesDiff=diff,
            diffWithin=0 if exact or diff is None else half_digit(diff),
            countDiff=getattr(stat, "count_diff", None),
            **place(stat.traceback[-1] if exact else stat.traceback[0])
        )


def pretty_top(snapshot, limit=10):
    """As the documentation has it, 3.8 to 3.14."""
    snapshot = snapshot.filter_traces(
        (
            tracemalloc.Filter(False, "<frozen importlib._bootstrap>"),
            tracemalloc.Filter(False, "<unknown>"),
        )
    )
    top_stats = snapshot.statistics("lineno")
    tables["n"] += 1
    say("Top %s lines" % limit)
    for index, stat in enumerate(top_stats[:limit], 1):
        frame = stat.traceback[0]
        say("#%s: %s:%s: %.1f KiB" % (index, frame.filename, frame.lineno, stat.size / 1024))
        line = linecache.getline(frame.filename, frame.lineno).strip()
        if line:
            say("    %s" % line)
        expect(
            "allocation-site",
            form="top",
            table=tables["n"],
            bytes=stat.size,
            within=0.05 * 1024,
            code=line or None,
            **place(frame)
        )
    other = top_stats[limit:]
    if other:
        size = sum(stat.size for stat in other)
        say("%s other: %.1f KiB" % (len(other), size / 1024))
        expect("allocation-total", of="other", table=tables["n"], bytes=size, within=52, count=len(other))
    total = sum(stat.size for stat in top_stats)
    say("Total allocated size: %.1f KiB" % (total / 1024))
    expect("allocation-total", of="all", table=tables["n"], bytes=total, within=52)


def tracebacks(snapshot, limit=3):
    tables["n"] += 1
    for stat in snapshot.statistics("traceback")[:limit]:
        say("%s memory blocks: %.1f KiB" % (stat.count, stat.size / 1024))
        for line in stat.traceback.format():
            say(line)
        frames = [place(frame) for frame in stat.traceback]
        code = linecache.getline(stat.traceback[-1].filename, stat.traceback[-1].lineno).strip()
        expect(
            "allocation-site",
            form="traceback",
            table=tables["n"],
            bytes=stat.size,
            within=52,
            count=stat.count,
            frames=[{name: value for name, value in frame.items() if value} for frame in frames],
            code=code or None,
            **frames[-1]
        )


def section_tracemalloc():
    tracemalloc.start(10)
    grow(50)
    first = tracemalloc.take_snapshot()
    grow(200)
    second = tracemalloc.take_snapshot()
    for snapshot in (first, second):
        say("[ Top 10 ]")
        stats = snapshot.statistics("lineno")[:10]
        for stat in stats:
            say(stat)
        stat_rows(stats)
    grow(4000)
    say("a line between that is no row")
    third = tracemalloc.take_snapshot()
    # No heading: only the numbers tell that it is another table.
    stats = third.statistics("lineno")[:10]
    for stat in stats:
        say(stat)
    stat_rows(stats)
    say("[ Top 10 differences ]")
    stats = third.compare_to(second, "lineno")[:10]
    for stat in stats:
        say(stat)
    stat_rows(stats)
    stats = third.compare_to(first, "filename")[:5]
    say("[ Top 5 differences ]")
    for stat in stats:
        say(stat)
    stat_rows(stats)
    pretty_top(third)
    pretty_top(third, limit=3)
    tracebacks(third)
    stats = third.statistics("lineno")[:5]
    say(stats)
    stat_rows(stats, exact=True)
    stats = third.compare_to(second, "lineno")[:3]
    say("changed: %r" % (stats,))
    stat_rows(stats, exact=True)
    say("get_traced_memory() = %s" % (tracemalloc.get_traced_memory(),) if False else "peak follows")
    current, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    say("first_size=%d, first_peak=%d" % (current, peak))
    expect("process-memory", by="tracemalloc", measure="traced", bytes=current, within=0)
    expect("process-memory", by="tracemalloc", measure="peak-traced", bytes=peak, within=0)
    say("tracemalloc.get_traced_memory() = %s" % ((current, peak),))
    expect("process-memory", by="tracemalloc", measure="traced", bytes=current, within=0)
    expect("process-memory", by="tracemalloc", measure="peak-traced", bytes=peak, within=0)
    say("Current memory usage is %.3f MB; Peak was %.3f MB" % (current / 2**20, peak / 2**20))
    expect("process-memory", by="tracemalloc", measure="traced", bytes=current, within=525)
    expect("process-memory", by="tracemalloc", measure="peak-traced", bytes=peak, within=525)


# ---------------------------------------------------------------- gc


class Node:
    pass


def cycle():
    a, b = Node(), Node()
    a.other, b.other = b, a


def section_gc():
    infos = []

    def note(phase, info):
        if phase == "stop":
            infos.append(dict(info))

    def told(by):
        for info in infos:
            expect(
                "collection",
                by=by,
                generation=info["generation"],
                unreachable=info["collected"] + info["uncollectable"],
                uncollectable=info["uncollectable"],
            )
        infos.clear()

    gc.collect()
    gc.callbacks.append(note)
    gc.set_debug(gc.DEBUG_STATS)
    for generation in (2, 0, 1, 2):
        cycle()
        gc.collect(generation)
    gc.set_debug(gc.DEBUG_STATS | gc.DEBUG_SAVEALL)
    cycle()
    gc.collect()
    gc.set_debug(0)
    told("debug")

    # Types of what is found: the objects themselves, and their dictionaries where they have some.
    for flags in (gc.DEBUG_COLLECTABLE, gc.DEBUG_LEAK):
        gc.garbage.clear()
        gc.collect()
        gc.set_debug(flags | gc.DEBUG_SAVEALL)
        cycle()
        gc.collect()
        gc.set_debug(0)
        for found in gc.garbage:
            expect("cycle-object", collectable=True, type=type(found).__name__)
    infos.clear()
    say("gc.garbage: %r" % (gc.garbage,))
    expect("collector-state", garbage=len(gc.garbage))
    say("len(gc.garbage) = %d" % len(gc.garbage))
    expect("collector-state", garbage=len(gc.garbage))
    gc.garbage.clear()
    gc.collect()
    infos.clear()

    try:
        import _testcapi
    except ImportError:
        _testcapi = None
    if hasattr(_testcapi, "with_tp_del"):

        @_testcapi.with_tp_del
        class Old:
            def __tp_del__(self):
                pass

        a, b = Old(), Old()
        a.other, b.other = b, a
        del a, b
        infos.clear()
        gc.set_debug(gc.DEBUG_UNCOLLECTABLE | gc.DEBUG_STATS)
        gc.collect()
        gc.set_debug(0)
        # Those without __tp_del__ that hang on them are said to be uncollectable, too: their number is the collector's own.
        for _ in range(infos[-1]["uncollectable"]):
            expect("cycle-object", collectable=False)
        told("debug")
        gc.garbage.clear()
        gc.collect()
        infos.clear()

    def show(phase, info):
        say(phase, info)

    gc.callbacks.append(show)
    for generation in (0, 1, 2):
        cycle()
        gc.collect(generation)
    gc.callbacks.remove(show)
    told("callback")

    cycle()
    gc.collect(0)
    infos.clear()
    cycle()
    found = gc.collect()
    say("Garbage collector: collected %d objects." % found)
    expect("collection", by="call", unreachable=found)
    say("gc.collect() -> %d" % found)
    expect("collection", by="call", unreachable=found)
    counts, stats = gc.get_count(), gc.get_stats()
    say("gc.get_count() = %s" % (counts,))
    expect("collector-state", counts=counts)
    say("gc.get_stats(): %s" % (stats,))
    expect(
        "collector-state",
        stats=[{name: stat[name] for name in ("collections", "collected", "uncollectable")} for stat in stats],
    )
    say("gc.get_threshold() %s" % (gc.get_threshold(),))
    expect("collector-state", thresholds=gc.get_threshold())
    say("gc.isenabled(): %s" % gc.isenabled())
    expect("collector-state", enabled=True)
    gc.disable()
    say("gc.isenabled(): %s" % gc.isenabled())
    expect("collector-state", enabled=False)


# ---------------------------------------------------------------- tools from PyPI


def section_memory_profiler():
    import memory_profiler

    # A second `@profile` in one process: the table is printed when the function is left.
    profiler = memory_profiler.LineProfiler()

    def work(n):
        first = [0] * (1024 * n)
        # a comment, which is never run
        for i in range(3):
            first.append(bytearray(200000))
        if n < 0:
            return None
        return first

    for n in (1000, 2000):
        kept.append(profiler(work)(n))
    memory_profiler.show_results(profiler, stream=Told())
    for filename, lines in profiler.code_map.items():
        for line, measured in lines:
            code = linecache.getline(filename, line).strip()
            if measured:
                increment, total, occurrences = measured
                expect(
                    "profiled-line",
                    file=filename,
                    line=line,
                    bytes=round(total * 2**20),
                    within=0.05 * 2**20 + 1,
                    bytesDiff=round(increment * 2**20),
                    diffWithin=0.05 * 2**20 + 1,
                    occurrences=occurrences,
                    code=code,
                )
            else:
                expect("profiled-line", file=filename, line=line, code=code)


class Told:
    """A stream whose lines are said."""

    def __init__(self):
        self.rest = ""

    def write(self, text):
        *lines, self.rest = (self.rest + text).split("\n")
        for line in lines:
            say(line)

    def flush(self):
        pass


def section_psutil():
    import psutil

    process = psutil.Process()
    names = dict(rss="rss", vms="virtual", shared="shared", uss="uss", pss="pss", swap="swap")

    def fields(info, by=names):
        for name in info._fields:
            if name in by:
                expect("process-memory", by="psutil", measure=by[name], bytes=getattr(info, name), within=0)

    for _ in range(2):
        kept.append(bytearray(5000000))
        info = process.memory_info()
        say(info)
        fields(info)
        info = process.memory_full_info()
        say("memory: %s" % (info,))
        fields(info)
    rss = process.memory_info().rss
    say("RSS: %.1f MB" % (rss / 2**20))
    expect("process-memory", by="text", measure="rss", bytes=rss, within=0.05 * 2**20 + 1)
    say("memory usage is %.2f MiB now" % (rss / 2**20))
    expect("process-memory", by="text", measure="rss", bytes=rss, within=0.005 * 2**20 + 1)
    machine = psutil.virtual_memory()
    say(machine)
    fields(machine, dict(used="machine-used", available="machine-available"))


def section_resource():
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    say(usage)
    expect("process-memory", by="getrusage", measure="peak-rss", bytes=usage.ru_maxrss * 1024, within=0)
    say("maxrss=%d" % usage.ru_maxrss)
    expect("process-memory", by="getrusage", measure="peak-rss", bytes=usage.ru_maxrss * 1024, within=0)
    with open("/proc/self/status") as status:
        for line in status:
            name, _, rest = line.partition(":")
            measure = dict(VmRSS="rss", VmHWM="peak-rss", VmSize="virtual", VmSwap="swap").get(name)
            if measure:
                say(line.rstrip())
                expect("process-memory", by="text", measure=measure, bytes=int(rest.split()[0]) * 1024, within=0)


def section_objgraph():
    import objgraph

    counted = []
    count = objgraph.most_common_types

    def counting(*args, **kwargs):
        counted[:] = count(*args, **kwargs)
        return counted

    # What it prints is counted anew by each call: the truth is what this one got.
    objgraph.most_common_types = counting

    def common(limit):
        tables["n"] += 1
        objgraph.show_most_common_types(limit=limit, file=Told())
        for name, number in counted:
            expect("object-count", by="objgraph", type=name, table=tables["n"], count=number)

    common(10)
    common(20)
    peaks = {}
    for turn in range(3):
        kept.append([Node() for _ in range(1000)])
        kept.append([{"a": i} for i in range(300)])
        before = dict(peaks)
        objgraph.show_growth(limit=8, peak_stats=peaks, file=Told())
        tables["n"] += 1
        grown = [(name, peaks[name], peaks[name] - before.get(name, 0)) for name in peaks if peaks[name] > before.get(name, 0)]
        grown.sort(key=lambda one: -one[2])
        for name, count, more in grown[:8]:
            expect("object-count", by="objgraph", type=name, table=tables["n"], count=count, countDiff=more)


def section_pympler():
    from pympler import muppy, summary

    for turn in range(2):
        kept.append([Node() for _ in range(1000)])
        counted = summary.summarize(muppy.get_objects())
        tables["n"] += 1
        for line in summary.format_(counted, limit=12):
            say(line)
        for name, count, size in sorted(counted, key=lambda one: -one[2])[:12]:
            step = 1
            while size / step >= 1024:
                step *= 1024
            within = 0.5 if step == 1 else 0.005 * step + 1
            expect("object-count", by="pympler", type=name, table=tables["n"], count=count, bytes=size, within=within)


def section_guppy():
    from guppy import hpy

    heapy = hpy()
    for turn in range(2):
        kept.append([Node() for _ in range(1000)])
        heap = heapy.heap()
        text = str(heap)
        say(text)
        tables["n"] += 1
        for row in list(heap.partition.get_rows())[:10] if hasattr(heap.partition, "get_rows") else []:
            expect("object-count", by="guppy", type=row.name, table=tables["n"], count=row.count, bytes=row.size, within=0)


def section_numpy():
    import resource

    import numpy

    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    shape = (1200000, 3400, 20)
    for dtype in ("float64", "uint8"):
        try:
            numpy.empty(shape, dtype=dtype)
        except MemoryError as error:
            say("%s: %s" % (type(error).__name__, error))
        else:
            raise SystemExit("there was memory")
        size = 1200000 * 3400 * 20 * numpy.dtype(dtype).itemsize
        expect("allocation", failed=True, by="numpy", bytes=size, within=0.006 * size, shape=shape, type=dtype)


def section_memory_error():
    try:
        bytearray(1 << 60)
    except MemoryError as error:
        say("could not load: %s" % repr(error))
        expect("allocation", failed=True, by="python")
    import traceback

    try:
        kept.append("x" * (1 << 60))
    except MemoryError:
        for line in traceback.format_exc().rstrip().split("\n"):
            say(line)
        expect("allocation", failed=True, by="python")


globals()["section_" + sys.argv[1]]()
sys.stdout.flush()
with open(sys.argv[2], "w") as file:
    json.dump(rows, file)
