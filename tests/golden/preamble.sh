
# ---- tools ----

die() {
  echo "$0: $*" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || die "this needs root"
setpriv=$(command -v setpriv) && capsh=$(command -v capsh) && command -v unshare nsenter findmnt prlimit > /dev/null ||
  die "this needs util-linux and capsh (Debian's libcap2-bin)"
export setpriv capsh

# Everything is below one directory; it is also the lock. The helpers below are for the shells in the pod.
mkdir -p "$(dirname "$storage")"
mkdir "$storage" 2> /dev/null || die "$storage is there: this pod runs already"
mkdir "$storage"/run
cat > "$storage"/run/helpers <<'helpers'
die() {
  echo "$0: $*" >&2
  exit 1
}

# ready NAME: this process is. Its pid is that of the host's PID namespace, for that is whose /proc a shell
# here sees.
ready() {
  read -r pid rest < /proc/self/stat
  echo "$pid" > "$storage/run/.$1"
  mv "$storage/run/.$1" "$storage/run/$1.pid"
}

# place file|directory PATH: makes a mount point below $root. podrun finds it with openat2(2),
# RESOLVE_IN_ROOT, so that a link in the image leads to where it would lead in the container; here a link is
# refused.
place() (
  at=$root
  set -f
  IFS=/
  for part in $2; do
    [ -n "$part" ] || continue
    at=$at/$part
    [ ! -L "$at" ] || die "$at is a link, and this script follows none"
  done
  if [ "$1" = directory ]; then
    mkdir -p "$at"
  elif [ ! -e "$at" ]; then
    mkdir -p "$(dirname "$at")"
    : > "$at"
  fi
)

# bind SOURCE PATH PROPAGATION [OPTIONS]: the same tree in a second place.
bind() {
  if [ -d "$1" ]; then place directory "$2"; else place file "$2"; fi
  mount --rbind "$1" "$root$2"
  mount "--make-$3" "$root$2"
  [ -z "${4-}" ] || mount -o "remount,bind,$4" "$root$2"
}

# hide PATH: nothing is to be seen there.
hide() {
  if [ -d "$root$1" ]; then
    mount -t tmpfs -o ro,nosuid,nodev,noexec,mode=555,size=4k tmpfs "$root$1"
  else
    mount --bind "$root/dev/null" "$root$1"
  fi
}

# read_only PATH: a bind of a path over itself can have attributes of its own.
read_only() {
  mount --bind "$root$1" "$root$1"
  mount -o remount,bind,ro,nosuid,nodev,noexec "$root$1"
}

loopback_up() {
  if command -v ip > /dev/null; then ip link set lo up; else echo "$0: without ip(8) lo stays down" >&2; fi
}

# find_program NAME PATH: where the container's PATH has it.
find_program() (
  case $1 in */*) echo "$1"; exit ;; esac
  set -f
  IFS=:
  for directory in $2; do
    # A link may be one that leads somewhere only in the container.
    if [ -x "$root$directory/$1" ] || [ -L "$root$directory/$1" ]; then echo "$directory/$1"; exit; fi
  done
  die "$1 is not there"
)
helpers

# await NAME: until the process that was just started is ready; its pid is $pid.
await() {
  until [ -e "$storage/run/$1.pid" ]; do
    kill -0 $! 2> /dev/null || die "$1: a step failed"
    sleep 0.02
  done
  read -r pid < "$storage/run/$1.pid"
}

# until_program: until the container's own program is in the place of the tools that start it. podrun learns
# that from a socket that the exec closes.
until_program() {
  while word=$(tr '\0' '\n' < "/proc/$pid/cmdline" 2> /dev/null | head -n 1); do
    case $word in
      sh | env | "$setpriv" | "$capsh") ;;
      "") [ -e "/proc/$pid/exe" ] || break ;; # it has ended, or is just about to be another
      *) break ;;
    esac
    sleep 0.02
  done
}

# undo COMMAND: what the end takes back, the last one first.
undo() { echo "$*" >> "$storage"/run/undo; }

# At the end, however it comes: ask, wait for as long as the manifest says, kill, take back, remove.
end() {
  trap '' EXIT INT TERM HUP
  set +e
  for process in $containers; do kill -TERM "$process" 2> /dev/null; done
  deadline=$(($(date +%s) + grace))
  for process in $containers; do
    while kill -0 "$process" 2> /dev/null && [ "$(date +%s)" -lt $deadline ]; do sleep 0.02; done
  done
  [ ! -d "$cgroup" ] || echo 1 > "$cgroup"/cgroup.kill
  wait
  [ ! -e "$storage"/run/undo ] || tac "$storage"/run/undo | sh
  tries=250
  while [ -d "$cgroup" ] && [ $tries -gt 0 ]; do
    find "$cgroup" -depth -type d -exec rmdir {} + 2> /dev/null || sleep 0.02
    tries=$((tries - 1))
  done
  [ -z "$cgroup" ] || rmdir "$(dirname "$cgroup")" 2> /dev/null
  [ -z "$own_cgroup2" ] || umount "$own_cgroup2"
  rm -rf --one-file-system "$storage"
  rmdir "$(dirname "$storage")" 2> /dev/null
}
containers=
own_cgroup2=
cgroup=
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# ---- control groups: what a process belongs to, and how to end all of it at once ----

cgroup2=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) || {
  own_cgroup2=$storage/cgroup2 cgroup2=$own_cgroup2
  mkdir "$cgroup2"
  mount -t cgroup2 cgroup2 "$cgroup2"
}
