from told import MIB, filled, tell

filled(20_000, 1500)
filled(12, MIB)
tell("c-heap-used", 20_000 * 1520 + 12 * MIB)
