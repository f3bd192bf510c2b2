# logs: {"modes": ["leak", "sawtooth"], "itemBytes": 40000}
from absl import app, logging

from pace import MODE, is_new, payload, ticks


def main(argv):
    @name@ = []
    for i in ticks():
        if is_new(i):
            @name@.append(payload(40000))
        if MODE == "sawtooth" and len(@name@) >= 30:
            del @name@[:]
        if i % 3 == 0:
            logging.info("@work:%d@", i)
            logging.info("@kept:%d@", len(@name@))


if __name__ == "__main__":
    logging.set_verbosity(logging.INFO)
    app.run(main)
