"""Logger and metrics of a function, built once. Events are named; personal data never goes in."""

import logging

from aws_lambda_powertools import Logger, Metrics

# They log requests whole, secrets included: urllib3 the URL of every retry, the others at DEBUG.
for library in ("aws_lambda_powertools", "botocore", "pynamodb", "urllib3"):
    logging.getLogger(library).setLevel(logging.ERROR)

logger = Logger()
metrics = Metrics()
