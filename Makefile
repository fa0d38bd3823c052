# Lilt. The two commands that matter are `make run` and `make test`; `make help` lists the others.

SHELL := /bin/sh
PREFIX ?= /usr/local
DESTDIR ?=
ARGS ?=

# sudo may have reset PATH: look where Swift is usually unpacked, too.
SWIFT ?= $(shell PATH="$$PATH:/usr/local/bin:/opt/swift/usr/bin:/usr/share/swift/usr/bin:$$HOME/.local/share/swiftly/bin:$$HOME/.swiftly/bin" command -v swift)

BUILD_PACKAGES := git ca-certificates pkg-config libncurses-dev libasound2-dev libfluidsynth-dev \
  libsndfile1-dev libhdf5-dev zlib1g-dev libexpat1-dev
RUN_PACKAGES := ncurses-base ncurses-term libasound2-plugins libfluidsynth3 timgm6mb-soundfont \
  libexpat1 librsvg2-bin abcm2ps
NEON_PACKAGES := gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
TEST_PACKAGES := libvterm-dev pulseaudio pulseaudio-utils procps python3-minimal

RELEASE := -c release --static-swift-stdlib
# Names of functions and lines serve no one who only runs the program, and are a third of it.
STRIP ?= strip --strip-all
# A machine with no locale set at all, such as a container, gets the one Debian always has.
LOCALE := $(if $(LC_ALL)$(LC_CTYPE)$(LANG),,LANG=C.UTF-8)
RELEASE_BINARY = $(shell "$(SWIFT)" build $(RELEASE) --show-bin-path)/lilt

.PHONY: run build test bench bench-peers lint format demo sanitize fuzz test-neon machine-test install deb uninstall clean \
  help packages test-packages peer-packages swift

run: build ## install what is missing, build in release mode and open the composer
	@$(LOCALE) "$(RELEASE_BINARY)" $(ARGS)

# What `lilt --version` says; a `+` behind it: the working copy had changes.
COMMIT := $(shell git rev-parse --short HEAD 2>/dev/null)$(shell git diff --quiet HEAD 2>/dev/null || echo +)
build: packages swift ## build the program in release mode
	LILT_COMMIT="$(COMMIT)" "$(SWIFT)" build $(RELEASE) --product lilt

test: test-packages swift ## install what is missing, build and run all tests
	LC_ALL=C.UTF-8 "$(SWIFT)" test --explicit-target-dependency-import-check error $(ARGS)

bench: build test-packages ## measure latency, start, idle and generation speed
	LC_ALL=C.UTF-8 python3 Tests/Bench/bench.py "$(RELEASE_BINARY)" $(ARGS)

bench-peers: build peer-packages ## measure generation beside PyTorch, ONNX Runtime, Keras and others
	PYTHONDONTWRITEBYTECODE=1 python3 Tests/Bench/peers.py "$(RELEASE_BINARY)" $(ARGS)

lint: swift ## check the formatting of every Swift file
	"$(SWIFT)" format lint --strict --recursive Sources Tests Package.swift

format: swift ## put the formatting right
	"$(SWIFT)" format --in-place --recursive Sources Tests Package.swift

# What runs on several threads, or reads bytes of others; each sanitizer has a build of its own. Leaks
# are not looked for: Swift keeps tags in references, so that the finder takes what is in use for lost.
SANITIZED := AudioTests|ComposeTests|ABCTests|MIDITests|NeuralTests|ModelImportTests|TUITests|PlainTests|FollowTests|ComposingScenarioTests
sanitize: test-packages swift ## run the tests of sessions, audio, generator and readers under sanitizers
	for kind in address thread; do \
	  ASAN_OPTIONS=detect_leaks=0 LC_ALL=C.UTF-8 "$(SWIFT)" test --sanitize $$kind --build-path .build-$$kind \
	    --filter '$(SANITIZED)' $(ARGS) || exit 1; \
	done

demo: build ## record docs/demo.cast and docs/demo.svg, the composer at work
	@sh .ci/packages python3-minimal python3-pyte
	/usr/bin/python3 Tests/Demo/demo.py "$(RELEASE_BINARY)" docs/demo.cast docs/demo.svg

