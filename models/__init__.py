"""Shipped models, found by `importlib.resources.files("pipeline.models")`."""
