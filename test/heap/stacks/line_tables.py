"""The line tables of programs made up from the seeds argv[1:], and of Python's own library, with the lines that Python reads in them: a JSON line each."""
import dis
import glob
import json
import os
import random
import sys
import sysconfig

NAMES = ["alpha", "beta", "gamma", "delta"]


def program(seed):
    """Statements of all kinds, with long gaps, long lines, and expressions over lines that go up and down again."""
    chance = random.Random(seed)
    lines = []

    def gap():
        lines.extend([""] * chance.choice([0, 0, 0, 1, 2, 5, 130, 300, 70000 if chance.random() < 0.02 else 3]))

    def expression(depth):
        kind = chance.randrange(9) if depth < 2 else 8
        inner = lambda: expression(depth + 1)
        split = "\n" * chance.choice([0, 0, 1, 1, 3, 140])
        if kind == 0:
            return "(%s +%s %s)" % (inner(), split, inner())
        if kind == 1:
            return "[%s for one in%s %s if%s %s]" % (inner(), split, inner(), split, inner())
        if kind == 2:
            return "(lambda two=%s:%s %s)" % (inner(), " " if "\n" in split else "", inner())
        if kind == 3:
            return "alpha(%s%s, *%s,%s key=%s)" % (split, inner(), inner(), split, inner())
        if kind == 4:
            return "{%s:%s %s, **%s}" % (inner(), split, inner(), inner())
        if kind == 5:
            return "(%s if%s %s else %s)" % (inner(), split, inner(), inner())
        if kind == 6:
            return "beta[%s][%s%s]" % (inner(), split, inner())
        if kind == 7:
            return "[" + ", ".join([inner()] * chance.choice([1, 40])) + "]"
        return chance.choice(NAMES + ["1", "'text'", "None"])

    def statement(indent, depth, is_loop, is_function):
        pad = "    " * indent
        body = lambda loop=is_loop, function=is_function: block(indent + 1, depth + 1, loop, function)
        add = lambda text: lines.append(pad + text)
        gap()
        kind = chance.randrange(13) if depth < 3 else 12
        if kind == 0:
            add("if %s:" % expression(1)), body(), add("else:"), body()
        elif kind == 1:
            add("for %s in %s:" % (chance.choice(NAMES), expression(1))), body(True), add("else:"), body()
        elif kind == 2:
            add("while %s:" % expression(1)), body(True)
        elif kind == 3:
            add("try:"), body(), add("except (%s):" % expression(2)), body(), add("finally:"), body(False)
        elif kind == 4:
            add("with %s as gamma, %s:" % (expression(1), expression(1))), body()
        elif kind == 5:
            for _ in range(chance.randrange(3)):
                add("@(%s)" % expression(2) if sys.version_info >= (3, 9) else "@alpha(%s)" % expression(2))
            add("%sdef made(one, two=%s):" % (chance.choice(["", "async "]), expression(2))), body(False, True)
        elif kind == 6:
            add("class Made(%s):" % expression(2)), body(False, False)
        elif kind == 7:
            add("return %s" % expression(0) if is_function else "pass")
        elif kind == 8:
            add(chance.choice(["break", "continue"]) if is_loop else "assert %s, %s" % (expression(1), expression(1)))
        elif kind == 9:
            add("raise %s" % expression(1))
        elif kind == 10:
            add("del beta[%s]" % expression(1))
        elif kind == 11:
            add("yield %s" % expression(1) if is_function and chance.random() < 0.1 else "global_name = %s" % expression(0))
        else:
            add("%s = %s" % (chance.choice(NAMES), expression(0)))

    def block(indent, depth, is_loop, is_function):
        for _ in range(chance.randrange(1, 5)):
            statement(indent, depth, is_loop, is_function)

    for _ in range(6):
        statement(0, 0, False, False)
    return "\n".join(lines) + "\n"


def codes(code):
    yield code
    for each in code.co_consts:
        if hasattr(each, "co_code"):
            yield from codes(each)


def tell(source, name):
    try:
        made = compile(source, name, "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for code in codes(made):
        if hasattr(code, "co_lines"):
            table, ranges = code.co_linetable, [list(each) for each in code.co_lines()]
        else:
            starts = list(dis.findlinestarts(code))
            ends = [start for start, _ in starts[1:]] + [len(code.co_code)]
            table, ranges = code.co_lnotab, [[start, end, line] for (start, line), end in zip(starts, ends)]
        print(json.dumps({"table": table.hex(), "first": code.co_firstlineno, "ranges": ranges}))


for seed in sys.argv[1:]:
    tell(program(int(seed)), "seed %s" % seed)
for file in sorted(glob.glob(os.path.join(sysconfig.get_paths()["stdlib"], "*.py")))[::8]:
    with open(file, "rb") as opened:
        tell(opened.read(), file)
