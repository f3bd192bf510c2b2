"""
whyoom's reader: answers questions about the processes of this container on stdin and stdout (docs/pod-reader.md).

Started as  python -I -S -c LOADER [LEAST_HEADROOM_BYTES [IDLE_SECONDS]]  and given on stdin (src/pod-reader/script.ts, which has it compiled
in parts: two empty lines stand between whole statements, and nowhere else). It writes nothing but its answers, and to no file but its own
oom_score_adj. It ends when its stdin ends, whatever it is doing. It runs on CPython 3.8 to 3.15, and imports little: what it takes
counts against the limit of the container.
"""
import sys
import posix
import _signal

VERSION = 1
MOST_REQUEST = 1 << 20
MOST_DATA_BYTES = 16 << 20
PAGE = 4096
WINDOW = 1 << 21
WINDOW_PAGES = WINDOW // PAGE
BLOCK = 1 << 18
# Part of a pause after which nothing more is looked at, so that the dead-man timer is not what ends it.
SHARE = 0.8

ESRCH, EIO, ENOMEM, EACCES, EINVAL, ENOSYS, ETIMEDOUT = 3, 5, 12, 13, 22, 38, 110


def set_limits():
    try:
        fd = posix.open("/proc/self/oom_score_adj", posix.O_WRONLY)
        posix.write(fd, b"1000")
        posix.close(fd)
    except OSError:
        pass
    try:
        import resource

        most = MOST_DATA_BYTES
        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        if hard == resource.RLIM_INFINITY or hard > most:
            hard = most
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        pass


set_limits()

import gc
import select
import time
import zlib
from _struct import pack, unpack, unpack_from

# Cycles are not made here, and a run of the collector would touch all of this process's memory.
gc.disable()
crc32 = zlib.crc32


class Failed(Exception):
    """A request that cannot be answered: an errno and words."""


def text_of(path, most=1 << 16):
    fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        return posix.read(fd, most).decode("ascii", "replace")
    finally:
        posix.close(fd)


# ---- The two ends of the link

ENDED = select.POLLHUP | select.POLLERR | select.POLLNVAL | select.POLLRDHUP
asking = select.poll()
asking.register(0, select.POLLIN | select.POLLRDHUP)
watching = select.poll()
watching.register(0, select.POLLRDHUP)
writing = select.poll()
writing.register(0, select.POLLRDHUP)
writing.register(1, select.POLLOUT)


def leave(code=0):
    """At once: the kernel lets go of whatever is traced."""
    posix._exit(code)


def stay():
    """Leaves if nobody asks any longer."""
    for _, events in watching.poll(0):
        if events & ENDED:
            leave()


def put(data):
    view = memoryview(data)
    while view:
        try:
            view = view[posix.write(1, view):]
        except BlockingIOError:
            for fd, events in writing.poll():
                if events & (ENDED if fd == 0 else select.POLLERR | select.POLLNVAL):
                    leave()
        except OSError:
            leave(1)


def send(kind, data=b""):
    head = kind + pack("<I", len(data))
    if len(data) < 4096:
        put(head + bytes(data))
    else:
        put(head)
        put(data)


def fail(errno, text):
    send(b"X", pack("<I", errno) + text.encode("ascii", "replace")[:400])


def take(count):
    """So many bytes of what is asked."""
    into = bytearray(count)
    view = memoryview(into)
    while view:
        try:
            got = posix.readv(0, [view])
        except BlockingIOError:
            asking.poll()
            continue
        except OSError:
            got = 0
        if got == 0:
            leave()
        view = view[got:]
    return into


# ---- Files

def send_items(body):
    (count,) = unpack_from("<I", body)
    at = 4
    for _ in range(count):
        kind, offset, most, length = unpack_from("<IQII", body, at)
        at += 20
        path = bytes(body[at:at + length])
        if len(path) != length:
            raise Failed(EINVAL, "a request that is cut off")
        at += length
        try:
            ITEMS[kind](path, offset, most)
            errno = 0
        except OSError as error:
            errno = error.errno or EIO
        except (ValueError, IndexError):
            errno = EINVAL
        send(b"I", pack("<I", errno))
    send(b"E")


def send_read(path, offset, most):
    flags = posix.O_RDONLY | posix.O_NONBLOCK | posix.O_CLOEXEC | posix.O_NOCTTY
    fd = posix.open(path, flags)
    try:
        # A device, a pipe or a terminal would be changed by a read.
        if most > 0 and posix.fstat(fd).st_mode & 0o170000 != 0o100000:
            raise OSError(EINVAL, "not a regular file")
        while most > 0:
            data = posix.pread(fd, min(most, 1 << 16), offset)
            if not data:
                break
            send(b"D", data)
            offset += len(data)
            most -= len(data)
    finally:
        posix.close(fd)


def send_list(path, _offset, _most):
    names = []
    size = 0
    with posix.scandir(path) as entries:
        for entry in entries:
            kind = b"l" if entry.is_symlink() else b"d" if entry.is_dir() else b"f" if entry.is_file() else b"o"
            names.append(kind + entry.name + b"\0")
            size += len(names[-1])
            if size > 1 << 15:
                send(b"D", b"".join(names))
                names = []
                size = 0
    if names:
        send(b"D", b"".join(names))


