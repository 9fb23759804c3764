#!/bin/sh
# The handler is the one argument; without a runtime API outside, the emulator that SAM adds is one.
export _HANDLER="$1"
if [ -n "${AWS_LAMBDA_RUNTIME_API:-}" ]; then exec /var/runtime/bootstrap; fi
exec /var/rapid/aws-lambda-rie /var/runtime/bootstrap
