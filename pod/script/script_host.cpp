// Converts the host steps of one container to shell.
#include "pod/script/script_host.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "pod/script/script_network.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/joined.hpp"

namespace podrun::pod::script {
namespace {

std::string seconds(std::chrono::nanoseconds offset) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(offset).count());
}

/// {0} is the image's root, whose attributes are copied to the new one.
constexpr auto mount_overlay = R"sh(
mkdir -p "$layer"/upper "$layer"/work
chown --reference={0} "$layer"/upper
chmod --reference={0} "$layer"/upper
mount -t overlay \
  -o nodev,volatile,lowerdir={0},upperdir="$layer"/upper,workdir="$layer"/work overlay "$root")sh";

/// {0} is the uppermost layer, {1} the lines that link to all layers, {2} their names.
constexpr auto mount_layers = R"sh(
mkdir -p "$layer"/upper "$layer"/work
{1}
chown --reference={0} "$layer"/upper
chmod --reference={0} "$layer"/upper
(cd "$layer"/lower && LIBMOUNT_FORCE_MOUNT2=always mount -t overlay \
  -o nodev,volatile,userxattr,lowerdir={2},upperdir="$layer"/upper,workdir="$layer"/work overlay "$root"))sh";

/// {0} is a new directory, {1} the lines that link to all layers, {2} their names.
constexpr auto mount_image = R"sh(mkdir -p {0}/root {0}/lower/below
{1}
(cd {0}/lower && LIBMOUNT_FORCE_MOUNT2=always mount -t overlay \
  -o ro,nodev,userxattr,lowerdir={2}:below overlay {0}/root)
)sh";

/// The lines that link from short names in a directory to the layers of an image, and the names as lowerdir has them.
std::pair<std::string, std::string> links_to(const std::vector<std::string>& layers, std::string_view directory) {
  std::string lines = fmt::format("mkdir -p {}", directory), names;
  for (std::size_t number = 0; number < layers.size(); ++number) {
    lines += fmt::format("\nln -sfn {} {}/{}", word(layers[number]), directory, number);
    names += fmt::format("{}{}", number == 0 ? "" : ":", number);
  }
  return {std::move(lines), std::move(names)};
}

class HostScript {
 public:
  HostScript(PodScript& pod, const ContainerPlan& plan) : pod_(pod), plan_(plan) {
    places_.resize(plan.descriptors.size());
    options_.resize(plan.descriptors.size());
    preparation_.resize(plan.descriptors.size());
    propagation_.resize(plan.descriptors.size(), "rprivate");
    places_[slot::pause] = "\"$pause\"";
  }

  HostPart done() && {
    for (const HostStep& step : plan_.host) {
      before_.step(describe(step, plan_));
      std::visit(*this, step);
    }
    return {.lines = before_.text(),
            .places = std::move(places_),
            .options = std::move(options_),
            .propagation = std::move(propagation_),
            .preparation = std::move(preparation_),
            .overlay = std::move(overlay_)};
  }

