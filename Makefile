PYTHON ?= python3

# All that is made lies in these folders and in artifacts/. Git ignores them, `make clean` removes them.
VENV := .venv
CACHE := .cache

# Ansible passes over the ansible.cfg of a folder that others may write to, unless it is named.
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
# Nothing but pip works in the user's own home, for pip's cache and settings.
OWN_HOME := HOME='$(CURDIR)/$(CACHE)/home'
PIP := bin/pip install --quiet --disable-pip-version-check
COLLECTION := galaxy.yml $(shell find meta plugins roles playbooks docs -name __pycache__ -prune -o -print)

.DEFAULT_GOAL := help
.PHONY: help setup demo test clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.collection ## Make .venv/, with the collection and what the lab needs

demo: setup ## Deploy the document's network to emulated devices, again, and with a wrong key
	@$(OWN_HOME) $(VENV)/bin/python -m tests.demo

test: setup $(VENV)/.dev $(CACHE)/importer/.done $(CACHE)/oldest/.done ## Run every check, or some: make test ONLY="ruff mypy"
	@$(VENV)/bin/python -m tests.utils.checks $(ONLY)

clean: ## Remove all that was made here
	rm -rf $(VENV) $(CACHE) .ansible .mypy_cache .pytest_cache .ruff_cache .hypothesis artifacts tests/output
	find . -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("Python 3.10 or newer is needed, this is %d.%d: name another one, as in make PYTHON=python3.12 setup" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.user: requirements.txt requirements-lab.txt meta/ee-requirements.txt | $(VENV)/bin/pip
	$(VENV)/$(PIP) -r requirements.txt -r requirements-lab.txt
	@touch $@

$(VENV)/.collection: $(VENV)/.user $(COLLECTION)
	@mkdir -p $(CACHE)/home
	$(OWN_HOME) $(VENV)/bin/ansible-galaxy collection install --force -p $(VENV)/collections -r collections/requirements.yml
	@touch $@

# The link lets tests and mypy see this checkout under the collection's name.
$(VENV)/.dev: requirements-dev.txt $(VENV)/.user
	$(VENV)/$(PIP) -r requirements-dev.txt
	@mkdir -p $(VENV)/dev/ansible_collections/hubspoke
	@ln -sfn ../../../.. $(VENV)/dev/ansible_collections/hubspoke/srx
	@touch $@

# Tools that cannot share an environment with the others.
$(CACHE)/%/.done: requirements-%.txt | $(VENV)/bin/pip
	$(VENV)/bin/python -m venv $(CACHE)/$*
	$(CACHE)/$*/$(PIP) -r requirements-$*.txt
	@touch $@
