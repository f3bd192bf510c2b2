"""Says the same three things through one logger, named by the argument: a number, a warning, an exception."""

import logging
import sys


def say(logger, exception=None):
    logger.info("cache has 12 items")
    logger.warning("disk is 91 % full")
    try:
        1 / 0
    except ZeroDivisionError:
        (exception or logger.exception)("task 7 failed")


def standard(handler):
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    return logging.getLogger("shop.cache")


def with_format(text, style="%", date=None):
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter(text, style=style, datefmt=date))
    return standard(handler)


FORMATS = {
    "basic": lambda: with_format("%(levelname)s:%(name)s:%(message)s"),
    "dashes": lambda: with_format("%(asctime)s - %(name)s - %(levelname)s - %(message)s"),
    "brackets": lambda: with_format("[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s", date="%Y-%m-%d %H:%M:%S %z"),
    "celery": lambda: with_format("[%(asctime)s: %(levelname)s/%(processName)s] %(message)s"),
    "django": lambda: with_format("{levelname} {asctime} {module} {message}", "{"),
    "pipes": lambda: with_format("%(asctime)s.%(msecs)03d | %(levelname)-8s | %(name)s:%(funcName)s:%(lineno)d - %(message)s", date="%Y-%m-%d %H:%M:%S"),
    "thread": lambda: with_format("%(asctime)s [%(threadName)s] %(levelname)s %(name)s: %(message)s"),
    "clock": lambda: with_format("%(asctime)s %(levelname)s %(message)s", date="%H:%M:%S"),
    "message": lambda: with_format("%(message)s"),
}


def structlog_with(renderer, *processors):
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *processors,
            renderer,
        ]
    )
    return structlog.get_logger()


def structlog_console(boxed=False):
    import structlog

    formatter = structlog.dev.rich_traceback if boxed else structlog.dev.plain_traceback
    return structlog_with(structlog.dev.ConsoleRenderer(colors=True, exception_formatter=formatter))


def structlog_json():
    import structlog

    return structlog_with(structlog.processors.JSONRenderer(), structlog.processors.format_exc_info)


def structlog_dicts():
    import structlog

    return structlog_with(structlog.processors.JSONRenderer(), structlog.processors.dict_tracebacks)


def structlog_pairs():
    import structlog

    return structlog_with(structlog.processors.KeyValueRenderer(), structlog.processors.format_exc_info)


def structlog_logfmt():
    import structlog

    return structlog_with(structlog.processors.LogfmtRenderer(), structlog.processors.format_exc_info)


def json_logger():
    from pythonjsonlogger.json import JsonFormatter

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return standard(handler)


def loguru(serialize=False):
    from loguru import logger

    logger.remove()
    logger.add(sys.stdout, serialize=serialize, colorize=not serialize, backtrace=False)
    return logger


def rich(tracebacks=False):
    from rich.console import Console
    from rich.logging import RichHandler

    return standard(RichHandler(console=Console(file=sys.stdout, width=120, force_terminal=True), rich_tracebacks=tracebacks))


def tornado():
    from tornado.log import LogFormatter

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(LogFormatter(color=False))
    return standard(handler)


def absl():
    import absl.flags
    import absl.logging

    absl.flags.FLAGS.mark_as_parsed()
    absl.logging.use_absl_handler()
    absl.logging.set_verbosity(absl.logging.INFO)
    absl.logging.get_absl_handler().python_handler.stream = sys.stdout
    return absl.logging


PACKAGES = {
    "structlog console": structlog_console,
    "structlog JSON": structlog_json,
    "structlog JSON, dict_tracebacks": structlog_dicts,
    "structlog pairs": structlog_pairs,
    "structlog logfmt": structlog_logfmt,
    "python-json-logger": json_logger,
    "loguru": loguru,
    "loguru JSON": lambda: loguru(serialize=True),
    "rich": rich,
    "rich, boxed tracebacks": lambda: rich(tracebacks=True),
    "structlog console, boxed tracebacks": lambda: structlog_console(boxed=True),
    "tornado": tornado,
    "absl": absl,
}

say({**FORMATS, **PACKAGES}[sys.argv[1]]())
