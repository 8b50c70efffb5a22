# make run    the desk on this machine, with a story to look at
# make test   everything; what CI runs
# make check  the inner loop
GO       ?= go
ADDR     ?= 127.0.0.1:8080
DATA     ?= .ines
STORY    ?= $(firstword $(wildcard events/stories/*/))
FUZZTIME ?= 20s

# Where goroutines share state.
RACE := ./shared/sqlitefile/... ./shared/table/... ./shared/queue/... ./shared/archive/... ./shared/docket/... \
	./functions/... ./infra/local/...

SOURCES := go.mod go.sum $(shell find functions shared infra -type f -not -name '*_test.go')

.PHONY: run build test race check bench fuzz clean
.DEFAULT_GOAL := run

run: bin/ines
	./bin/ines run --addr $(ADDR) --data $(DATA) $(if $(STORY),--play $(STORY))

build: bin/ines

bin/ines: $(SOURCES)
	$(GO) build -o $@ ./infra/cmd/ines

test:
	$(GO) vet ./...
	$(GO) test ./...
	$(MAKE) --no-print-directory race

# The race detector is C: it needs a compiler, which a bare machine lacks.
race:
	@command -v $${CC:-cc} >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends gcc libc6-dev; }
	CGO_ENABLED=1 $(GO) test -race -short $(RACE)

check:
	$(GO) vet ./functions/... ./shared/... ./infra/plan/... ./infra/local/... ./infra/cmd/...
	$(GO) test -short ./functions/... ./shared/... ./infra/plan/... ./infra/local/...

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./functions/... ./shared/... ./infra/local/...

# One target at a time: Go's fuzzer takes no more.
fuzz:
	set -e; grep -rl '^func Fuzz' --include='*_test.go' functions shared infra | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r target; do \
			echo "== $$file $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "./$$(dirname "$$file")" </dev/null; \
		done; \
	done

clean:
	rm -rf bin cdk.out
