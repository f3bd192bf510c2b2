"""subprocess, fork, multiprocessing, posix_spawn and job control: every child is reaped, with its own exit status."""
import multiprocessing, os, signal, subprocess
from checked import at_last, check, repeated, serve



def square(number):
    return number * number


# Before any thread is there, and after `square`, which the workers must have.
pool = multiprocessing.get_context("fork").Pool(2)
workers = {process.pid for process in pool._pool}
numbers = [0]


@repeated
def subprocesses():
    numbers[0] += 1
    script = "read line; echo $line $line; exit %d" % (numbers[0] % 200)
    done = subprocess.run(["/bin/sh", "-c", script], input=b"%d\n" % numbers[0], stdout=subprocess.PIPE, timeout=300)
    check(done.returncode == numbers[0] % 200, "exit code %d in round %d" % (done.returncode, numbers[0]))
    check(done.stdout == b"%d %d\n" % (numbers[0], numbers[0]), "said %r" % done.stdout)


def is_traced():
    with open("/proc/self/status") as status:
        return "TracerPid:\t0\n" not in status.read()


@repeated
def forks():
    child = os.fork()
    if child == 0:
        os._exit(8 if is_traced() else 7)
    reaped, status = os.waitpid(child, 0)
    check((reaped, status) == (child, 7 << 8), "forked %d, reaped %d with %d" % (child, reaped, status))


@repeated
def spawns():
    child = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 9"], {})
    seen = os.waitid(os.P_PID, child, os.WEXITED)
    check((seen.si_pid, seen.si_status) == (child, 9), "spawned %d, saw %r" % (child, seen))


@repeated
def job_control():
    child = os.posix_spawn("/bin/sh", ["sh", "-c", "kill -STOP $$; exit 5"], {})
    _, status = os.waitpid(child, os.WUNTRACED)
    check(os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP, "no stop but %x" % status)
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)
    check(status == 5 << 8, "after the stop: %x" % status)


@repeated
def killed_children():
    child = subprocess.Popen(["/bin/sleep", "600"])
    child.kill()
    check(child.wait(300) == -signal.SIGKILL, "killed, and ended with %r" % child.returncode)


@repeated
def pool_map():
    check(pool.map(square, range(20)) == [i * i for i in range(20)], "a wrong square")


@at_last
def all_reaped():
    check({process.pid for process in pool._pool} == workers, "a worker of the pool was replaced")
    pool.close()
    pool.join()
    try:
        left = os.waitpid(-1, os.WNOHANG)
        check(False, "a child was left: %r" % (left,))
    except ChildProcessError:
        pass


serve()
