# shellcheck shell=bash
# What the scripts of this folder share: where things are kept, and which compiler makes the browser's part.
# Separate, so that setting up, building and testing can never disagree about it.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/qdei
TOOLS=$CACHE/tools
# Compiled dependencies are shared by every clone on the machine: they are most of the waiting.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}

say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
have() { type -P "$1" >/dev/null; }

# The command line tool must be the very version of the library, or the two do not understand each other.
wasm_bindgen_version() {
    awk '/^name = "wasm-bindgen"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' "$ROOT/Cargo.lock"
}

wasm_bindgen() { say "$TOOLS/wasm-bindgen-$(wasm_bindgen_version)/bin/wasm-bindgen"; }

# Debian's compiler for browsers stands beside rustup's, and its standard library for the browser is made by `setup`.
DEBIAN_RUSTC=/usr/bin/rustc
DEBIAN_WASM_STD=/usr/lib/rustlib/wasm32-unknown-unknown/lib

debian_wasm_release() { (cd / && "$DEBIAN_RUSTC" -vV 2>/dev/null) | tr '\n' ' '; }

# Prints `own` when the usual compiler can build for the browser, `debian` when Debian's can, otherwise nothing.
# QDEI_WASM=debian takes the second way even where the first is open, so that both can be tried on one machine.
wasm_compiler() {
    local std
    if [ "${QDEI_WASM:-}" != debian ]; then
        for std in "$(cd "$ROOT" && rustc --print sysroot)"/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib; do
            if [ -e "$std" ]; then say own; return; fi
        done
    fi
    if [ -e "$DEBIAN_WASM_STD/.made-for" ] && [ "$(cat "$DEBIAN_WASM_STD/.made-for")" = "$(debian_wasm_release)" ]; then
        say debian
    fi
}

# A browser for the tests: the machine's own, if there is one.
find_chromium() {
    local name
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if type -P "$name"; then return; fi
    done
}

# One at a time over what the clones share; where there is no flock, people wait for themselves.
alone() {
    mkdir -p "$CACHE"
    exec 8>"$CACHE/$1.lock"
    have flock || return 0
    flock -n 8 && return
    say "Waiting: another $1 of this program is running on this machine."
    flock 8
}
