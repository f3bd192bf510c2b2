# truth: {"holders":[{"name":"__main__.Importer.failures","kind":"instance-attribute","bytesPerItem":296500,"feed":"# and with it all that parse_upload had in its hands"}]}
"""An importer that remembers its failures too well.

One upload in four is broken. The importer keeps each error for a report at the end of the day: an exception, a
few hundred bytes, who would mind? But an exception holds its traceback, the traceback holds the frames, and a frame
holds its local variables: here, the whole upload that could not be parsed.
"""
import logging
import time

KIB = 1024
UPLOADS_PER_SECOND = 20
LIVES_SECONDS = 120

log = logging.getLogger("importer")


class BrokenUpload(Exception):
    """The upload cannot be read."""


class Importer:
    def __init__(self):
        self.imported_count = 0
        self.failures = []

    def import_upload(self, number, upload):
        try:
            self.imported_count += self.parse_upload(number, upload)
        except BrokenUpload as error:
            log.warning("Upload %d failed: %s", number, error)
            self.failures.append(error)  # and with it all that parse_upload had in its hands

    def parse_upload(self, number, upload):
        text = upload.decode("ascii")
        header, _, body = text.partition("\n")
        columns = header.split(";")
        if "amount" not in columns:
            raise BrokenUpload(f"no amount among {', '.join(columns)}")
        return body.count("\n")

    def log_progress(self, number):
        log.info("Processed %d uploads, %d rows imported", number, self.imported_count)
        log.info("Failures to report: %d", len(self.failures))


def uploads():
    """Upload after upload, 96 KiB each. Every fourth comes from a branch that calls its amounts something else."""
    number = 0
    while True:
        number += 1
        column = "total" if number % 4 == 0 else "amount"
        header = f"date;customer;{column}\n"
        row = f"2031-04-{number % 30 + 1:02d};C{number:08d};{number % 1000:06d}\n"
        yield number, (header + row * (96 * KIB // len(row))).encode("ascii")


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("Importer started")
    importer = Importer()
    ends_at = time.monotonic() + LIVES_SECONDS
    for number, upload in uploads():
        importer.import_upload(number, upload)
        if number % 100 == 0:
            importer.log_progress(number)
        if time.monotonic() > ends_at:
            break
        time.sleep(1 / UPLOADS_PER_SECOND)
    log.info("Importer stopped")


if __name__ == "__main__":
    main()
