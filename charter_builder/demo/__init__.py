"""The sample: a fictional town's answers, as data."""
