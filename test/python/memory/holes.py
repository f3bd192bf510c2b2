from told import tell

rows = [number + 0.25 for number in range(2_000_000)]
# One in four stays: no pool is free, and blocks of other sizes cannot use the holes.
kept = rows[::4]
rows = None
tell("python-arenas-free", 1_500_000 * 32)