  void operator()(const host::OverlayRoot& s) {
    const std::string layer = storage(s.directory + "/0");
    before_ << "mkdir -p " + layer;
    places_[s.to] = overlay_place;
    overlay_ = fmt::format("layer={}", layer);
    if (s.layer == host::Layer::Memory) overlay_ += "\nmount -t tmpfs -o nodev,mode=700 layer \"$layer\"";
    const std::string uppermost = word(s.layers.front());
    if (s.layers.size() == 1 && !s.user_xattr) {
      overlay_ += fmt::format(mount_overlay, uppermost);
    } else {
      const auto [links, names] = links_to(s.layers, "\"$layer\"/lower");
      overlay_ += fmt::format(mount_layers, uppermost, links, names);
      explain(
          "The options of mount(2) are one page, and the names of layers are long: so they have short names here. podrun "
          "names them by descriptor.");
    }
    explain(
        "podrun makes this mount in the host's namespace and carries it into the pod as a descriptor "
        "(fsopen(2), fsmount(2), move_mount(2)). Here the container's process mounts it where it belongs.");
  }
  void operator()(const host::CloneTree& s) {
    places_[s.to] = s.in_memory ? memory_place(s.source) : storage(s.source);
    options_[s.to] = fmt::format("{}{}", devices_option(s.devices), s.no_exec ? ",nosuid,noexec" : "");
    if (!s.layers.empty()) mount_image_volume(s);
    if (s.propagation != MountPropagation::None)
      propagation_[s.to] = s.propagation == MountPropagation::Bidirectional ? "rshared" : "rslave";
    if (s.sub_path.empty()) return;
    explain(
        "podrun opens a subPath with openat2(2), RESOLVE_IN_ROOT, and makes a mount of what it has opened: no link in "
        "the "
        "volume leads out of it. A shell's path follows every link: run this with volumes that nobody else writes.");
    const std::string volume = std::exchange(places_[s.to], fmt::format("{}/{}", places_[s.to], word(s.sub_path)));
    if (s.make_sub_path)
      preparation_[s.to] =
          fmt::format("[ -e {0} ] || {{ mkdir -p {0} && chmod --reference={1} {0}; }}\n", places_[s.to], volume);
  }
  void operator()(const host::CloneProc& s) { places_[s.to] = proc_place; }
  void operator()(const host::MessageFile& s) {
    places_[s.to] = storage(s.path);
    options_[s.to] = "nosuid,nodev,noexec";
    before_ << fmt::format(": > {0}\nchmod 0666 {0}", places_[s.to]);
  }
  void operator()(const host::Stdio&) {
    explain(
        "podrun gives each container two pipes of its own and writes what comes out of them to the logs. "
        "Here it has the script's own output.");
  }
  void operator()(const host::Input& s) {
    explain(
        "podrun attach writes to this container's stdin, a pipe that podrun holds open. Here it is a FIFO, opened for "
        "both, so "
        "that it has no end either: write to it.");
    make_input(s.to);
  }
  void operator()(const host::Terminal& s) {
    explain(
        "podrun gives this container a terminal, which podrun attach shows and types at. A shell can make none: here "
        "it has "
        "the script's own output, and a FIFO that is opened for both as stdin.");
    make_input(s.to);
  }
  void operator()(const host::MakeNamespace& s) {
    const std::string name = variable(fmt::format("ns_{}_{}", s.container, name_of(s.kind)));
    places_[s.to] = fmt::format("\"${}\"", name);
    if (!pod_.namespaces.insert(name).second) return;
    explain(
        "A namespace lives as long as a process is in it, or a descriptor of it is open. podrun keeps the "
        "descriptor; here a process sleeps in it.");
    before_ << in_background(
        fmt::format("(\n  echo 0 > \"$cgroup\"/{}/cgroup.procs\n  exec unshare {} sh -eu\n)",
                    word(s.container), holder_options(s)),
        ". \"$storage\"/run/helpers\n" + holder_lines(s) + "ready " + name + "\nexec sleep infinity\n");
    before_ << fmt::format("await {0}\n{0}=$pid", name);
    for (const NetworkPlan& plan : pod_.plan.networks)
      if (s.kind == NamespaceKind::Net && plan.container == s.container)
        before_ << network(pod_, plan, places_[s.to]);
  }
  void operator()(const host::OpenInit& s) { places_[s.to] = "\"$init\""; }
  void operator()(const host::OpenProcess& s) {
    places_[s.to] = fmt::format("\"$pid_{}\"", variable(s.container));
  }
  void operator()(const host::OpenRoot& s) {
    places_[s.to] = s.container.empty() ? "/" : fmt::format("/proc/\"$pid_{}\"/root", variable(s.container));
  }

 private:
  /// The overlay is mounted in the pod's mount namespace, and a part of it bound to its place.
  void mount_image_volume(const host::CloneTree& s) {
    const std::string place = fmt::format("\"$storage\"/run/image-{}-{}", word(plan_.name), s.to);
    const auto [links, names] = links_to(s.layers, place + "/lower");
    preparation_[s.to] = fmt::format(mount_image, place, links, names);
    places_[s.to] = place + "/root";
  }

  void explain(std::string_view reason) { pod_.reasons.give(before_, reason); }

  void make_input(Slot to) {
    places_[to] = "\"$storage\"/run/stdin-" + word(plan_.name);
    before_ << "mkfifo -m 0600 " + places_[to];
  }

  static std::string_view devices_option(host::Devices devices) {
    switch (devices) {
      case host::Devices::Refused: return "nodev";
      case host::Devices::AsOnHost: return "";
      case host::Devices::Usable: return "dev";
    }
    __builtin_unreachable();
  }

  std::string storage(std::string_view path) const { return path_word(path, pod_.plan.storage); }

  static std::string holder_options(const host::MakeNamespace& s) {
    if (s.kind != NamespaceKind::Time) return options_of({s.kind});
    return fmt::format("--time --monotonic {} --boottime {} --fork --kill-child",
                       seconds(s.offsets.monotonic), seconds(s.offsets.boottime));
  }

  static std::string holder_lines(const host::MakeNamespace& s) {
    if (s.kind == NamespaceKind::Net) return "loopback_up\n";
    if (s.kind == NamespaceKind::Uts)
      return fmt::format("echo {} > /proc/sys/kernel/hostname\n", word(s.hostname));
    return "";
  }

  PodScript& pod_;
  const ContainerPlan& plan_;
  std::vector<std::string> places_, options_, propagation_, preparation_;
  std::string overlay_;
  Lines before_;
};

}  // namespace

HostPart host_part(PodScript& pod, const ContainerPlan& plan) {
  return HostScript(pod, plan).done();
}

}  // namespace podrun::pod::script
