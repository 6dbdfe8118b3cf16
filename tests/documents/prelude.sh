# Stands before the blocks of a document when they are run. PROGRAM is the server; the folder has examples/, .venv and
# node_modules. Each function here takes the place of a program that would not end, or would go to the network.

listener=
watcher=
frames=0
: >heard
trap 'for program in $listener $watcher; do kill "$program" || true; done' EXIT

# `curl -N` holds a stream open in the background until the next one does, or the document ends.
curl() {
  case " $* " in
    *' -N '* | *' -sN '*) listen "$@" ;;
    *) command curl --max-time 20 "$@" ;;
  esac
}

listen() {
  [ -z "$listener" ] || kill "$listener"
  exec 9< <(exec curl --silent --fail --max-time 120 "$@")
  listener=$!
  frames=0
  : >heard
  hear 1
}

# Waits until the stream has told so many events.
hear() {
  local line data=
  while [ "$frames" -lt "$1" ]; do
    IFS= read -r -t 20 line <&9 || { echo "the stream told $frames events and not $1" >&2; return 1; }
    printf '%s\n' "$line" >>heard
    case $line in
      data:*) data=yes ;;
      '') [ -z "$data" ] || { frames=$((frames + 1)); data=; } ;;
    esac
  done
}

# Prints what the stream has told since it was opened or last asked, which must be so many events.
heard() {
  hear "$1"
  cat heard
  frames=0
  : >heard
}

# The server that the documents start serves, and then is stopped as by Ctrl-C.
cargo() {
  [ "$*" = 'run --release' ] || { echo "this is not how the documents run cargo: $*" >&2; return 1; }
  local line server
  exec 8< <(exec "$PROGRAM" 2>&1)
  server=$!
  while IFS= read -r -t 20 line <&8; do
    case $line in
      *'serves on http://'*)
        kill -INT "$server"
        cat <&8 >/dev/null
        wait "$server"
        return
        ;;
    esac
  done
  echo 'the server does not serve' >&2
  return 1
}

# `nexus watch` goes on in the background, on a terminal, until the document ends.
nexus() {
  case $1 in
    watch) watch "$@" ;;
    *) "$PROGRAM" "$@" ;;
  esac
}
# For examples/client.sh.
export -f nexus

watch() {
  exec 7< <(exec env NO_COLOR=1 .venv/bin/python -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$PROGRAM" "$@" </dev/null)
  watcher=$!
}

# Prints so many lines of what `nexus watch` has shown.
watched() {
  local line count
  for ((count = 0; count < $1; count++)); do
    IFS= read -r -t 20 line <&7 || { echo "nexus watch showed $count lines and not $1" >&2; return 1; }
    printf '%s\n' "$line"
  done
}

python3() {
  case $* in
    '-m venv .venv') [ -x .venv/bin/python ] ;;
    *) .venv/bin/python "$@" ;;
  esac
}

npm() {
  case $* in
    'install ethers' | 'install --no-save ethers') [ -d node_modules/ethers ] ;;
    *) echo "this is not how the documents run npm: $*" >&2; return 1 ;;
  esac
}
