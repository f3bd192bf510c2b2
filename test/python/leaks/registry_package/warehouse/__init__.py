"""Goods in, goods out."""
