#!/bin/sh
# What tests use beside Python: a browser, axe-core, a proxy, two database servers, and Java for Spark. Tests that find one missing skip and say so.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v java >/dev/null 2>&1 || [ -x "${JAVA_HOME:-}/bin/java" ] || missing="$missing default-jre-headless"
# axe-core looks for faults of accessibility in the report; it goes beside the packages of the tests.
if command -v npm >/dev/null 2>&1 && [ -d .venv ] && [ ! -f .venv/axe/node_modules/axe-core/axe.min.js ]; then
  npm install --silent --no-audit --no-fund --prefix .venv/axe axe-core@4.14.1 >/dev/null 2>&1 || echo "Could not install axe-core (its tests will skip)"
fi
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not installed, so their tests will skip:$missing"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1  # tests start servers of their own: none is to run by itself
apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null || echo "Could not install:$missing (their tests will skip)"
exit 0
