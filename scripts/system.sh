#!/bin/sh
# What tests use beside Python: a browser, two database servers, and Java for Spark. Tests that find one missing skip and say so.
set -u
missing=""
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v mariadbd >/dev/null 2>&1 || missing="$missing mariadb-server"
command -v java >/dev/null 2>&1 || [ -x "${JAVA_HOME:-}/bin/java" ] || missing="$missing default-jre-headless"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not installed, so their tests will skip:$missing"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1  # tests start servers of their own: none is to run by itself
apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null || echo "Could not install:$missing (their tests will skip)"
exit 0
