/**
 * Calls that print, in all their forms. `says` is the line of the log, with the number in `«…»`; the call's line ends in `#P`.
 * `holder` is the name of the container that the number tells the size of (`Class.name`, `name`, `function.name`); null: none.
 */
export interface Printed {
  readonly form: string;
  readonly code: string;
  readonly says: string;
  readonly expression: string;
  readonly holder: string | null;
  readonly fields?: string[];
  /** Of a number that is a field of its own: its name. */
  readonly field?: string;
  readonly by?: 'beside';
  readonly more?: Record<string, string>;
}

/** A class with a growing container; `WORD` and `THING` are replaced by random words, in the code and in the line. */
const inClass = (line: string, before = '') => `
import logging, sys, json, time
from string import Template
logger = logging.getLogger(__name__)
log = logger
class Store:
    def __init__(self):
        self.kept = {}
        self.count = 0
    def put(self, key, value):
        self.kept[key] = value
${before}        ${line}  #P
`;

export const PRINTED: Printed[] = [
  {
    form: 'print of an f-string',
    code: inClass('print(f"WORD THING: {len(self.kept)} entries")'),
    says: 'WORD THING: «12» entries',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of several values',
    code: inClass('print("WORD THING", len(self.kept), "of", 100)'),
    says: 'WORD THING «12» of 100',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print with a separator',
    code: inClass('print("WORD", "THING", len(self.kept), sep="|")'),
    says: 'WORD|THING|«12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print with a level in its text',
    code: inClass('print(f"[INFO] WORD THING size={len(self.kept)}", flush=True)'),
    says: 'WORD THING size=«12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print with its own time and level',
    code: inClass('print(f"{time.time()} INFO WORD THING size={len(self.kept)}")'),
    says: 'WORD THING size=«12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of a sum of texts',
    code: inClass('print("WORD THING holds " + str(len(self.kept)) + " keys")'),
    says: 'WORD THING holds «12» keys',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of percent',
    code: inClass('print("WORD THING %d/%d" % (len(self.kept), 500))'),
    says: 'WORD THING «12»/500',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of percent with one value',
    code: inClass('print("WORD THING %s." % len(self.kept))'),
    says: 'WORD THING «12».',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of percent with names',
    code: inClass('print("WORD %(n)5d THING" % {"n": len(self.kept)})'),
    says: 'WORD «   12» THING',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of format',
    code: inClass('print("WORD {} THING {}".format(key, len(self.kept)))'),
    says: 'WORD user:7 THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of format by number and name',
    code: inClass('print("WORD {1:>4} THING {n:,}".format(len(key), 3, n=len(self.kept)))'),
    says: 'WORD    3 THING «1,234»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'print of a Template',
    code: inClass('print(Template("WORD $n THING").substitute(n=len(self.kept)))'),
    says: 'WORD «12» THING',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a Template in a variable, filled from a dict',
    code: inClass(
      'print(template.safe_substitute({"n": len(self.kept)}))',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: of Python
      '        template = Template("WORD ${n} THING")\n',
    ),
    says: 'WORD «12» THING',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'logging with an f-string',
    code: inClass('logger.info(f"WORD THING now {len(self.kept):,}")'),
    says: 'WORD THING now «12,345»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'logging with arguments',
    code: inClass('logger.warning("WORD %s THING %d", key, len(self.kept))'),
    says: 'WORD a b THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'logging with one dict',
    code: inClass('logger.info("WORD %(what)s THING %(n)d", {"what": key, "n": len(self.kept)})'),
    says: 'WORD a THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'the module function of logging',
    code: inClass('logging.info("WORD THING %i%%", len(self.kept))'),
    says: 'WORD THING «12»%',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a function imported from logging',
    code: inClass('info("WORD THING %d", len(self.kept))', '        from logging import info\n'),
    says: 'WORD THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'logger.log with a level',
    code: inClass('self.logger.log(logging.INFO, "WORD THING %d", len(self.kept))'),
    says: 'WORD THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'extra',
    code: inClass('logger.info("WORD THING", extra={"kept_items": len(self.kept), "key": key})'),
    says: 'WORD THING',
    fields: ['kept_items', 'key'],
    field: 'kept_items',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'structlog keywords',
    code: inClass('log.info("WORD_THING", size=len(self.kept), key=key)'),
    says: 'WORD_THING',
    fields: ['size', 'key', 'request_id'],
    field: 'size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'structlog keywords, as its console prints them',
    code: inClass('log.info("WORD_THING", size=len(self.kept), key=key)'),
    says: 'WORD_THING                     key=a size=«12»',
    field: 'size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'structlog, bound before',
    code: inClass('log.bind(size=len(self.kept)).info("WORD_THING", key=key)'),
    says: 'WORD_THING',
    fields: ['size', 'key'],
    field: 'size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'loguru braces',
    code: inClass('logger.info("WORD {} THING {}", key, len(self.kept))'),
    says: 'WORD a THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'loguru braces with names',
    code: inClass('logger.success("WORD {n} THING", n=len(self.kept))'),
    says: 'WORD «12» THING',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'sys.stdout.write',
    code: inClass('sys.stdout.write("WORD THING: %d\\n" % len(self.kept))'),
    says: 'WORD THING: «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'sys.stderr.write of an f-string',
    code: inClass('sys.stderr.write(f"WORD THING: {len(self.kept)}\\n")'),
    says: 'WORD THING: «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a dict printed as JSON',
    code: inClass('print(json.dumps({"event": "WORD THING", "size": len(self.kept)}))'),
    says: 'WORD THING',
    fields: ['size'],
    field: 'size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a message put together before',
    code: inClass('logger.info(message)', '        message = f"WORD THING {len(self.kept)}"\n'),
    says: 'WORD THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'one of two messages',
    code: inClass('logger.info("WORD THING %d" if key else "THING WORD %d", len(self.kept))'),
    says: 'THING WORD «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a text in pieces',
    code: inClass('logger.info("WORD "\n            f"THING {len(self.kept)} "\n            "so far")')
      .replace(')  #P', ')')
      .replace('logger.info("WORD "', 'logger.info("WORD "  #P'),
    says: 'WORD THING «12» so far',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a constant of another module',
    code: inClass('logger.info(texts.SIZE, len(self.kept))', '        import texts\n'),
    more: { '/srv/texts.py': 'SIZE = "WORD THING is at %d"\n' },
    says: 'WORD THING is at «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'several lines in one print',
    code: inClass('print(f"WORD\\nTHING: {len(self.kept)}\\nend")'),
    says: 'THING: «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a self-documenting expression',
    code: inClass('print(f"WORD {len(self.kept)=} THING")'),
    says: 'WORD len(self.kept)=«12» THING',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a method that passes its message on',
    code: `
import logging
class Store:
    def __init__(self):
        self.kept = []
        self.logger = logging.getLogger("s")
    def say(self, msg):
        self.logger.info("[store] " + msg)
    def put(self, x):
        self.kept.append(x)
        self.say(f"WORD THING {len(self.kept)}")  #P
`,
    says: '[store] WORD THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a method that passes text and arguments on',
    code: `
import logging
class Store:
    def __init__(self):
        self.kept = []
        self.logger = logging.getLogger("s")
    def log(self, fmt, *args):
        self.logger.info(fmt, *args)
    def put(self, x):
        self.kept.append(x)
        self.log("WORD %s THING %d", x, len(self.kept))  #P
`,
    says: 'WORD a THING «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a function that is given what it prints in parts',
    code: `
KEPT = {}
OTHER = {}
def report(what, size):
    print(f"{what} size: {size}")
def put(k, v):
    KEPT[k] = v
    OTHER[k] = v
    report("WORD THING", len(KEPT))  #P
    report("THING WORD", len(OTHER))
`,
    says: 'WORD THING size: «12»',
    expression: 'len(KEPT)',
    holder: 'KEPT',
  },
  {
    form: 'the size of a queue',
    code: inClass('logger.info("WORD THING backlog %d", self.queue.qsize())', '        self.queue = Queue()\n'),
    says: 'WORD THING backlog «12»',
    expression: 'self.queue.qsize()',
    holder: 'Store.queue',
  },
  {
    form: 'currsize of a cached function',
    code: `
from functools import lru_cache
@lru_cache(maxsize=None)
def load(key):
    return key * 1000
def work(key):
    load(key)
    print("WORD THING", load.cache_info().currsize)  #P
`,
    says: 'WORD THING «12»',
    expression: 'load.cache_info().currsize',
    holder: 'load()',
  },
  {
    form: 'a whole CacheInfo',
    code: `
from functools import lru_cache
@lru_cache(maxsize=None)
def load(key):
    return key * 1000
def work(key):
    load(key)
    print("WORD THING", load.cache_info())  #P
`,
    says: 'WORD THING CacheInfo(hits=1, misses=12, maxsize=None, currsize=«12»)',
    expression: 'load.cache_info()',
    holder: 'load()',
  },
  {
    form: 'currsize of a cachetools cache',
    code: `
from cachetools import TTLCache
cache = TTLCache(maxsize=10**9, ttl=86400)
def put(k, v):
    cache[k] = v
    print(f"WORD THING {cache.currsize}")  #P
`,
    says: 'WORD THING «12»',
    expression: 'cache.currsize',
    holder: 'cache',
  },
  {
    form: 'a counter beside what is kept',
    code: inClass('logger.info("WORD %d THING", self.count)', '        self.count += 1\n'),
    says: 'WORD «12» THING',
    expression: 'self.count',
    holder: 'Store.kept',
    by: 'beside',
  },
  {
    form: 'a module counter beside what is kept',
    code: `
SEEN = set()
total = 0
def handle(x):
    global total
    SEEN.add(x)
    total += 1
    print("WORD THING", total)  #P
`,
    says: 'WORD THING «12»',
    expression: 'total',
    holder: 'SEEN',
    by: 'beside',
  },
  {
    form: 'a length taken before',
    code: inClass('logger.info("WORD THING %d", n)', '        n = len(self.kept)\n'),
    says: 'WORD THING «12»',
    expression: 'n',
    holder: 'Store.kept',
  },
  {
    form: 'a length kept in an attribute',
    code: inClass('logger.info("WORD THING %d", self.size)', '        self.size = len(self.kept)\n'),
    says: 'WORD THING «12»',
    expression: 'self.size',
    holder: 'Store.kept',
  },
  {
    form: 'a property that gives the length',
    code: `${inClass('logger.info("WORD THING %d", self.size)')}
    @property
    def size(self):
        return len(self.kept)
`,
    says: 'WORD THING «12»',
    expression: 'self.size',
    holder: 'Store.kept',
  },
  {
    form: 'an object with a length of its own',
    code: `
class Box:
    def __init__(self):
        self._rows = []
    def add(self, x):
        self._rows.append(x)
    def __len__(self):
        return len(self._rows)
box = Box()
def work(x):
    box.add(x)
    print(f"WORD THING {len(box)}")  #P
`,
    says: 'WORD THING «12»',
    expression: 'len(box)',
    holder: 'Box._rows',
  },
  {
    form: 'a dict of numbers that a method gives',
    code: `${inClass('logger.info(f"WORD THING {self.stats()[\'entries\']}")')}
    def stats(self):
        return {"puts": self.count, "entries": len(self.kept)}
`,
    says: 'WORD THING «12»',
    expression: "self.stats()['entries']",
    holder: 'Store.kept',
  },
  {
    form: 'a printed dict of numbers',
    code: `${inClass('logger.info("WORD THING %s", self.stats())')}
    def stats(self):
        return {"puts": self.count, "entries": len(self.kept)}
`,
    says: "WORD THING {'puts': 0, 'entries': «12»}",
    expression: 'self.stats()',
    holder: 'Store.kept',
  },
  {
    form: 'another name of a container',
    code: inClass('print("WORD THING", len(cache))', '        cache = self.kept\n'),
    says: 'WORD THING «12»',
    expression: 'len(cache)',
    holder: 'Store.kept',
  },
  {
    form: 'a parameter',
    code: `
CACHE = {}
def show(cache):
    print("WORD THING", len(cache))  #P
def put(k, v):
    CACHE[k] = v
    show(CACHE)
`,
    says: 'WORD THING «12»',
    expression: 'len(cache)',
    holder: 'CACHE',
  },
  {
    form: 'a container of another module',
    code: `
import registry
def put(k, v):
    registry.ITEMS[k] = v
    print("WORD THING", len(registry.ITEMS))  #P
`,
    more: { '/srv/registry.py': 'ITEMS = {}\n' },
    says: 'WORD THING «12»',
    expression: 'len(registry.ITEMS)',
    holder: 'ITEMS',
  },
  {
    form: 'a class attribute',
    code: `
class Session:
    live = []
    def __init__(self):
        Session.live.append(self)
        print(f"WORD THING {len(self.live)}")  #P
`,
    says: 'WORD THING «12»',
    expression: 'len(self.live)',
    holder: 'Session.live',
  },
  {
    form: 'a container under a constant key',
    code: `
state = {"seen": [], "done": 0}
def work(x):
    state["seen"].append(x)
    print("WORD THING", len(state["seen"]))  #P
`,
    says: 'WORD THING «12»',
    expression: 'len(state["seen"])',
    holder: "state['seen']",
  },
  {
    form: 'a local of the main loop',
    code: `
def main():
    results = []
    while True:
        results.append(work())
        print("WORD THING", len(results))  #P
`,
    says: 'WORD THING «12»',
    expression: 'len(results)',
    holder: 'main.results',
  },
  {
    form: 'megabytes of memory are no container',
    code: inClass('logger.info("WORD THING %d MB", rss // 1024)', '        rss = memory()\n'),
    says: 'WORD THING «12» MB',
    expression: 'rss // 1024',
    holder: null,
  },
  {
    form: 'a count of work that keeps nothing',
    code: `
class Worker:
    def __init__(self):
        self.done = 0
    def run(self, x):
        handle(x)
        self.done += 1
        print(f"WORD {self.done} THING")  #P
`,
    says: 'WORD «12» THING',
    expression: 'self.done',
    holder: null,
  },
  {
    form: 'a logger with a head of its own',
    code: inClass('logger.info("WORD THING holds %d", len(self.kept))'),
    says: 'app.store | main-thread | WORD THING holds «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'escapes and braces',
    code: inClass('print(f"WORD {{THING}}\\t\\x41: {len(self.kept)}")'),
    says: 'WORD {THING}\tA: «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'click.echo',
    code: inClass('click.echo(f"WORD THING: {len(self.kept)}")'),
    says: 'WORD THING: «12»',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a dict printed as JSON, without a message',
    code: inClass('print(json.dumps({"WORD": 1, "stats": {"THING_size": len(self.kept), "puts": self.count}}))'),
    says: '',
    field: 'stats.THING_size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'logfmt, taken apart by its reader',
    code: inClass('print(f"at=WORD THING_size={len(self.kept)} puts={self.count}")'),
    says: '',
    field: 'THING_size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'JSON that an f-string writes',
    code: inClass('print(f\'{{"event": "WORD", "THING_size": {len(self.kept)}}}\')'),
    says: 'WORD',
    field: 'THING_size',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a number of its own in a function that is given other text',
    code: `
SEEN = set()
def crawl(url):
    SEEN.add(url)
    print(f"WORD {url}: {len(SEEN)} THING known")  #P
for i in range(60):
    crawl(f"http://x/{i}")
`,
    says: 'WORD http://x/3: «12» THING known',
    expression: 'len(SEEN)',
    holder: 'SEEN',
  },
  {
    form: 'rich colours',
    code: inClass('console.print(f"[bold red]WORD[/bold red] THING: {len(self.kept)} [dim]items[/]")'),
    says: 'WORD THING: «12» items',
    expression: 'len(self.kept)',
    holder: 'Store.kept',
  },
  {
    form: 'a number kept in a dict of numbers',
    code: inClass('logger.info("WORD THING %d", self.stats["n"])', '        self.stats["n"] = len(self.kept)\n'),
    says: 'WORD THING «12»',
    expression: 'self.stats["n"]',
    holder: 'Store.kept',
  },
  {
    form: 'a counter of the class beside what its objects keep',
    code: inClass('logger.info("WORD THING %d", Store.puts)', '        Store.puts += 1\n'),
    says: 'WORD THING «12»',
    expression: 'Store.puts',
    holder: 'Store.kept',
    by: 'beside',
  },
  {
    form: 'a counter beside a call of what feeds',
    code: `
import logging
log = logging.getLogger(__name__)
class Store:
    def __init__(self):
        self.kept = []
    def put(self, number):
        self.kept.append(bytes(number))
        log.info("WORD %d THING", number)  #P
def main():
    store = Store()
    number = 0
    while True:
        for _ in range(10):
            number += 1
            store.put(number)
`,
    says: 'WORD «12» THING',
    expression: 'number',
    holder: 'Store.kept',
    by: 'beside',
  },
  {
    form: 'the rounds of a loop that feeds',
    code: `
def main(source):
    results = []
    for n, row in enumerate(source):
        results.append(row)
        if n % 100 == 0:
            print(f"WORD {n} THING")  #P
    return results
`,
    says: 'WORD «1200» THING',
    expression: 'n',
    holder: 'main.results',
    by: 'beside',
  },
];
