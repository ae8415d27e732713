PYTHON ?= python3

# Git ignores these folders and artifacts/; `make clean` removes them. Nothing else is written.
VENV := .venv
CACHE := .cache

# Ansible ignores the ansible.cfg of a folder that others may write to, unless this variable names it.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# A home inside the checkout for every tool but pip, which keeps the user's cache and settings.
OWN_HOME := HOME='$(CURDIR)/$(CACHE)/home'
PIP := bin/pip install --quiet --disable-pip-version-check
# Not docs itself, which is the name of a target.
COLLECTION := galaxy.yml $(shell find meta plugins roles playbooks docs/docsite -name __pycache__ -prune -o -print)

.DEFAULT_GOAL := help
.PHONY: help setup demo twin bench docs test clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.collection ## Make .venv/, with the collection and the libraries of the lab

demo: setup ## Deploy the document's network to emulated devices, again, and with a wrong key
	@$(OWN_HOME) $(VENV)/bin/python -m tests.demo

twin: setup ## Run the document's network as real IKE daemons (Linux with /dev/net/tun)
	@PYTHONPATH=$(VENV)/collections $(VENV)/bin/python -m tests.twin

bench: setup $(VENV)/.dev ## Measure it beside its peers, or some: make bench BENCH="--rounds 10=1" (Linux, 20 minutes)
	@$(VENV)/bin/python -m tests.performance $(BENCH)

docs: $(VENV)/.dev ## Build the documentation as HTML in .cache/docs/html
	@mkdir -p $(CACHE)/home
	@$(OWN_HOME) $(VENV)/bin/python -m tests.utils.docs $(CACHE)/docs

test: setup $(VENV)/.dev $(CACHE)/importer/.done $(CACHE)/oldest/.done $(CACHE)/browser/.done ## Run every check, or some: make test ONLY="ruff mypy"
	@$(VENV)/bin/python -m tests.utils.checks $(ONLY)

clean: ## Remove everything that these targets made
	rm -rf $(VENV) $(CACHE) .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis artifacts tests/output
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("python: expected 3.10 or newer, actual %d.%d. Name another one: make PYTHON=python3.12 setup" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.user: requirements.txt meta/ee-requirements.txt | $(VENV)/bin/pip
	$(VENV)/$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.collection: $(VENV)/.user $(COLLECTION)
	@mkdir -p $(CACHE)/home
	$(OWN_HOME) $(VENV)/bin/ansible-galaxy collection install --force -p $(VENV)/collections -r collections/requirements.yml
	@touch $@

# The link shows this checkout to tests and mypy under the collection's name.
$(VENV)/.dev: requirements-dev.txt $(VENV)/.user
	$(VENV)/$(PIP) -r requirements-dev.txt
	@mkdir -p $(VENV)/dev/ansible_collections/hubspoke
	@ln -sfn ../../../.. $(VENV)/dev/ansible_collections/hubspoke/srx
	@touch $@

# The tests of the HTML report skip where no browser can be had: this never fails.
$(CACHE)/browser/.done: tests/browser/install.py | $(VENV)/bin/pip
	@$(VENV)/bin/python -m tests.browser.install
	@touch $@

# Environments for packages that conflict with those of .venv.
$(CACHE)/%/.done: requirements-%.txt | $(VENV)/bin/pip
	$(VENV)/bin/python -m venv $(CACHE)/$*
	$(CACHE)/$*/$(PIP) -r requirements-$*.txt
	@touch $@
