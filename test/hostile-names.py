"""Grows in lists whose modules, classes and variables have names that no program should have."""

import sys
import threading
import time
import types

NAMES = [
    "red\x1b[31m",
    "quo\"te'`<script>alert(1)</script>",
    "rtl\u202eevil",
    "isolate\u2066x",
    "snake\U0001f40d",
    "new\nline",
    "tab\tnul\x00x",
    "a" * 300,
    "|pipe|**bold**[link](x)",
    "\u2028separator",
    "csi\x9b31m",
    "lone\ud800surrogate",
]

holders = []
for name in NAMES:
    class_ = type("Plain", (), {"__qualname__": name, "__module__": name, "log": []})
    module = types.ModuleType("plain")
    module.__name__ = name
    module.__file__ = "/nowhere/" + name + ".py"
    module.CACHE = {}
    module.Plain = class_
    setattr(module, name, [])
    sys.modules[name] = module
    holders.append((module, class_, name))
threading.Thread(target=time.sleep, args=(600,), name=NAMES[0], daemon=True).start()
with open("/proc/self/comm", "w") as comm:
    comm.write("\x1b[31mc\nx")
print("ready", flush=True)
turn = 0
while True:
    for module, class_, name in holders:
        class_.log.append(class_())
        module.CACHE[(name, turn)] = [class_() for _ in range(5)]
        getattr(module, name).append(bytearray(3000))
    turn += 1
    time.sleep(0.02)