def send_link(path, _offset, _most):
    send(b"D", posix.readlink(path))


def send_stat(path, _offset, _most):
    found = posix.stat(path)
    send(b"D", pack("<5Q", found.st_mode, found.st_uid, found.st_ino, found.st_size, max(0, int(found.st_mtime))))


ITEMS = [send_read, send_link, send_list, send_stat]


# ---- A process's memory

# The top byte of an entry of the pagemap: bit 7 present, 6 swapped, 5 a file's or shared (Documentation/admin-guide/mm/pagemap.rst).
ABSENT, OWN, SWAPPED, FILED = 0, 1, 2, 3
STATE = bytes((FILED if top & 0x20 else OWN) if top & 0x80 else SWAPPED if top & 0x40 else ABSENT for top in range(256))
# By state: whether a page can be read without anything being brought into memory.
HERE = bytes(1 if state in (OWN, FILED) else 0 for state in range(256))
# What is remembered of a page that was copied: 0 nothing; below NO_SUM there is a checksum.
WAS_OWN, WAS_FILED, NO_SUM, WAS_ABSENT, WAS_SWAPPED = 1, 2, 3, 4, 5
REMEMBER = bytes([WAS_ABSENT, WAS_OWN, WAS_SWAPPED, WAS_FILED]) + bytes(252)
IS_KNOWN = bytes([0]) + bytes([1]) * 255
IS_NONE = bytes([1]) + bytes(255)
IS_OWN = bytes(1 if was == WAS_OWN else 0 for was in range(256))

block = bytearray(BLOCK)
block_view = memoryview(block)
work = memoryview(bytearray(1 << 17))
OFFSETS = range(0, len(work), PAGE)
PAGES_OF_WORK = len(work) // PAGE
# OWN and WAS_OWN are the same number.
ALL_OWN = bytes([OWN]) * PAGES_OF_WORK
ZEROS = memoryview(bytes(PAGE))


