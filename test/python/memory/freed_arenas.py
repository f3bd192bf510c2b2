from told import tell

rows = [[number] for number in range(450_000)]
# One list in 2,000 stays: no arena is wholly free, so none is given back.
kept = rows[::2000]
del rows
# A list with its collector's head, its table of one, a number.
tell("python-arenas-free", 450_000 * (64 + 16 + 32))
