# Sourced: sets JAVA_HOME to a JDK 25 (JAVA_HOME, /usr/lib/jvm and its like, PATH) or ends with one clear sentence.
depesche_is_25() { [ -x "$1/bin/java" ] && [ -r "$1/release" ] && [[ $(<"$1/release") == *'JAVA_VERSION="25'* ]]; }
depesche_find_jdk() {
  local d
  for d in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -n "$d" ] && depesche_is_25 "$d" && { JAVA_HOME=$d; return; }
  done
  d=$(command -v java || true)
  if [ -n "$d" ]; then
    d=$(dirname "$(dirname "$(readlink -f "$d")")")
    depesche_is_25 "$d" && { JAVA_HOME=$d; return; }
  fi
  echo "Depesche needs a JDK 25. None was found in JAVA_HOME, /usr/lib/jvm or on PATH; install one or set JAVA_HOME." >&2
  exit 69
}
depesche_find_jdk
export JAVA_HOME