class Target:
    """One process: what is open of it, and what is known of its pages."""

    def __init__(self, pid):
        self.pid = pid
        # Opening is when the kernel checks the right to read.
        self.mem = posix.open("/proc/%d/mem" % pid, posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            self.pagemap = posix.open("/proc/%d/pagemap" % pid, posix.O_RDONLY | posix.O_CLOEXEC)
        except OSError:
            posix.close(self.mem)
            raise
        # By the number of a window of 2 MiB: what is remembered of each page; the checksums of some, and the first of those pages.
        self.windows = {}
        # By the number of a window: a bit for each group of 64 pages in which a pool was found.
        self.arenas = {}
        # Where pools were looked for.
        self.probed = []

    def close(self):
        posix.close(self.mem)
        posix.close(self.pagemap)

    def window(self, number, first, end):
        """One in which there is room for the checksums of these pages: of large payload only a few pages are known here and there."""
        found = self.windows.get(number)
        if found is None:
            was = bytearray(WINDOW_PAGES)
            old_first = old_end = first
        else:
            was, old, old_first = found
            old_end = old_first + len(old)
            if old_first <= first and end <= old_end:
                return found
            first = min(first, old_first)
            end = max(end, old_end)
        sums = memoryview(bytearray(4 * (end - first))).cast("I")
        if found is not None:
            sums[old_first - first:old_end - first] = old
        found = self.windows[number] = (was, sums, first)
        return found

    def near_arenas(self, number):
        """A bit for each group of a window that lies within 1 MiB, an arena from 3.10 on, of one with pools."""
        arenas = self.arenas
        bits = arenas.get(number - 1, 0) | arenas.get(number, 0) << 8 | arenas.get(number + 1, 0) << 16
        if bits:
            for _ in range(3):
                bits |= bits << 1 | bits >> 1
        return bits >> 8 & 255

    def states(self, start, end):
        """A byte a page."""
        parts = []
        at = start
        while at < end:
            pages = min((end - at) // PAGE, 8192)
            entries = posix.pread(self.pagemap, pages * 8, at // PAGE * 8)
            if not entries:
                parts.append(bytes((end - at) // PAGE))
                break
            parts.append(entries[7::8].translate(STATE))
            at += len(entries) // 8 * PAGE
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read(self, address, into):
        """Whole pages that came."""
        try:
            return posix.preadv(self.mem, [into], address) // PAGE
        except OSError:
            return 0


targets = {}


def target_of(pid):
    """Raises Failed where the process, or the program in it, has ended: once, then what is there now is opened."""
    target = targets.get(pid)
    try:
        if target is None:
            target = Target(pid)
        # Of a memory that is no more nothing comes, also after an exec.
        alive = posix.pread(target.pagemap, 8, 0)
    except OSError as error:
        raise Failed(error.errno, "mem of %d" % pid)
    targets[pid] = target
    if not alive:
        forget(pid)
        raise Failed(ESRCH, "mem of %d" % pid)
    return target


def forget(pid):
    target = targets.pop(pid, None)
    if target is not None:
        target.close()


def runs(flags):
    """From and to of those that are 1, in bytes of 0 and 1."""
    at = flags.find(1)
    while at >= 0:
        to = flags.find(0, at)
        if to < 0:
            to = len(flags)
        yield at, to
        at = flags.find(1, to)


def both(one, other):
    """Bytes of 0 and 1: 1 where both are."""
    number = int.from_bytes(one, "little") & int.from_bytes(other, "little")
    return number.to_bytes(len(one), "little")


def ranges_of(body, at, most_pages):
    if (len(body) - at) % 16:
        raise Failed(EINVAL, "ranges that are cut off")
    words = unpack_from("<%dQ" % ((len(body) - at) // 8), body, at)
    ranges = list(zip(words[::2], words[1::2]))
    pages = 0
    for start, end in ranges:
        if start % PAGE or end % PAGE or not start <= end < 1 << 52:
            raise Failed(EINVAL, "a range that is none")
        pages += (end - start) // PAGE
    if pages > most_pages:
        raise Failed(EINVAL, "more pages than fit an answer")
    return ranges


def send_packed(data):
    send(b"D", zlib.compress(data, 1))


def send_states(body):
    (pid,) = unpack_from("<I", body)
    ranges = ranges_of(body, 4, 1 << 22)
    target = target_of(pid)
    for start, end in ranges:
        while start < end:
            stay()
            part = min(end, start + (1 << 28))
            send_packed(target.states(start, part))
            start = part
    send(b"E")


# ---- Pools of pymalloc

def is_pool(mem, address):
    """
    Bytes of the pool that begins at an address, 0 where none does. A pool_header (Objects/obmalloc.c, from 3.14 on
    Include/internal/pycore_obmalloc.h) has at 32 arenaindex, szidx, nextoffset and maxnextoffset. Blocks of class szidx have
    16 * (szidx + 1) bytes, and maxnextoffset is the size of the pool less one of them: 4 KiB up to 3.9, 16 KiB from 3.10 on, at a
    multiple of itself.
    """
    head = posix.pread(mem, 16, address + 32)
    if len(head) < 16:
        return 0
    arena, size_class, next_offset, most_offset = unpack("<4I", head)
    if size_class > 31 or arena >= 1 << 24:
        return 0
    size = most_offset + 16 * (size_class + 1)
    if size != 4096 and size != 16384 or address % size or not 48 <= next_offset <= size:
        return 0
    return size


def pools_in(target, start, end, until=None):
    """A byte a page: 1 where it is part of a pool. Only pages that are there are looked at. Where there are any is remembered."""
    found = find_pools(target, start, end, until)
    arenas = target.arenas
    for at, to in runs(found):
        for group in range((start // PAGE + at) // 64, (start // PAGE + to + 63) // 64):
            arenas[group // 8] = arenas.get(group // 8, 0) | 1 << group % 8
    return found


def find_pools(target, start, end, until):
    states = target.states(start, end)
    found = bytearray(len(states))
    mem = target.mem
    small = []
    first = -(start // PAGE) % 4
    here = states.translate(HERE)
    for at, to in runs(here):
        stay()
        if until is not None and time.monotonic() > until:
            return bytes(found)
        # A large pool lies at a multiple of its size, so that no header of one is passed over. Its later pages may have been
        # touched when those between had not, or the header may lie before what was asked for.
        begins = at + (first - at) % 4
        if begins > at:
            header = start + (begins - 4) * PAGE
            try:
                if HERE[target.states(header, header + PAGE)[0]] and is_pool(mem, header) == 16384:
                    found[at:min(begins, to)] = b"\1" * (min(begins, to) - at)
            except OSError:
                pass
        for page in range(begins, to, 4):
            try:
                size = is_pool(mem, start + page * PAGE)
            except OSError:
                continue
            if size == 16384:
                last = min(page + 4, to)
                found[page:last] = b"\1" * (last - page)
            elif size:
                small.append(page)
    # Of small pools one in four was looked at. Those of an arena (256 KiB) lie together.
    done = 0
    for hit in small:
        page = max(done, hit - 64)
        limit = hit + 64
        while page < min(limit, len(here)):
            if here[page]:
                try:
                    if is_pool(mem, start + page * PAGE):
                        found[page] = 1
                        limit = page + 64
                except OSError:
                    pass
            page += 1
            if not page % 1024:
                stay()
                if until is not None and time.monotonic() > until:
                    return bytes(found)
        done = page
    return bytes(found)


def send_pools(body):
    (pid,) = unpack_from("<I", body)
    ranges = ranges_of(body, 4, 1 << 18)
    target = target_of(pid)
    seen = []
    for start, end in ranges:
        # What is touched only later is looked at then.
        for at, to in runs(target.states(start, end).translate(HERE)):
            seen.append((start + at * PAGE, start + to * PAGE))
        send_packed(pools_in(target, start, end))
    target.probed += seen
    send(b"E")


def merged(ranges):
    out = []
    for start, end in sorted(ranges):
        if out and start <= out[-1][1]:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def without(ranges, taken):
    """Of ranges in order what lies in none of others, in order too."""
    out = []
    at = 0
    for start, end in ranges:
        while at < len(taken) and taken[at][1] <= start:
            at += 1
        look = at
        while start < end:
            if look >= len(taken) or taken[look][0] >= end:
                out.append((start, end))
                break
            if taken[look][0] > start:
                out.append((start, taken[look][0]))
            start = taken[look][1]
            look += 1
    return out


def maps_of(pid):
    fd = posix.open("/proc/%d/maps" % pid, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        parts = []
        while True:
            part = posix.read(fd, 1 << 16)
            if not part:
                return b"".join(parts)
            parts.append(part)
    finally:
        posix.close(fd)


def written_to(maps):
    """Private writable mappings without a file behind them."""
    out = []
    for line in maps.split(b"\n"):
        fields = line.split(None, 5)
        if len(fields) >= 5 and fields[1][:4] == b"rw-p" and fields[4] == b"0" and not line.endswith(b"[vvar]"):
            start, end = fields[0].split(b"-")
            out.append((int(start, 16), int(end, 16)))
    return merged(out)


# ---- Copies

class Sent:
    """Pages on their way out, many to a frame."""

    def __init__(self, packs):
        self.packs = packs
        self.runs = []
        self.fill = 0
        self.pages = 0

    def room(self):
        """Pages for which there is room."""
        if self.fill == BLOCK:
            self.flush()
        return (BLOCK - self.fill) // PAGE

    def add(self, address, pages):
        """Those that lie in the block behind what it is filled with."""
        if self.runs and sum_of(self.runs[-1]) == address:
            self.runs[-1] = (self.runs[-1][0], self.runs[-1][1] + pages)
        else:
            self.runs.append((address, pages))
        self.fill += pages * PAGE
        self.pages += pages

    def keep(self, address, page):
        self.room()
        block_view[self.fill:self.fill + PAGE] = page
        self.add(address, 1)
        return True

    def flush(self):
        if not self.runs:
            return
        head = b"".join([pack("<QI", *run) for run in self.runs])
        data = block_view[:self.fill]
        packed = self.packed(data)
        first = pack("<BI", packed is not None, len(self.runs)) + head
        payload = data if packed is None else packed
        put(b"P" + pack("<I", len(first) + len(payload)) + first)
        put(payload)
        self.runs = []
        self.fill = 0

    def packed(self, data):
        """Where it helps: objects shrink to a sixth, payload not at all, and one page in the middle tells."""
        if not self.packs:
            return None
        middle = len(data) // PAGE // 2 * PAGE
        if len(zlib.compress(data[middle:middle + PAGE], 1)) > PAGE * 0.8:
            return None
        packed = zlib.compress(data, 1)
        return packed if len(packed) < len(data) * 0.9 else None


def sum_of(run):
    return run[0] + run[1] * PAGE


def windows_of(start, end):
    """A range by windows: the number, and from and to."""
    while start < end:
        part = min(end, start - start % WINDOW + WINDOW)
        yield start // WINDOW, start, part
        start = part


def send_copy(body):
    pid, packs = unpack_from("<II", body)
    ranges = ranges_of(body, 8, 1 << 16)
    target = target_of(pid)
    sent = Sent(packs)
    if target.probed:
        target.probed += ranges
    for start, end in ranges:
        for number, at, to in windows_of(start, end):
            stay()
            copy_part(target, number, at, to, sent)
    sent.flush()
    send(b"E", pack("<Q", sent.pages))


def copy_part(target, number, start, end, sent):
    first = (start - number * WINDOW) // PAGE
    was, sums, sums_first = target.window(number, first, first + (end - start) // PAGE)
    states = target.states(start, end)
    was[first:first + len(states)] = states.translate(REMEMBER)
    for at, to in runs(states.translate(HERE)):
        while at < to:
            address = start + at * PAGE
            room = block_view[sent.fill:sent.fill + min(to - at, sent.room()) * PAGE]
            if not room:
                continue
            got = target.read(address, room)
            for page in range(got):
                sums[first + at + page - sums_first] = crc32(room[page * PAGE:page * PAGE + PAGE])
            if got:
                sent.add(address, got)
            else:
                # It cannot be read: nothing is remembered of it.
                was[first + at] = 0
                got = 1
            at += got


class Round:
    """One look at all that is known: what has changed goes to `keep`, which says whether it could."""

    def __init__(self, target, keep):
        self.target = target
        self.keep = keep
        self.changed = 0
        self.missed = 0
        target.probed = merged(target.probed)

    def numbers(self, least=0):
        """Of the windows to be seen: those of which something is known, and those beside pools."""
        near = {number + beside for number in self.target.arenas for beside in (-1, 0, 1)}
        near.update(self.target.windows)
        return sorted(number for number in near if number >= least)

    def see(self, number):
        """One window. Returns the pages that were looked at."""
        target = self.target
        base = number * WINDOW
        found = target.windows.get(number)
        near = target.near_arenas(number)
        if near:
            states = target.states(base, base + WINDOW)
            self.see_around(number, near, states)
            found = target.windows.get(number)
        if found is None:
            return 0
        was, sums, first = found
        if not near:
            # Nothing else is of interest here, and the kernel takes its time for each page that is asked about.
            count = len(sums)
            states = target.states(base + first * PAGE, base + (first + count) * PAGE)
            # A few pages that are as they were: of large payload, most windows.
            if count <= PAGES_OF_WORK and was[first:first + count] == ALL_OWN[:count] and states == ALL_OWN[:count]:
                if target.read(base + first * PAGE, work[:count * PAGE]) == count:
                    if [crc32(work[offset:offset + PAGE]) for offset in OFFSETS[:count]] == sums.tolist():
                        return count
            states = bytes(first) + states
            states += bytes(WINDOW_PAGES - len(states))
        known = was.translate(IS_KNOWN)
        looked = 0
        for at, to in runs(both(states.translate(HERE), known)):
            while at < to:
                count = min(to - at, PAGES_OF_WORK)
                got = target.read(base + at * PAGE, work[:count * PAGE])
                now = [crc32(work[offset:offset + PAGE]) for offset in OFFSETS[:got]]
                # All as it was: the common case, seen at once.
                if now != sums[at - first:at - first + got].tolist() or was.find(WAS_ABSENT, at, at + got) >= 0 or was.find(WAS_SWAPPED, at, at + got) >= 0:
                    self.compare(number, at, now, states)
                looked += got or 1
                at += got or 1
        # Given back to the kernel since: it reads as zeros now.
        gone = both(states.translate(IS_NONE), was.translate(IS_OWN))
        for at, to in runs(gone):
            for page in range(at, to):
                if self.tell(base + page * PAGE, ZEROS):
                    was[page] = WAS_ABSENT
        return looked

    def see_around(self, number, near, states):
        """What lies beside pools, and was none when it was looked at, may have become one."""
        found = self.target.windows.get(number)
        fresh = states.translate(HERE)
        if found is not None:
            fresh = both(fresh, found[0].translate(IS_NONE))
        at = fresh.find(1)
        while at >= 0:
            group = at - at % 64
            if near >> group // 64 & 1:
                address = number * WINDOW + group * PAGE
                self.become_known(number, group, pools_in(self.target, address, address + 64 * PAGE), fresh)
            at = fresh.find(1, group + 64)

    def become_known(self, number, first, pools, fresh=None):
        """Parts of pools, from a page of a window on, of which nothing is known: they count as changed."""
        for at, to in runs(pools):
            was = self.target.window(number, first + at, first + to)[0]
            for page in range(first + at, first + to):
                if was[page] == 0 and (fresh is None or fresh[page]):
                    was[page] = WAS_ABSENT

    def compare(self, number, at, now, states):
        was, sums, first = self.target.windows[number]
        for index, value in enumerate(now):
            page = at + index
            if value == sums[page - first] and was[page] < NO_SUM:
                continue
            if self.tell(number * WINDOW + page * PAGE, work[index * PAGE:index * PAGE + PAGE]):
                sums[page - first] = value
                was[page] = REMEMBER[states[page]]

    def tell(self, address, page):
        self.changed += 1
        if self.keep(address, page):
            return True
        self.missed += 1
        return False

    def see_new(self, maps, until=None):
        """
        Pools where none were looked for: in memory that was mapped since, or was there and not touched. Returns whether there was
        time for all.
        """
        target = self.target
        if not target.probed:
            return True
        seen = []
        for start, end in without(written_to(maps), target.probed):
            # Much may be reserved that is not used: it is passed over in large steps.
            while start < end:
                if until is not None and time.monotonic() > until:
                    return False
                stay()
                step = min(end, start - start % (16 * WINDOW) + 16 * WINDOW)
                for at, to in runs(target.states(start, step).translate(HERE)):
                    for number, here, there in windows_of(start + at * PAGE, start + to * PAGE):
                        self.see_pools(number, here, there, until)
                    seen.append((start + at * PAGE, start + to * PAGE))
                start = step
        target.probed = merged(target.probed + seen)
        return True

    def see_pools(self, number, start, end, until):
        """Those in a part of a window become known, and count as changed."""
        found = pools_in(self.target, start, end, until)
        if found.find(1) < 0:
            return
        self.become_known(number, (start - number * WINDOW) // PAGE, found)
        self.see(number)


def send_changes(body):
    pid, packs, cursor, most = unpack_from("<IIQI", body)
    target = target_of(pid)
    started = time.monotonic()
    sent = Sent(packs)
    look = Round(target, sent.keep)
    looked = 0
    following = 0
    for number in look.numbers(cursor // WINDOW):
        if look.changed >= most:
            following = number * WINDOW
            break
        stay()
        looked += look.see(number)
    if following == 0:
        look.see_new(maps_of(pid))
    sent.flush()
    micros = int((time.monotonic() - started) * 1e6)
    send(b"E", pack("<4Q", following, look.changed, looked, micros))


# ---- A stop

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000
calls = []


def ptrace(request, tid, data=0):
    """0, or an errno. `_ctypes` alone takes a third of what `ctypes` takes."""
    if not calls:
        try:
            import _ctypes
        except ImportError:
            raise Failed(ENOSYS, "this Python has no ctypes, so that nothing can be stopped")

        class Long(_ctypes._SimpleCData):
            _type_ = "l"

        class Call(_ctypes.CFuncPtr):
            _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
            _restype_ = Long

        calls.append((Call(_ctypes.dlsym(_ctypes.dlopen(None, 2), "ptrace")), Long, _ctypes.get_errno))
    call, Long, get_errno = calls[0]
    if call(Long(request), Long(tid), Long(0), Long(data)) == -1:
        return get_errno()
    return 0


def hurry(priority):
    """The process waits for this one: where that is allowed (CAP_SYS_NICE) nothing else comes first."""
    try:
        posix.setpriority(posix.PRIO_PROCESS, 0, priority)
    except OSError:
        pass


class Stop:
    """All threads of a process, held. A thread that has stopped has a signal beside it, to be delivered when it goes: mostly none (0)."""

    def __init__(self, pid, until):
        self.pid = pid
        self.until = until
        self.held = {}
        self.waiting = []
        self.over = set()

    def hold(self):
        """Those that appear meanwhile too. Raises Failed, and nothing is held then."""
        while True:
            try:
                threads = [int(name) for name in posix.listdir("/proc/%d/task" % self.pid)]
            except OSError as error:
                raise Failed(error.errno, "threads of %d" % self.pid)
            new = [tid for tid in threads if tid not in self.held and tid not in self.over]
            if not new:
                if not self.held:
                    raise Failed(ESRCH, "%d has ended" % self.pid)
                return
            for tid in new:
                self.seize(tid)
            for tid in self.waiting:
                ptrace(PTRACE_INTERRUPT, tid)
            self.wait()

    def seize(self, tid):
        errno = ptrace(PTRACE_SEIZE, tid)
        if errno == 0:
            self.waiting.append(tid)
        elif errno == ESRCH or self.state(tid) in "ZX?":
            self.over.add(tid)
        else:
            raise Failed(errno, "thread %d cannot be traced" % tid)

    def state(self, tid):
        try:
            return text_of("/proc/%d/task/%d/stat" % (self.pid, tid)).rsplit(")", 1)[1].split()[0]
        except (OSError, IndexError):
            return "?"

    def wait(self):
        naps = 0
        while self.waiting:
            left = []
            for tid in self.waiting:
                try:
                    got, status = posix.waitpid(tid, posix.WNOHANG | WALL)
                except ChildProcessError:
                    self.over.add(tid)
                    continue
                if got == 0:
                    left.append(tid)
                elif not posix.WIFSTOPPED(status):
                    self.over.add(tid)
                else:
                    # An event (our interruption, or a stop of the whole group) has a number above; without one a signal
                    # was on its way.
                    self.held[tid] = 0 if status >> 16 else posix.WSTOPSIG(status)
            self.waiting = left
            if left:
                stay()
                if time.monotonic() > self.until:
                    raise Failed(ETIMEDOUT, "thread %d is in state %s" % (left[0], self.state(left[0])))
                naps += 1
                if naps > 3:
                    time.sleep(0.00005 if naps < 100 else 0.001)
                else:
                    posix.sched_yield()

    def go(self):
        for tid, signal in self.held.items():
            ptrace(PTRACE_DETACH, tid, signal)
        self.held = {}


def traces_nothing():
    """The kernel knows: there is nothing left to wait for. This process has no children of its own."""
    while True:
        try:
            tid, status = posix.waitpid(-1, posix.WNOHANG | WALL)
        except ChildProcessError:
            return True
        if tid == 0:
            return False
        if posix.WIFSTOPPED(status):
            ptrace(PTRACE_DETACH, tid, 0 if status >> 16 else posix.WSTOPSIG(status))


class Kept:
    """Changed pages, while the process stands. What comes after some is packed, as all of it is memory of the container."""

    PLAIN = 128 * PAGE

    def __init__(self, most):
        import mmap

        # Pages are taken when they are written to, and given back for sure.
        self.room = mmap.mmap(-1, max(PAGE, most // PAGE * PAGE), mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.bytes = memoryview(self.room)
        self.fill = 0
        self.addresses = []
        self.ends = []

    def keep(self, address, page):
        data = page
        if self.fill >= self.PLAIN:
            data = zlib.compress(page, 1)
            if len(data) >= PAGE:
                data = page
        end = self.fill + len(data)
        if end > len(self.bytes):
            return False
        self.bytes[self.fill:end] = data
        self.fill = end
        self.addresses.append(address)
        self.ends.append(end)
        return True

    def send(self, packs):
        sent = Sent(packs)
        start = 0
        for address, end in zip(self.addresses, self.ends):
            page = self.bytes[start:end]
            sent.keep(address, page if end - start == PAGE else zlib.decompress(page))
            start = end
        sent.flush()

    def close(self):
        self.bytes.release()
        self.room.close()


def send_stopped(body):
    pid, packs, most_ms, most_bytes = unpack_from("<4I", body)
    if not 0 < most_ms <= 60000:
        raise Failed(EINVAL, "a pause of %d ms" % most_ms)
    target = target_of(pid)
    kept = Kept(most_bytes)
    look = Round(target, kept.keep)
    numbers = look.numbers()
    ptrace(PTRACE_DETACH, 0)
    started = time.monotonic()
    until = started + most_ms / 1000 * SHARE
    stop = Stop(pid, until)
    unchecked = 0
    _signal.setitimer(_signal.ITIMER_REAL, most_ms / 1000)
    usual = posix.getpriority(posix.PRIO_PROCESS, 0)
    hurry(-20)
    try:
        stop.hold()
        moment = time.time()
        for index, number in enumerate(numbers):
            if time.monotonic() > until:
                for later in numbers[index:]:
                    was = target.windows[later][0] if later in target.windows else b""
                    unchecked += len(was) - was.count(0)
                break
            stay()
            look.see(number)
        maps = maps_of(pid)
        if not look.see_new(maps, until):
            unchecked += 1
    except OSError as error:
        raise Failed(error.errno or EIO, "%d while it stood" % pid)
    finally:
        stop.go()
        micros = int((time.monotonic() - started) * 1e6)
        if not traces_nothing():
            # A thread that could not be held yet, or has another number since an exec, would stop later, with nobody to let it go:
            # so the end of this process does.
            error = sys.exc_info()[1]
            fail(*(error.args if isinstance(error, Failed) else (ETIMEDOUT, "a thread could not be let go")))
            leave(5)
        rest()
        hurry(usual)
    kept.send(packs)
    kept.close()
    for at in range(0, len(maps), 1 << 18):
        send(b"M", zlib.compress(maps[at:at + (1 << 18)], 1))
    send(b"E", pack("<6Q", int(moment * 1e6), micros, look.changed, look.missed, unchecked, len(maps)))


# ---- Words here and there

# By state: what there is, and what comes from its file when it is read.
COMES = bytes(1 if state in (ABSENT, OWN, FILED) else 0 for state in range(256))


def constants_of(maps):
    """
    Private read-only mappings of programs and libraries. What none has touched yet comes from the file when it is read, and is in no
    memory of the target's own: a worker that was forked off has not touched most of what its parent has.
    """
    programs = set()
    found = []
    for line in maps.split(b"\n"):
        fields = line.split(None, 5)
        if len(fields) < 6 or fields[4] == b"0":
            continue
        flags = fields[1]
        if flags[2:3] == b"x":
            programs.add(fields[5])
        if flags[:2] == b"r-" and flags[3:4] == b"p":
            found.append((fields[0].split(b"-"), fields[5]))
    return merged([(int(start, 16), int(end, 16)) for (start, end), path in found if path in programs])


class Readable:
    """What of a target can be read without harm. For one request: its mappings are read once, and only where a page asks for them."""

    def __init__(self, target):
        self.target = target
        self.constants = None

    def pages(self, start, end):
        """A byte a page: 1 where it can be read."""
        states = self.target.states(start, end)
        here = states.translate(HERE)
        if here.find(0) < 0:
            return here
        if self.constants is None:
            self.constants = self.find_constants()
        here = bytearray(here)
        for first, last in self.constants:
            at = (max(first, start) - start) // PAGE
            to = (min(last, end) - start) // PAGE
            if at < to:
                here[at:to] = states[at:to].translate(COMES)
        return here

    def find_constants(self):
        try:
            return constants_of(maps_of(self.target.pid))
        except OSError:
            return []


def send_range(body):
    pid, address, count = unpack("<IQI", body)
    if count > 1 << 20 or address >= 1 << 52:
        raise Failed(EINVAL, "more than fits an answer")
    target = target_of(pid)
    end = address + count
    start = address - address % PAGE
    missing = Readable(target).pages(start, -(-end // PAGE) * PAGE).find(0)
    if missing >= 0:
        end = min(end, start + missing * PAGE)
    while address < end:
        room = block_view[:min(BLOCK, end - address)]
        try:
            got = posix.preadv(target.mem, [room], address)
        except OSError:
            break
        if got == 0:
            break
        send(b"D", room[:got])
        address += got
    send(b"E")


def send_gathered(body):
    pid, size = unpack_from("<II", body)
    if len(body) % 8 or not 0 < size <= PAGE:
        raise Failed(EINVAL, "addresses that are cut off")
    target = target_of(pid)
    readable = Readable(target)
    addresses = memoryview(body)[8:].cast("Q")
    # Two pages, as what begins in one may end in the next.
    pair = work[:2 * PAGE]
    page = number = got = -1
    here = b""
    out = bytearray()
    for address in addresses:
        if address >= 1 << 52:
            raise Failed(EINVAL, "an address that is none")
        if address // PAGE != page:
            page = address // PAGE
            if page // WINDOW_PAGES != number:
                stay()
                number = page // WINDOW_PAGES
                here = readable.pages(number * WINDOW, number * WINDOW + WINDOW + PAGE)
            index = page % WINDOW_PAGES
            wanted = here[index] and 1 + here[index + 1]
            got = target.read(page * PAGE, pair[:wanted * PAGE]) * PAGE if wanted else 0
        offset = address % PAGE
        part = bytes(pair[offset:min(got, offset + size)]) if offset < got else b""
        out += part
        if len(part) < size:
            out += bytes(size - len(part))
        if len(out) >= 1 << 17:
            send_packed(out)
            out = bytearray()
    if out:
        send_packed(out)
    send(b"E")


def send_forgotten(body):
    forget(unpack("<I", body)[0])
    send(b"E")


# ---- What this process says of itself

def number_in(path):
    try:
        text = text_of(path).strip()
        return int(text) if text.isdigit() else None
    except OSError:
        return None


def field_in(path, name):
    for line in text_of(path).split("\n"):
        words = line.split()
        if len(words) == 2 and words[0] == name:
            return int(words[1])
    return 0


# Version of the control groups: where they are, the files of limit and use, and what precedes the names in memory.stat.
GROUPS = [
    ("", "/sys/fs/cgroup", "memory.max", "memory.current", ""),
    ("memory", "/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
]


def headroom():
    """
    The limit less what cannot be reclaimed, of the tightest group that can be seen from here: file pages can go, and shared
    memory counts among those that cannot.
    """
    tightest = None
    try:
        lines = text_of("/proc/self/cgroup").split("\n")
    except OSError:
        lines = []
    for controllers, root, limit_file, usage_file, prefix in GROUPS:
        path = ""
        for line in lines:
            fields = line.split(":", 2)
            if len(fields) == 3 and controllers in fields[1].split(","):
                path = fields[2].rstrip("/")
        while True:
            limit = number_in(root + path + "/" + limit_file)
            usage = number_in(root + path + "/" + usage_file)
            # Without a limit the first version has the largest number there is.
            if limit is not None and usage is not None and limit < 1 << 60:
                stat = root + path + "/memory.stat"
                filed = field_in(stat, prefix + "inactive_file") + field_in(stat, prefix + "active_file")
                seen = (limit - (usage - filed), limit, usage, filed)
                tightest = seen if tightest is None else min(tightest, seen)
            if not path:
                break
            path = path.rpartition("/")[0]
    return tightest


def can_stop():
    """Looked for and not loaded, as it takes memory."""
    for finder in sys.meta_path:
        try:
            if finder.find_spec("_ctypes", None) is not None:
                return True
        except (AttributeError, ImportError, OSError):
            pass
    return False


def greet(least):
    room = headroom()
    left = room is not None and room[0] < least
    words = [
        '"version":%d' % VERSION,
        '"python":"%d.%d.%d"' % sys.version_info[:3],
        '"pid":%d' % posix.getpid(),
        '"uid":%d' % posix.geteuid(),
        '"pageBytes":%d' % posix.sysconf("SC_PAGE_SIZE"),
        '"left":%s' % ("true" if left else "false"),
        '"canStop":%s' % ("true" if can_stop() else "false"),
    ]
    if room is not None:
        words.append('"headroom":{"bytes":%d,"limitBytes":%d,"usageBytes":%d,"fileBytes":%d}' % room)
    yama = number_in("/proc/sys/kernel/yama/ptrace_scope")
    if yama is not None:
        words.append('"yama":%d' % yama)
    for line in text_of("/proc/self/status").split("\n"):
        if line.startswith("CapEff:"):
            words.append('"capabilities":"%s"' % line.split()[1])
    send(b"H", ("{" + ",".join(words) + "}").encode("ascii"))
    if left:
        leave(4)


# ---- Requests

ANSWERS = [None, send_items, send_states, send_pools, send_copy, send_changes, send_stopped, send_range, send_gathered, send_forgotten]
idle_seconds = 900.0


def rest():
    """The time without a request, or with nobody who takes the answer, after which this process ends by itself."""
    _signal.setitimer(_signal.ITIMER_REAL, idle_seconds)


def answer(op, body):
    try:
        if not 0 < op < len(ANSWERS):
            raise Failed(ENOSYS, "request %d" % op)
        ANSWERS[op](body)
    except Failed as error:
        fail(*error.args)
    except OSError as error:
        fail(error.errno or EIO, "request %d" % op)
    except MemoryError:
        fail(ENOMEM, "request %d" % op)
    except Exception as error:
        # A request that is cut off, mostly (struct.error).
        fail(EINVAL, "request %d: %s" % (op, type(error).__name__))


def serve():
    while True:
        rest()
        head = take(5)
        (length,) = unpack_from("<I", head, 1)
        if length > MOST_REQUEST:
            fail(EINVAL, "a request of %d bytes" % length)
            leave(3)
        answer(head[0], take(length))


def begin():
    global idle_seconds
    least = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if len(sys.argv) > 2:
        idle_seconds = float(sys.argv[2])
    _signal.signal(_signal.SIGALRM, _signal.SIG_DFL)
    _signal.signal(_signal.SIGPIPE, _signal.SIG_IGN)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [_signal.SIGALRM])
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
    posix.set_blocking(1, False)
    rest()
    greet(least)
    serve()


begin()
