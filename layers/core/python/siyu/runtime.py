"""Logger and metrics of a function, built once. Events are named; personal data never goes in."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
