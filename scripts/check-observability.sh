#!/usr/bin/env bash
# Checks what an operator is given: the alert rules and their tests, and that every metric which the dashboard, the rules and the
# documentation name is exported by a server, and found by a real Prometheus. Needs prometheus and promtool (Debian package
# prometheus), curl and python3, and builds the program. PROGRAM=... takes one that is built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly files=deploy/observability
readonly documentation=docs/operations/observability.md
readonly deadline_s=60

for tool in prometheus promtool curl python3; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: install the Debian packages prometheus, curl and python3" >&2; exit 1; }
done
if [[ -z "${PROGRAM:-}" ]]; then
  cargo build --locked
  PROGRAM=target/debug/parallax
fi

promtool check rules "$files/alerts.yml"
promtool test rules "$files/alerts_test.yml"
promtool check config "$files/prometheus.yml"

folder=$(mktemp -d)
started=()
finish() {
  for id in "${started[@]}"; do kill "$id" 2> /dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT

# Waits until a command succeeds.
await() {
  local end=$((SECONDS + deadline_s))
  until "$@" > /dev/null 2>&1; do
    ((SECONDS < end)) || { echo "gave up waiting for: $*" >&2; return 1; }
    sleep 0.2
  done
}

# The address in the line of the log with this message.
address_of() {
  python3 - "$1" "$folder/server.log" << 'END'
import json, sys
for line in open(sys.argv[2]):
    event = json.loads(line)
    if event.get("message") == sys.argv[1]:
        print(event["address"])
END
}

echo "== a server, and calls of it"
PARALLAX__ADMIN__LISTEN=127.0.0.1:0 "$PROGRAM" serve --listen 127.0.0.1:0 --log-format json 2> "$folder/server.log" &
started+=("$!")
await grep -q '"message":"serving"' "$folder/server.log"
server=$(address_of "listening; loading the model")
admin=$(address_of "the admin port listens")
for article in us_nato russia us_nato; do
  "$PROGRAM" analyze --server "http://$server" "tests/fixtures/articles/$article.txt" > /dev/null
done
curl -sSf "http://$admin/metrics" > "$folder/metrics"

echo "== every metric that is named is exported, and every metric that is exported is documented"
python3 - "$folder/metrics" "$files" "$documentation" << 'END'
import json, pathlib, re, sys
text, files, documentation = (pathlib.Path(argument) for argument in sys.argv[1:])
lines = text.read_text().splitlines()
series = {re.match(r"\w+", line)[0] for line in lines if line[0] != "#"}
rules = (files / "alerts.yml").read_text()
expressions = [target["expr"] for panel in json.loads((files / "dashboard.json").read_text())["panels"]
               for target in panel.get("targets", [])]
named = set(re.findall(r"\b(?:parallax|process)_[a-z_]+", rules + " ".join(expressions)))
missing = sorted(named - series)
# A histogram is documented under its own name.
family = lambda name: re.sub(r"_(bucket|count|sum)$", "", name)
exported = {family(name) for name in series}
documented = set(re.findall(r"^\| `((?:parallax|process)_[a-z_]+)`", documentation.read_text(), re.MULTILINE))
alerts = set(re.findall(r"alert: (\w+)", rules))
headings = set(re.findall(r"^### (Parallax\w+)", documentation.read_text(), re.MULTILINE))
for what, names in [("not exported", missing), ("not documented", sorted(exported - documented)),
                    ("documented, not exported", sorted(documented - exported)),
                    ("alerts and their headings differ", sorted(alerts ^ headings))]:
    if names:
        sys.exit(f"{what}: {', '.join(names)}")
print(f"{len(series)} names of series, {len(named)} of them in rules and dashboard, {len(documented)} metrics documented")
END

echo "== a real Prometheus scrapes it"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
sed -e "s/127.0.0.1:9464/$admin/" -e 's/15s/1s/' "$files/prometheus.yml" > "$folder/prometheus.yml"
cp "$files/alerts.yml" "$folder/"
prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" \
  --web.listen-address="127.0.0.1:$port" 2> "$folder/prometheus.log" &
started+=("$!")

# The value of an expression, as Prometheus tells it; fails when there is none.
query() {
  curl -sSf --get --data-urlencode "query=$1" "http://127.0.0.1:$port/api/v1/query" \
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["data"]["result"][0]["value"][1])'
}

await query 'up{job="parallax"} == 1'
await query 'parallax_ready'
for expression in \
  'up{job="parallax"}' \
  'parallax_ready' \
  'sum(parallax_requests_total{method="AnalyzeArticle",code="OK"})' \
  'parallax_cache_lookups_total{outcome="hit"}' \
  'parallax_engine_articles_total{outcome="read"}' \
  'histogram_quantile(0.95, parallax_request_duration_seconds_bucket{method="AnalyzeArticle"})' \
  'parallax_engine_batch_tokens_sum / parallax_engine_batch_tokens_count' \
  'process_resident_memory_bytes'; do
  printf '%s = %s\n' "$expression" "$(query "$expression")"
done
echo "== every panel of the dashboard is a question that Prometheus understands"
python3 - "$port" "$files/dashboard.json" << 'END'
import json, sys, urllib.parse, urllib.request
port, dashboard = sys.argv[1:]
count = 0
for panel in json.load(open(dashboard))["panels"]:
    for target in panel.get("targets", []):
        expression = target["expr"].replace("$__rate_interval", "1m")
        for variable in ("$job", "$instance"):
            expression = expression.replace(variable, ".*")
        query = urllib.parse.urlencode({"query": expression})
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?{query}") as answer:
            assert json.load(answer)["status"] == "success", expression
        count += 1
print(f"{count} expressions")
END

firing=$(curl -sSf "http://127.0.0.1:$port/api/v1/alerts" | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["data"]["alerts"]))')
rules=$(curl -sSf "http://127.0.0.1:$port/api/v1/rules" \
  | python3 -c 'import json, sys; rules = json.load(sys.stdin)["data"]["groups"][0]["rules"]; print(len(rules), {rule["health"] for rule in rules})')
echo "alerts: $firing firing or pending; rules: $rules"
[[ "$firing" == 0 ]]
