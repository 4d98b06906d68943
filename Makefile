# Each target wraps what a person could type.
PYTHON ?= python3
BIN := .venv/bin
# So many processes test at once; each starts a Neo4j server of its own.
JOBS ?= 2
QUICK := tests/rdf tests/ontology tests/shacl tests/domain tests/followers tests/app tests/test_architecture.py tests/test_settings.py tests/test_turns.py

.PHONY: run install dev check quick test soak bench docs constraints wheel wheel-compiled ontologies protege clean

run: install            ## A demo registry with a living plant
	$(BIN)/registry demo

install: .venv/run
dev: .venv/dev

.venv/run: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	touch $@

.venv/dev: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev]'
	touch $@ .venv/run

check: dev              ## Style, types, layers, ontologies
	$(BIN)/ruff check registry tests
	$(BIN)/ruff format --check registry tests
	$(BIN)/mypy
	$(BIN)/registry ontology check ontologies shapes
	$(BIN)/registry ontology check ontologies/alignments

quick: dev              ## What finds most faults within a minute and a half; needs neither Java nor a browser
	mkdir -p target
	$(BIN)/pytest -n $(JOBS) --dist loadfile --basetemp=target/quick -m "not soak" $(QUICK)

test: dev               ## Everything that proves the product, in minutes
	mkdir -p target
	$(BIN)/python -m tests.fetched
	$(BIN)/pytest -n $(JOBS) --dist loadfile --basetemp=target/test -m "not soak"

soak: dev               ## The same claims, tried for hours
	mkdir -p target
	$(BIN)/pytest --basetemp=target/soak -m soak
	$(BIN)/python -m tests.shacl.soak

bench: dev              ## Speed, beside a peer or a limit in the same run; writes bench.json
	$(BIN)/python -m tests.bench

docs: dev               ## Take the README's pictures anew; needs Chromium, Java and Maven
	$(BIN)/python -m tests.endtoend.picture
	$(BIN)/python -m tests.neo4j.picture

constraints:            ## Resolve what runs the registry anew, in an environment of its own, into constraints.txt
	rm -rf target/clean && $(PYTHON) -m venv target/clean
	target/clean/bin/pip install -q --disable-pip-version-check .
	echo '# Written by `make constraints`: versions that were installed together. pip install -c constraints.txt .' > constraints.txt
	target/clean/bin/pip freeze | grep -E '^[A-Za-z0-9._-]+==' | grep -v '^semantic-twin-registry' >> constraints.txt

wheel: dev              ## A wheel of pure Python, in dist
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps -w dist .

wheel-compiled: dev     ## The same with the hot rooms as machine code; needs a C compiler and two minutes
	rm -rf target/compiled && mkdir -p target/compiled
	git ls-files -z registry ontologies shapes queries pyproject.toml README.md LICENSE CHANGELOG.md | xargs -0 cp --parents -t target/compiled
	HATCH_BUILD_HOOK_ENABLE_MYPYC=1 $(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w dist target/compiled

ontologies: dev         ## Rewrite the ontologies in the form that Protégé saves; needs Java and Maven
	$(BIN)/python -m tests.protege

protege: dev            ## Try the real window of Protégé and take its picture; needs Java, Maven and an X server
	mkdir -p target
	$(BIN)/python -m tests.protege.window

clean:
	rm -rf .venv build dist target .mypy_cache .ruff_cache .pytest_cache .hypothesis
