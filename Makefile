# What there is to do. `make check` is what a change must pass.

GO    ?= go
LINT  := $(GO) tool -modfile=tools/go.mod golangci-lint
FUZZ  ?= 30s
LABEL ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)

.PHONY: check lint test fuzz golden pages pictures dist

check: ## format, tidiness, lint, code that nobody calls, tests with the race detector
	@test -z "$$(git ls-files '*.go' | xargs gofmt -l | tee /dev/stderr)"
	$(GO) mod tidy -diff
	$(LINT) run ./...
	@test -z "$$($(GO) tool -modfile=tools/go.mod deadcode -test ./... | tee /dev/stderr)"
	$(GO) test -race ./...

lint: ## only the linters
	$(LINT) run ./...

test: ## what the README says
	$(GO) test ./...

fuzz: ## every parser, FUZZ=30s each
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "== $$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZ) $$package || exit 1; \
		done; \
	done

golden: ## write golden files anew; read the difference before you commit it
	AMANA_GOLDEN=write $(GO) test -count=1 ./...
	git diff --stat

pages: ## every page with invented data, on a fixed port
	$(GO) run ./cmd/amana demo --no-browser --addr 127.0.0.1:8787

pictures: ## the README's picture, from the demo
	AMANA_PICTURES=write $(GO) test -count=1 -run TestPicture ./e2e

dist: ## the programs to hand out, with their sums
	@rm -rf dist && mkdir dist
	@for target in linux/amd64 linux/arm64 windows/amd64 darwin/arm64; do \
		os=$${target%/*} arch=$${target#*/}; suffix=; [ $$os = windows ] && suffix=.exe; \
		echo "== $$target"; \
		CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w -X main.label=$(LABEL)' \
			-o dist/amana-$$os-$$arch$$suffix ./cmd/amana || exit 1; \
	done
	@cd dist && sha256sum amana-* > SHA256SUMS && cat SHA256SUMS