fuzz: packages swift ## feed mutated bytes to the readers of foreign files (SECONDS=60 each)
	SWIFT="$(SWIFT)" Tests/Fuzz/fuzz $(or $(SECONDS),60)

# The compiler that came with Swift; link and libraries are those of the other processor.
CROSS := "$(dir $(SWIFT))clang" --target=aarch64-linux-gnu -O2 -fno-math-errno -c
test-neon: swift ## compare the kernels for 64-bit ARM with the portable ones, on an emulator
	@sh .ci/packages $(NEON_PACKAGES)
	mkdir -p .build/neon
	cd .build/neon && for source in ../../Sources/Kernels/*.c ../../Tests/Kernels/agreement.c; do \
	  $(CROSS) -isystem /usr/aarch64-linux-gnu/include -I ../../Sources/Kernels/include $$source || exit 1; \
	done
	aarch64-linux-gnu-gcc -static .build/neon/*.o -o .build/neon/agreement -lpthread -lm
	qemu-aarch64 .build/neon/agreement

machine-test: build ## try MIDI and sound on Debian's kernel in a virtual machine (needs qemu-system-x86)
	python3 Tests/Machine/machine.py

SHARE := "$(DESTDIR)$(PREFIX)/share"
install: build ## copy program, models, themes, pages and completions below PREFIX (/usr/local)
	install -d "$(DESTDIR)$(PREFIX)/bin" $(SHARE)/lilt/Models $(SHARE)/lilt/Themes $(SHARE)/lilt/docs \
	  $(SHARE)/bash-completion/completions $(SHARE)/zsh/site-functions \
	  $(SHARE)/fish/vendor_completions.d
	install -m 755 "$(RELEASE_BINARY)" "$(DESTDIR)$(PREFIX)/bin/lilt"
	$(STRIP) "$(DESTDIR)$(PREFIX)/bin/lilt"
	install -m 644 Models/*.* $(SHARE)/lilt/Models
	install -m 644 Themes/* $(SHARE)/lilt/Themes
	install -m 644 docs/*.md $(SHARE)/lilt/docs
	"$(RELEASE_BINARY)" man --all $(SHARE)/man
	"$(RELEASE_BINARY)" completions bash >$(SHARE)/bash-completion/completions/lilt
	"$(RELEASE_BINARY)" completions zsh >$(SHARE)/zsh/site-functions/_lilt
	"$(RELEASE_BINARY)" completions fish >$(SHARE)/fish/vendor_completions.d/lilt.fish
	@echo "$(DESTDIR)$(PREFIX)/bin/lilt: $$(du -k "$(DESTDIR)$(PREFIX)/bin/lilt" | cut -f1) KiB," \
	  "models, themes and pages $$(du -sk $(SHARE)/lilt | cut -f1) KiB"

deb: ## build a Debian package in .build/deb that needs no Swift
	rm -rf .build/deb
	$(MAKE) install PREFIX=/usr DESTDIR="$(CURDIR)/.build/deb/lilt"
	.ci/deb .build/deb/lilt .build/deb/lilt.deb

uninstall: ## remove what `make install` copied
	rm -rf "$(DESTDIR)$(PREFIX)/bin/lilt" $(SHARE)/lilt $(SHARE)/man/man1/lilt.1 \
	  $(SHARE)/man/man1/lilt-*.1 $(SHARE)/man/man5/lilt-*.5 $(SHARE)/bash-completion/completions/lilt \
	  $(SHARE)/zsh/site-functions/_lilt $(SHARE)/fish/vendor_completions.d/lilt.fish

clean: ## remove what was built
	rm -rf .build .build-*

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

packages:
	@sh .ci/packages $(BUILD_PACKAGES) $(RUN_PACKAGES)

test-packages: packages
	@sh .ci/packages $(TEST_PACKAGES)

peer-packages: packages
	@python3 -c "import ensurepip" 2>/dev/null || sh .ci/packages python3-venv

swift:
	@"$(SWIFT)" --version >/dev/null 2>&1 || { \
	  echo "Swift 6.3 was not found: see https://www.swift.org/install/linux/" >&2; exit 1; }
