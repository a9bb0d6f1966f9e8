# trtllm-serve: `make serve` to talk to a model, `make test` to check everything.

MODEL ?= smollm2
PORT ?= 8000
SERVE = .build/release/trtllm-serve
PYTHON_ENVIRONMENT = .venv
FRAMEWORK_ENVIRONMENT = .venv-frameworks
SWIFT_FOLDERS = Package.swift Sources Tests

.PHONY: build serve test unit-test end-to-end-test framework-test api-calls reference aarch64 sanitize soak format lint compare bench bench-plots clean

# The release binaries, in .build/release/.
build: dependencies
	swift build -c release

# Installs what is missing, fetches the demo model, builds, and serves it on localhost:8000.
serve: build
	model="$$(scripts/fetch-model $(MODEL))" && exec $(SERVE) serve "$$model" --port $(PORT)

# Every test: formatting, unit tests, and the end-to-end, robustness and framework suites against the built server.
test: dependencies
	scripts/test

# The unit tests alone, all targets.
unit-test: dependencies
	swift test -c release --disable-testable-imports

# The C kernels built for aarch64, and the portable ones' results there (in an emulator) against those here, bit for bit.
aarch64:
	scripts/test-aarch64

# The end-to-end suite alone; PYTEST_ARGUMENTS="-k streaming" and the like choose.
end-to-end-test: build python-environment
	TRTLLM_SERVE_MODEL="$$(scripts/fetch-model smollm2)" \
	TRTLLM_SERVE_TOOL_MODEL="$$(scripts/fetch-model qwen2.5-coder-0.5b)" \
		$(PYTHON_ENVIRONMENT)/bin/pytest Tests/EndToEndTests $(PYTEST_ARGUMENTS)

# The frameworks alone that have an environment of their own: LangChain's standard tests, LlamaIndex, Instructor.
framework-test: build framework-environment
	TRTLLM_SERVE_TOOL_MODEL="$$(scripts/fetch-model qwen2.5-coder-0.5b)" \
		$(FRAMEWORK_ENVIRONMENT)/bin/pytest Tests/FrameworkTests $(PYTEST_ARGUMENTS)

# Some 6,000 made-up calls, held against the server's own description; ten minutes. `make test` makes a few hundred.
api-calls: build python-environment
	TRTLLM_SERVE_API_CALLS=130 TRTLLM_SERVE_MODEL="$$(scripts/fetch-model smollm2)" \
		$(PYTHON_ENVIRONMENT)/bin/pytest -s --timeout 3000 Tests/EndToEndTests/test_openapi.py

# Logits of every architecture against transformers, on random checkpoints that are kept in models/reference; see
# docs/models.md. PYTEST_ARGUMENTS="-k phi" and the like choose.
reference: build
	scripts/python-environment .venv-reference Tests/ReferenceTests/requirements.txt
	.venv-reference/bin/pytest Tests/ReferenceTests $(PYTEST_ARGUMENTS)

# The unit tests and a short end-to-end run under the thread, address and undefined-behaviour sanitizers; half an hour.
# SANITIZERS="thread" chooses.
sanitize:
	scripts/sanitize $(SANITIZERS)

# Damaged bodies and model files, template expressions, many clients, slow ones, and mixed traffic, in large numbers; an
# hour.
SOAK_ARGUMENTS = --bodies 50000 --files 500 --clients 1000 --slow-clients 200 --minutes 20 --longest-answer 10
soak: build python-environment
	TRTLLM_SERVE_DAMAGED_FILES=100000 TEMPLATE_FUZZ_COUNT=50000 \
		swift test -c release --disable-testable-imports --filter 'Damaged|HostileFileTests|TemplateFuzzTests'
	TRTLLM_SERVE_MODEL="$$(scripts/fetch-model smollm2)" $(PYTHON_ENVIRONMENT)/bin/pytest Tests/Robustness $(SOAK_ARGUMENTS)

# Numbers against llama.cpp on the real models; takes many minutes. Writes docs/agreement.md.
compare: build
	scripts/compare-with-llama-cpp

# Speed beside llama.cpp and OpenVINO GenAI; takes half an hour of a quiet machine. Writes benchmarks/ and the tables of
# docs/performance.md. BENCH_ARGUMENTS="--only smollm2 --rounds 1 --sections prefill,decode" and the like choose.
bench: build
	scripts/bench $(BENCH_ARGUMENTS)

# The plots and tables again, from benchmarks/results.json as it is.
bench-plots:
	scripts/bench-plots

format:
	swift format -i -r --configuration .swift-format $(SWIFT_FOLDERS)

lint:
	swift format lint --strict -r --configuration .swift-format $(SWIFT_FOLDERS)

dependencies:
	scripts/install-dependencies

# The Python packages of the tests, in a local virtual environment.
python-environment:
	scripts/python-environment $(PYTHON_ENVIRONMENT) Tests/EndToEndTests/requirements.txt

framework-environment:
	scripts/python-environment $(FRAMEWORK_ENVIRONMENT) Tests/FrameworkTests/requirements.txt

clean:
	rm -rf .build $(PYTHON_ENVIRONMENT) $(FRAMEWORK_ENVIRONMENT) .venv-reference

.PHONY: dependencies python-environment framework-environment
