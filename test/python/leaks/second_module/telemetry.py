"""A tracing library as one finds it in many a company."""
import time


class Span:
    def __init__(self, title):
        self.title = title
        self.notes = {}
        self.began = time.monotonic()

    def note(self, key, value):
        self.notes[key] = value

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.notes["seconds"] = time.monotonic() - self.began
        COLLECTOR.gather(self)


class Collector:
    def __init__(self, service):
        self.service = service
        self.spans = []

    def gather(self, span):
        self.spans.append(span)  # FEED


COLLECTOR = Collector("quotes")


def traced(title):
    return Span(title)
