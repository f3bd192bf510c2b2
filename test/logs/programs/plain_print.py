# logs: {"modes": ["leak", "bounded"], "times": false, "itemBytes": 40000}
from pace import MODE, is_new, payload, ticks


class Service:
    def __init__(self):
        self.@name@ = {}
        self.count = 0

    def handle(self, i):
        if is_new(i):
            self.@name@[i] = payload(40000)
        if MODE == "bounded" and len(self.@name@) > 20:
            self.@name@.pop(next(iter(self.@name@)))
        self.count += 1


service = Service()
for i in ticks():
    service.handle(i)
    print(f"item {i} took {i % 7 + 2} ms", flush=True)
    if i % 4 == 0:
        print(f"@work:{service.count}@", flush=True)
        print(f"@kept:{len(service.@name@)}@", flush=True)
