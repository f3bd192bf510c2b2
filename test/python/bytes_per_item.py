"""What an item of each holder of a demo weighs, by tracemalloc: python bytes_per_item.py DEMO_FOLDER NAME

Prints JSON {"items": [items of each holder], "bytes": what all of them together grew by}.
"""
import importlib
import json
import logging
import sys
import tracemalloc

logging.disable(logging.CRITICAL)
sys.path.insert(0, sys.argv[1])
demo = importlib.import_module(sys.argv[2])


def image_service(count):
    processor = demo.ImageProcessor()
    for image_id, pixels in demo.uploads():
        processor.process_image(image_id, pixels)
        if image_id == count:
            return processor.processed_images, processor.thumbnail_cache


def unbounded_cache(count):
    for number, (place, minute) in enumerate(demo.requests()):
        demo.forecast(place, minute)
        if number == count:
            return (demo.FORECASTS,)


def retained_exceptions(count):
    importer = demo.Importer()
    for number, upload in demo.uploads():
        importer.import_upload(number, upload)
        if number == count:
            return (importer.failures,)


def healthy(count):
    shop = demo.Shop()
    for number in range(count):
        shop.take_order(number)
    return shop.open_orders, shop.cache.prices


tracemalloc.start()
before, _ = tracemalloc.get_traced_memory()
holders = globals()[sys.argv[2]](100)
after, _ = tracemalloc.get_traced_memory()
print(json.dumps({"items": [len(holder) for holder in holders], "bytes": after - before}))
