"""Plain data in AWS's own shapes.

Layer: schema (imports only ``errors``).
"""
