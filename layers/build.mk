# Shared by the makefiles `sam build` runs. SAM runs them in a copy of their folder but names the original
# makefile, so paths to other files start at ROOT. What SAM does not tell comes by environment:
#   SIYU_ARCH      arm64 (default, as in the template) or x86_64
#   SIYU_PYTHON    minor version of the Lambda runtime
#   SIYU_PLATFORM  linux (default: what Lambda runs) or native (this machine; only for `make smoke` outside Linux)
ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/..)
SIYU_ARCH ?= arm64
SIYU_PYTHON ?= 3.13
SIYU_PLATFORM ?= linux

MACHINE = $(if $(filter arm64,$(SIYU_ARCH)),aarch64,x86_64)
# Amazon Linux 2023 has glibc 2.34.
GLIBC = manylinux_2_34 manylinux_2_28 manylinux_2_17 manylinux2014
UV_TARGET = $(if $(filter linux,$(SIYU_PLATFORM)),--python-platform $(MACHINE)-$(firstword $(GLIBC)))
PIP_TARGET = $(if $(filter linux,$(SIYU_PLATFORM)),$(foreach glibc,$(GLIBC),--platform $(glibc)_$(MACHINE)))

# $(call packages,<requirements>,<folder>). Wheels for what Lambda runs, whatever runs here.
define packages
mkdir -p "$(2)"
@if command -v uv >/dev/null 2>&1; then \
	uv pip install --quiet --link-mode copy --no-deps --require-hashes --only-binary :all: \
		--python-version $(SIYU_PYTHON) $(UV_TARGET) --target "$(2)" -r "$(1)"; \
else \
	python3 -m pip install --quiet --no-deps --require-hashes --only-binary :all: --no-compile \
		--implementation cp --python-version $(SIYU_PYTHON) $(PIP_TARGET) --target "$(2)" -r "$(1)"; \
fi
rm -rf "$(2)/bin" "$(2)/.lock"
endef

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
