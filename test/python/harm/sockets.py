"""TCP with time-outs, epoll (edge and level), poll, select, pipes and an asyncio server: bytes in order, none twice."""
import asyncio, os, select, socket, struct, threading
from checked import check, lasts, repeated, serve

listener = socket.create_server(("127.0.0.1", 0))


def echo(connection):
    while True:
        data = connection.recv(64)
        if not data:
            return
        connection.sendall(data)


def accept():
    while True:
        threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
client, sent = socket.create_connection(listener.getsockname(), timeout=300), [0]


def exactly(connection, length):
    data = b""
    while len(data) < length:
        data += connection.recv(length - len(data))
    return data


@repeated
def tcp_echo():
    for _ in range(20):
        sent[0] += 1
        client.sendall(struct.pack("<q", sent[0]))
        (back,) = struct.unpack("<q", exactly(client, 8))
        check(back == sent[0], "echo of %d is %d" % (sent[0], back))


@repeated
def connects():
    with socket.create_connection(listener.getsockname(), timeout=300) as short:
        short.sendall(b"once")
        check(exactly(short, 4) == b"once", "a short connection got something else")


silent, _other = socket.socketpair()
silent.settimeout(0.003)


@repeated
def recv_times_out():
    with lasts(0.003, "recv"):
        try:
            check(False, "recv on a silent socket: %r" % silent.recv(1))
        except socket.timeout:
            pass


@repeated
def polls_time_out():
    epoll, poll = select.epoll(), select.poll()
    epoll.register(_other, select.EPOLLIN)
    poll.register(_other, select.POLLIN)
    with lasts(0.003, "epoll"):
        check(epoll.poll(0.003) == [], "epoll saw something on a silent socket")
    with lasts(0.003, "poll"):
        check(poll.poll(3) == [], "poll saw something on a silent socket")
    with lasts(0.003, "select"):
        check(select.select([_other], [], [], 0.003) == ([], [], []), "select saw something on a silent socket")
    epoll.close()


pairs = [socket.socketpair() for _ in range(8)]
edge = select.epoll()
for near, _far in pairs:
    near.setblocking(False)
    edge.register(near, select.EPOLLIN | select.EPOLLET)
turn = threading.Semaphore(0)


def write_in_turn():
    number = 0
    while True:
        turn.acquire()
        number += 1
        for _near, far in pairs:
            far.sendall(struct.pack("<q", number))


threading.Thread(target=write_in_turn, daemon=True).start()
rounds = [0]


@repeated
def edge_triggered():
    rounds[0] += 1
    turn.release()
    waiting = {near.fileno(): near for near, _far in pairs}
    while waiting:
        # No time-out: an event that is lost never comes again on an edge-triggered descriptor.
        for descriptor, _events in edge.poll():
            near = waiting.get(descriptor)
            if near is None:
                continue
            (number,) = struct.unpack("<q", near.recv(8))
            check(number == rounds[0], "edge-triggered: %d in round %d" % (number, rounds[0]))
            del waiting[descriptor]


readable, writable = os.pipe()


def fill():
    number = 0
    while True:
        os.write(writable, struct.pack("<q", number))
        number += 1


threading.Thread(target=fill, daemon=True).start()
next_in_pipe = [0]


@repeated
def pipe_in_order():
    for _ in range(100):
        (number,) = struct.unpack("<q", os.read(readable, 8))
        check(number == next_in_pipe[0], "pipe: %d and not %d" % (number, next_in_pipe[0]))
        next_in_pipe[0] += 1


async def serve_lines(reader, writer):
    while True:
        data = await reader.readline()
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.close()


async def talk(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(10):
        writer.write(b"%d\n" % number)
        back = await asyncio.wait_for(reader.readline(), 300)
        check(int(back) == number, "asyncio echo of %d is %r" % (number, back))
    writer.close()
    await writer.wait_closed()


async def asyncio_round():
    loop, order = asyncio.get_running_loop(), []
    server = await asyncio.start_server(serve_lines, "127.0.0.1", 0)
    for place in range(5):
        loop.call_later(place / 1000, order.append, place)
    await asyncio.gather(*(talk(server.sockets[0].getsockname()[1]) for _ in range(3)))
    with lasts(0.005, "asyncio.sleep"):
        await asyncio.sleep(0.005)
    check(order == [0, 1, 2, 3, 4], "call_later in the order %r" % order)
    server.close()


@repeated
def asyncio_echo():
    asyncio.run(asyncio_round())


serve()
