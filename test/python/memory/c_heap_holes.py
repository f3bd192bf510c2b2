from told import filled, libc, tell

blocks = filled(20_000, 3000)
# Two in three are freed; what is left keeps the heap from shrinking.
for at, block in enumerate(blocks):
    if at % 3:
        libc.free(block)
tell("c-heap-free", 20_000 * 3008 * 2 // 3)
