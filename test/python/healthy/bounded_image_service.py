# expect: {"verdict":"healthy"}

"""The image service of the demo as it should be: it keeps ids and sizes, and a hundred thumbnails at most."""
import json
import sys
import time
from collections import OrderedDict, deque

BRIGHTER = bytes(min(255, level + 40) for level in range(256))


class ImageProcessor:
    def __init__(self, most_thumbnails):
        self.most_thumbnails = most_thumbnails
        self.processed_images = deque(maxlen=200)
        self.processed_count = 0
        self.thumbnail_cache = OrderedDict()

    def process_image(self, image_id, pixels):
        brightened = pixels.translate(BRIGHTER)
        self.processed_images.append({"id": image_id, "size": len(brightened)})
        self.processed_count += 1
        return brightened, self._thumbnail(image_id, brightened)

    def _thumbnail(self, image_id, pixels):
        if image_id not in self.thumbnail_cache:
            self.thumbnail_cache[image_id] = pixels[::16]
            while len(self.thumbnail_cache) > self.most_thumbnails:
                self.thumbnail_cache.popitem(last=False)
        return self.thumbnail_cache[image_id]


PROCESSOR = ImageProcessor(100)


def step(number):
    pixels = bytes([number % 200]) * (400_000 + number % 5 * 50_000)
    brightened, thumbnail = PROCESSOR.process_image(f"image-{number}", pixels)
    if number % 50 == 0:
        print(f"Processed {PROCESSOR.processed_count} images so far", file=sys.stderr)
        print(f"Cache size: {len(PROCESSOR.thumbnail_cache)} thumbnails", file=sys.stderr)
    return brightened[0], len(thumbnail)


def kept():
    return len(PROCESSOR.thumbnail_cache)


def check():
    for number in range(300):
        level, size = step(number)
        assert level == number % 200 + 40
        assert size == (400_000 + number % 5 * 50_000) // 16
    assert kept() == 100 and PROCESSOR.processed_count == 300


def memory_kb(field):
    """VmRSS (memory now) or VmHWM (memory at most) of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


def measure(operations):
    """Works as fast as it goes, and says how much higher memory rose in the second half."""
    for number in range(operations // 2):
        step(number)
    half_kb = memory_kb("VmHWM")
    for number in range(operations // 2, operations):
        step(number)
    end_kb = memory_kb("VmHWM")
    print(json.dumps({"operations": operations, "rss_kb": end_kb, "grown_kb": end_kb - half_kb, "items": kept()}))


def serve():
    """Works at a steady pace until its time or its memory is used up."""
    ends_at = time.monotonic() + 180
    number = 0
    while time.monotonic() < ends_at and (number % 50 or memory_kb("VmRSS") < 400_000):
        step(number)
        number += 1
        if number == 250:
            print("READY", flush=True)
        if number >= 250:
            time.sleep(0.02)


def main():
    mode = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if mode == "--check":
        check()
        print("CHECK OK")
    elif mode == "--operations":
        measure(int(sys.argv[2]))
    else:
        serve()


if __name__ == "__main__":
    main()
