// Converts a plan to a shell script: the parts that are the same in every script, and the order of all parts.
#include "pod/script/script.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pod/script/script_container.hpp"
#include "pod/script/script_network.hpp"
#include "pod/script/script_sandbox.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view tools = R"sh(
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
)sh";

constexpr std::string_view groups = R"sh(
# ---- control groups: what a process belongs to, and how to end all of it at once ----

cgroup2=$(findmnt --noheadings --first-only --types cgroup2 --output TARGET) || {
  own_cgroup2=$storage/cgroup2 cgroup2=$own_cgroup2
  mkdir "$cgroup2"
  mount -t cgroup2 cgroup2 "$cgroup2"
}
)sh";

/// What the pod has, and a script that only starts it does not do.
std::string left_out(const PodPlan& plan) {
  const auto any = [&](auto has) { return std::ranges::any_of(plan.containers, has); };
  std::string words;
  if (any([](const ContainerPlan& each) {
        return each.probes.startup || each.probes.liveness || each.probes.readiness;
      }))
    words += "# It probes no container.\n";
  if (any([](const ContainerPlan& each) { return each.hooks.post_start || each.hooks.pre_stop; }))
    words += "# It runs no postStart and no preStop.\n";
  if (any([](const ContainerPlan& each) { return each.stop_signal != default_stop_signal; }))
    words += "# It ends every container with SIGTERM.\n";
  return words;
}

std::string head(const PodPlan& plan) {
  return fmt::format(
      "#!/bin/sh\n"
      "# The pod {0}, by hand: what \"podrun plan\" lists, as commands. Run it as root; Ctrl-C ends it.\n"
      "#\n"
      "# What stands behind ## are the plan's own words for a step. What podrun also does, and this does "
      "not: restart\n"
      "# containers, keep their logs, survive its own death.\n"
      "{3}"
      "set -eu\n\n"
      "export storage={1}\n"
      "grace={2} # seconds\n",
      escaped(plan.id), script::word(plan.storage), plan.grace_seconds, left_out(plan));
}

/// The names of the containers that must run before a container can start.
std::vector<std::string> needed_by(const ContainerPlan& container) {
  std::vector<std::string> names;
  for (const HostStep& step : container.host) {
    if (const auto* process = std::get_if<host::OpenProcess>(&step)) names.push_back(process->container);
    if (const auto* root = std::get_if<host::OpenRoot>(&step); root && !root->container.empty())
      names.push_back(root->container);
  }
  return names;
}

/// The containers in the manifest's order, except that a container follows those that it needs.
std::vector<const ContainerPlan*> in_starting_order(const PodPlan& plan) {
  std::vector<const ContainerPlan*> order;
  const auto is_in_order = [&](const std::string& name) {
    return std::ranges::count(order, name, &ContainerPlan::name) > 0;
  };
  const auto is_next = [&](const ContainerPlan& container) {
    return !is_in_order(container.name) && std::ranges::all_of(needed_by(container), is_in_order);
  };
  for (auto next = plan.containers.begin(); next != plan.containers.end();) {
    next = std::ranges::find_if(plan.containers, is_next);  // a composition has no cycles, so none only at the end
    if (next != plan.containers.end()) order.push_back(&*next);
  }
  return order;
}

}  // namespace

std::string to_script(const PodPlan& plan) {
  script::PodScript pod{.plan = plan, .reasons = {}, .namespaces = {}};
  std::string text = head(plan) + std::string(tools) + std::string(groups);
  text += fmt::format("export cgroup=$cgroup2/podrun-by-hand/{}\nmkdir -p", script::word(plan.id));
  for (const ContainerPlan& container : plan.containers)
    text += fmt::format(" \"$cgroup\"/{}", script::word(container.name));
  text += "\n\n# ---- files ----\n\n" + script::files(plan);
  text += "\n# ---- the pause: a process that does nothing but be in the pod's namespaces ----\n\n" +
          script::sandbox(pod);
  for (const NetworkPlan& network : plan.networks)
    if (network.container.empty())
      text += "\n# ---- the network ----\n\n" + script::network(pod, network, "\"$pause\"");
  std::string running = "running: pause $pause";
  if (std::ranges::any_of(plan.sandbox,
                          [](const auto& step) { return std::holds_alternative<sandbox::Init>(step); }))
    running += " init $init";
  std::string jobs;
  for (const ContainerPlan* const container : in_starting_order(plan)) {
    const std::string name = script::variable(container->name);
    text += fmt::format("\n# ---- container {} ----\n\n{}containers=\"$containers $pid_{}\"\n",
                        container->name, script::container(pod, *container), name);
    if (container->role == ContainerRole::Init) {
      text += fmt::format("wait \"$job_{}\" || die \"init container {} failed\"\n", name, container->name);
      continue;
    }
    running += fmt::format(" {} $pid_{}", container->name, name);
    if (container->role == ContainerRole::App) jobs += fmt::format(" \"$job_{}\"", name);
  }
  return text + fmt::format("\n# ---- until the end ----\n\necho \"{}\"\nwait{}\n", running, jobs);
}

}  // namespace podrun::pod
