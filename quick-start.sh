#!/usr/bin/env bash
# From a fresh Debian 12 to a running gateway: `bash quick-start.sh`. Needs bash, apt and root or sudo; nothing else.
#
#   bash quick-start.sh               install packages, build, put apigw on PATH, run the example with the built-in mock
#   bash quick-start.sh --build-only  stop at build/release/apigw
#   bash quick-start.sh test          install, build, run every test; closes with `N passed, N failed, N skipped`
#
# Running it again is quick: packages that are there are not asked for, and only what changed is compiled. Logs of the long
# steps stand in build/quick-start/. No package beyond the lists below is used, and nothing leaves this machine but apt's
# downloads.
set -u -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2

# What the binary is built from, what the example needs beside it, and what the tests drive it with.
build_packages=(
  ca-certificates clang-19 cmake lld-19 ninja-build
  libboost1.81-dev libcli11-dev libcpp-httplib-dev libfmt-dev libre2-dev libssl-dev libyaml-cpp-dev
  nlohmann-json3-dev
)
run_packages=(curl python3)  # the lines to copy, and the services of the example
test_packages=(doctest-dev fish git openssl python3-jsonschema python3-yaml strace tinyproxy-bin zsh)

mode="run"
case "${1:-}" in
  "") ;;
  --build-only) mode="build" ;;
  test) mode="test" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac

began=$SECONDS
logs=build/quick-start
step_number=0
case $mode in run) steps=4 ;; build) steps=2 ;; test) steps=3 ;; esac

clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }
fail() { printf 'quick-start: %s\n' "$@" >&2; exit 1; }

failed_step() {  # LOG TIME
  if grep -qE 'Temporary failure resolving|Could not resolve|Failed to fetch|Could not connect|Network is unreachable' "$1"; then
    tail -n 3 "$1" >&2
    fail "apt cannot reach its mirrors. Is this machine on a network? Behind a proxy, set http_proxy and https_proxy," \
      "or write a line like  Acquire::http::Proxy \"http://proxy.example:3128\";  into /etc/apt/apt.conf.d/90proxy."
  fi
  tail -n 40 "$1" >&2
  fail "that failed after $2; the whole output is in $1"
}

# step TITLE LOG COMMAND…: runs the command into $logs/LOG; shows its last line now and then, all of its end when it fails.
step() {
  local title=$1 log=$logs/$2 start=$SECONDS shown=$SECONDS every=15 line
  shift 2
  step_number=$((step_number + 1))
  echo "[$step_number/$steps] $title"
  [ -t 1 ] && every=1
  "$@" >"$log" 2>&1 </dev/null &
  local job=$!
  while kill -0 "$job" 2>/dev/null; do
    if [ $((SECONDS - shown)) -ge "$every" ]; then
      shown=$SECONDS
      line=$(tail -n 1 "$log" | tr -d '\r' | cut -c -100)
      if [ -t 1 ]; then printf '\r\033[K      %s' "$line"; else printf '      %s %s\n' "$(clock $((SECONDS - start)))" "$line"; fi
    fi
    sleep 0.2
  done
  [ -t 1 ] && printf '\r\033[K'
  wait "$job" || failed_step "$log" "$(clock $((SECONDS - start)))"
  echo "      done in $(clock $((SECONDS - start)))"
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || echo "$package"
  done
}

install_packages() {
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Dpkg::Use-Pty=0)
  "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@"
}

# Packages. Root, else sudo, else the exact line for whoever is allowed to.
as_root=()
can_be_root=yes
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null; then as_root=(sudo); else can_be_root=no; fi
fi
wanted=("${build_packages[@]}")
case $mode in run) wanted+=("${run_packages[@]}") ;; test) wanted+=("${run_packages[@]}" "${test_packages[@]}") ;; esac
mkdir -p "$logs" || fail "cannot write to $PWD/$logs"

# shellcheck disable=SC1091
system=$(. /etc/os-release 2>/dev/null && echo "${ID:-unknown} ${VERSION_ID:-}")
if [ "$system" != "debian 12" ]; then
  fail "this script knows Debian 12 only, and this is '$system'." \
    "Build the image of the Dockerfile instead, or install what these Debian 12 packages hold and use the CMake preset 'release':" \
    "  ${build_packages[*]}"
fi
mapfile -t missing < <(missing_packages "${wanted[@]}")
if [ ${#missing[@]} -eq 0 ]; then
  step_number=1
  echo "[1/$steps] packages: all ${#wanted[@]} are here"
elif [ "$can_be_root" = no ]; then
  fail "these packages are missing, and neither root nor sudo is at hand. Have this run once, then start again:" \
    "  apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
else
  [ ${#as_root[@]} -eq 0 ] || "${as_root[@]}" -v || fail "sudo was refused"
  step "packages: installing ${#missing[@]} (apt downloads them and what they need)" packages.log install_packages "${missing[@]}"
fi

jobs=$(nproc 2>/dev/null || echo 2)

build() {  # PRESET TARGET
  cmake --preset "$1" && cmake --build --preset "$1" --parallel "$jobs" --target "$2"
}

if [ "$mode" = test ]; then
  step "build: the program and its tests (preset dev, $jobs at a time)" build-dev.log build dev all
  step_number=$((step_number + 1))
  echo "[$step_number/$steps] tests"
  tests/run --build build/dev --jobs "$jobs" | tee "$logs/tests.log" | sed -u '$d'
  status=${PIPESTATUS[0]}
  echo "wall clock: $(clock $((SECONDS - began)))"
  tail -n 1 "$logs/tests.log"
  exit "$status"
fi

step "build: build/release/apigw ($jobs at a time)" build-release.log build release apigw
if [ "$mode" = build ]; then
  echo "wall clock: $(clock $((SECONDS - began))); the program is build/release/apigw"
  exit 0
fi

if [ "$can_be_root" = yes ]; then prefix=/usr/local; else prefix=$HOME/.local as_root=(); fi
step "install: $prefix/bin/apigw" install.log "${as_root[@]}" cmake --install build/release --prefix "$prefix"
case ":$PATH:" in
  *":$prefix/bin:"*) ;;
  *) echo "      $prefix/bin is not on your PATH; add this line to ~/.profile:  export PATH=\"$prefix/bin:\$PATH\"" ;;
esac

echo "[4/$steps] gateway: examples/shop with the built-in mock; Ctrl-C ends it (later: apigw run -C examples/shop)"
echo "wall clock: $(clock $((SECONDS - began)))"
exec "$prefix/bin/apigw" run -C examples/shop
