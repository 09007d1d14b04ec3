"""The AWS seam: one boto3-shaped client per place, the local engine behind it or AWS.

Layer: services.
"""
