"""Puts the lines of a file into drain3's clusters; prints which, and the processor time it took."""
import json
import logging
import sys
import time

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

logging.disable(logging.CRITICAL)
START, END = r"((?<=[^A-Za-z0-9])|^)", r"((?=[^A-Za-z0-9])|$)"
# What drain3's own examples mask.
MASKS = [
    (r"([0-9a-f]{2,}:){3,}[0-9a-f]{2,}", "ID"),
    (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", "IP"),
    (r"0x[a-f0-9A-F]+", "HEX"),
    (r"[\-\+]?\d+", "NUM"),
]
config = TemplateMinerConfig()
if sys.argv[2] == "masked":
    config.masking_instructions = [MaskingInstruction(f"{START}({mask}){END}", name) for mask, name in MASKS]
miner = TemplateMiner(config=config)
with open(sys.argv[1], encoding="utf-8") as file:
    messages = file.read().split("\n")
started = time.process_time()
groups = [miner.add_log_message(message)["cluster_id"] for message in messages]
json.dump({"groups": groups, "cpuSeconds": time.process_time() - started}, sys.stdout)
