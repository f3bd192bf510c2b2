# truth: {"holders":[{"name":"__main__.ImageProcessor.processed_images","kind":"instance-attribute","bytesPerItem":786432,"feed":"# keeps every image"},{"name":"__main__.ImageProcessor.thumbnail_cache","kind":"instance-attribute","bytesPerItem":49152,"feed":"# keeps every thumbnail"}]}
"""An image service that runs out of memory.

Uploads come in, about three a second; each is brightened, and a thumbnail of it is made. Two things are wrong, and
neither looks wrong where it stands. In a container of 128 MiB it lives for less than a minute.

The sizes of five uploads in a row always add up to the same, so that what leaks is known to the byte:
768 KiB of pixels and 48 KiB of thumbnail on average, and some 400 bytes for the objects around them.
"""
import logging
import time

KIB = 1024
UPLOAD_SIZES = [512 * KIB, 896 * KIB, 640 * KIB, 1024 * KIB, 768 * KIB]
UPLOADS_PER_SECOND = 3
LIVES_SECONDS = 120

BRIGHTER = bytes(min(255, level + 40) for level in range(256))

log = logging.getLogger("image-service")


class ImageProcessor:
    def __init__(self):
        self.processed_images = []
        self.thumbnail_cache = {}

    def process_image(self, image_id, pixels):
        log.info("Processing image %d (%d KiB)", image_id, len(pixels) // KIB)
        brightened = pixels.translate(BRIGHTER)
        thumbnail = self._make_thumbnail(image_id, brightened)
        processed = {"id": image_id, "size": len(brightened), "pixels": brightened}
        self.processed_images.append(processed)  # keeps every image
        return thumbnail

    def _make_thumbnail(self, image_id, pixels):
        url = f"/thumbnails/{image_id}.png"
        cached = self.thumbnail_cache.get(url)
        if cached is not None:
            return cached
        thumbnail = pixels[::16]
        self.thumbnail_cache[url] = thumbnail  # keeps every thumbnail
        return thumbnail

    def log_progress(self):
        log.info("Processed %d images so far", len(self.processed_images))
        log.info("Cache size: %d thumbnails", len(self.thumbnail_cache))


def uploads():
    """Image after image, as people send them: id and pixels. A real service would read them from a socket."""
    image_id = 0
    while True:
        image_id += 1
        size = UPLOAD_SIZES[image_id % len(UPLOAD_SIZES)]
        yield image_id, bytes(range(256)) * (size // 256)


def main():
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    log.info("Image service started")
    processor = ImageProcessor()
    ends_at = time.monotonic() + LIVES_SECONDS
    for image_id, pixels in uploads():
        processor.process_image(image_id, pixels)
        if image_id % 10 == 0:
            processor.log_progress()
        if time.monotonic() > ends_at:
            break
        time.sleep(1 / UPLOADS_PER_SECOND)
    log.info("Image service stopped")


if __name__ == "__main__":
    main()
