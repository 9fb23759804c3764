# Shared by the makefiles `sam build` runs. SAM runs them in a copy of their folder but names the original
# makefile, so paths to other files start at ROOT. What SAM does not tell comes by environment:
#   SIYU_ARCH      arm64 (default, as in the template) or x86_64
#   SIYU_PYTHON    minor version of the Lambda runtime
#   SIYU_PLATFORM  linux (default: what Lambda runs) or native (this machine; only for `make smoke` outside Linux)
ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
SIYU_ARCH ?= arm64
SIYU_PYTHON ?= 3.13
SIYU_PLATFORM ?= linux

# $(call bytecode,<folder>,<where Lambda mounts it>). SAM stamps every zip entry 1980, so only hash-based bytecode
# survives; "unchecked" spares Lambda the comparison. Bytecode of another minor version would be ignored.
define bytecode
find "$(1)" -name __pycache__ -prune -exec rm -rf {} +
@if python$(SIYU_PYTHON) -c "" >/dev/null 2>&1; then \
	PYTHONDONTWRITEBYTECODE= python$(SIYU_PYTHON) -m compileall -q --invalidation-mode unchecked-hash \
		-s "$(1)" -p "$(2)" "$(1)"; \
else \
	echo "python$(SIYU_PYTHON) not found: built without bytecode (works, but every cold start is slower)" >&2; \
fi
endef
