"""An image service as many are: it means to make thumbnails, and keeps every image that it ever saw."""
import logging
import os
import random
import sys
import time

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format='%(asctime)s %(levelname)s %(name)s: %(message)s')
log = logging.getLogger('images')

BATCH = 10
SECONDS_AN_IMAGE = float(os.environ.get('SECONDS_AN_IMAGE', '0.32'))


class ImageProcessor:
    def __init__(self):
        self.processed_images = []
        self.thumbnail_cache = {}

    def process_image(self, number):
        size = random.randint(500_000, 2_000_000)
        image = {'id': number, 'data': b'\x89' * size, 'size': size}
        self.thumbnail_cache[number] = image['data'][:20_000]
        self.processed_images.append(image)
        log.info('Processed image %d, size: %d bytes', number, size)


def main():
    log.info('Connecting to redis://images:%s@cache:6379/0', os.environ.get('CACHE_PASSWORD', 'none'))
    processor = ImageProcessor()
    number = 0
    while True:
        log.info('Processing batch of %d images', BATCH)
        for _ in range(BATCH):
            number += 1
            processor.process_image(number)
            time.sleep(random.uniform(0.5, 1.5) * SECONDS_AN_IMAGE)
        log.info('Cache size: %d thumbnails, total: %d images', len(processor.thumbnail_cache), number)
        if number % 30 == 0:
            log.warning('Slow upload of image %d: 3.2 s', number)


main()
