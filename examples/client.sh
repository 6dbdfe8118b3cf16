#!/usr/bin/env bash
# A client of nexus with nothing but bash, curl and the program itself: it signs commands, gets a ticket, and reads the stream
# of its key.
#
#     examples/client.sh
#
# NEXUS_SERVER names the server. The key is `alice` of `nexus keys`; the first run makes it. Its passphrase is asked for each
# time, or read from the file that NEXUS_PASSPHRASE_FILE names.

set -euo pipefail

SERVER=${NEXUS_SERVER:-http://127.0.0.1:8000}
KEY=alice

# Signed for the server that we know, not for whoever answers.
sign() { nexus sign "$@" --key "$KEY" --audience "$SERVER"; }

# The text of a member, without quotes in it, out of JSON on one line; the first of that name.
text() { grep -o "\"$1\":\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

# post PATH [FLAGS OF CURL]: prints the answer. What is refused ends this script.
post() {
  local answer
  answer=$(curl -sS --fail-with-body --max-time 45 -X POST "$SERVER$1" "${@:2}") || { echo "$answer" >&2; return 1; }
  echo "$answer"
}

# execute COMMAND [ARGS]: ARGS is JSON.
execute() {
  local body
  body=$(sign "$1" ${2:+--args "$2"})
  post /api/v1/commands/execute -H 'content-type: application/json' --data-binary "$body"
}

nexus keys address "$KEY" >/dev/null 2>&1 || nexus keys new "$KEY" >&2

answer=$(execute /identity)
text message <<<"$answer"

# Everything but execute is signed as `METHOD path?query`, in a header.
proof=$(sign 'POST /api/v1/stream/ticket')
ticket=$(post /api/v1/stream/ticket -H "authorization: $proof")

# A keepalive comes every 15 s; when three are missing, the connection is dead.
exec {stream}< <(exec curl -sSN --fail-with-body "$(text url <<<"$ticket")")
listener=$!
trap 'kill "$listener" 2>/dev/null || true' EXIT

run=
while IFS= read -r -t 45 -u "$stream" line; do
  case $line in
    'event: '*) event=${line#event: } ;;
    'data: '*)
      if [ "$event" = connection_state ] && [ -z "$run" ]; then
        grep -o '"authenticated":[a-z]*' <<<"$line" | sed 's/.*:/The stream is open; authenticated: /'
        answer=$(execute /echo '{"text": "good morning", "times": 2}')
        run=$(text run_id <<<"$answer")
      elif [ "$event" = command_result ] && [ "$(text run_id <<<"$line")" = "$run" ]; then
        echo "The stream tells: $(text message <<<"$line")"
        exit
      fi
      ;;
  esac
done
echo 'The stream has ended.' >&2
exit 1
