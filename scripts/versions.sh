#!/bin/sh
# Run the tests with the lowest versions that pyproject.toml allows (lowest-direct), or the newest there
# are (highest), in an environment of their own. What follows the two arguments goes to pytest.
set -eu
tools=$1 resolution=$2
shift 2
venv=".venv-$resolution"
"$tools/python" -m pip install -q uv
"$tools/uv" venv -q --clear --seed --python "$tools/python" "$venv"
"$tools/uv" pip install -q --python "$venv/bin/python" --resolution "$resolution" --group dev -e ".[app,audience,db,mcp,serve,spark]"
"$tools/uv" pip list -q --python "$venv/bin/python" | grep -iE "^(numpy|pandas|pyarrow|scikit-learn|scipy|matplotlib|duckdb|click) "
"$venv/bin/python" -m pytest -q "$@"
