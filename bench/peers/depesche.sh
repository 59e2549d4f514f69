#!/bin/bash
# Depesche as shipped: the spool is synced before every 250, the Maildir before a message leaves the spool.
# For the comparison harness, which sets BENCH_DIR, PORT, SINK_PORT. DEPESCHE_HOME says where the project is. A JVM warms
# up: WARM_MSGS=5000 or more.
BENCH_DIR=${BENCH_DIR:-/tmp/peers}; PORT=${PORT:-2525}; SINK_PORT=${SINK_PORT:-2526}
DEPESCHE_HOME=${DEPESCHE_HOME:-$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)}
D=$BENCH_DIR/depesche
case $1 in
caps) echo "modes=local,relay,idle"; echo "maildirs=$D/mail" ;;
start)
  rm -rf "$D"; mkdir -p "$D/mail"
  {
    echo 'hostname = "mx.bench.test"'
    echo "data-dir = \"$D/data\""
    printf '[[listener]]\naddress = "127.0.0.1:%s"\nrole = "mx"\n' "$PORT"
    printf '[[domain]]\nname = "local.test"\n'
    printf '[mailboxes]\npath = "%s/{local}/Maildir"\n' "$D/mail"
    for i in 0 1 2 3 4 5 6 7 8 9; do
      mkdir -p "$D/mail/u$i/Maildir/"{tmp,new,cur}
      printf '[[account]]\naddress = "u%s@local.test"\n' "$i"
    done
    printf '[[account]]\naddress = "postmaster@local.test"\n'
    printf '[relay]\nnetworks = ["127.0.0.0/8"]\n[[route]]\ndomain = "relay.test"\nto = "smtp://127.0.0.1:%s"\n' "$SINK_PORT"
    printf '[limits]\nconnections = 12000\nconnections-per-client = 0\n'
  } > "$D/depesche.toml"
  exec "$DEPESCHE_HOME/depesche" serve --config "$D/depesche.toml" ;;
stop) ;;
esac
