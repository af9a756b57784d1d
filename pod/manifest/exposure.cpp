// Finds parts of the host that a manifest exposes.
#include "pod/manifest/exposure.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "pod/annotations/network_choice.hpp"
#include "pod/manifest/list_places.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

/// Which hostPaths expose a place.
enum class Extent {
  Itself,  ///< the directory or one above it
  Whole,   ///< also every path below it
};

/// A place on the host, and what a container can do with it when it is writable or read-only. An empty text means no
/// warning.
struct Place {
  std::string_view path;
  Extent extent;
  std::string_view writable;
  std::string_view read_only;
};

constexpr std::string_view sockets =
    "a container can connect to the sockets of the host's services, podrun's own, D-Bus, systemd and container engines "
    "among them, "
    "and command those that trust root; readOnly does not keep it from that";
constexpr std::string_view one_socket =
    "a container can command the service behind it as root can, and where that is a container engine, become the host's "
    "root; readOnly does not keep it from that";
constexpr std::string_view programs =
    "a container can replace the host's programs and libraries, and so becomes its root";
constexpr std::string_view accounts =
    "a container can change the host's accounts and what runs there as root, and so becomes its root";
constexpr std::string_view configuration_read = "a container can read the host's password hashes and keys";
constexpr std::string_view pods =
    "a container can change the volumes, layers and images of all pods, and replace files that podrun uses by others";
constexpr std::string_view pods_read =
    "a container can read the volumes of all pods, with whatever secrets lie in them";
constexpr std::string_view engine = "a container can change the images and the files of other engines' containers";
constexpr std::string_view engine_read =
    "a container can read the files of other engines' containers, with their secrets";
constexpr std::string_view logs =
    "a container can change what the host and other pods have logged, and put links in the way of programs that log";
constexpr std::string_view logs_read = "a container can read what the host and other pods log";

constexpr std::array places{
    Place{"/boot", Extent::Whole, "a container can change what the host boots, and so becomes its root", ""},
    Place{"/dev", Extent::Itself,
          "a container can remove and replace device nodes of the host, change its shared memory, and connect to the "
          "sockets there",
          "a container can read the host's shared memory, connect to the sockets there, and as a privileged one use "
          "its disks"},
    Place{"/etc", Extent::Itself, accounts, configuration_read},
    Place{"/etc/cron.d", Extent::Whole, accounts, ""},
    Place{"/etc/kubernetes", Extent::Whole, accounts, configuration_read},
    Place{"/etc/ld.so.preload", Extent::Whole, programs, ""},
    Place{"/etc/pam.d", Extent::Whole, accounts, ""},
    Place{"/etc/passwd", Extent::Whole, accounts, ""},
    Place{"/etc/shadow", Extent::Whole, accounts, configuration_read},
    Place{"/etc/ssh", Extent::Whole, accounts, configuration_read},
    Place{"/etc/sudoers", Extent::Whole, accounts, ""},
    Place{"/etc/sudoers.d", Extent::Whole, accounts, ""},
    Place{"/etc/systemd", Extent::Whole, accounts, ""},
    Place{"/home", Extent::Itself, "a container can log in as the host's users, by what it puts into their folders",
          "a container can read the files and keys of the host's users"},
    Place{"/proc", Extent::Whole,
          "a container can read memory and environment of the host's processes and set its kernel's parameters, "
          "core_pattern among "
          "them, and so becomes its root",
          "a container can read memory, environment and files of the host's processes"},
    Place{"/root", Extent::Whole, "a container can log in as root on the host, by what it puts there",
          "a container can read root's files and keys"},
    Place{"/run", Extent::Itself, sockets, sockets},
    Place{"/run/containerd", Extent::Whole, sockets, sockets},
    Place{"/run/crio", Extent::Whole, sockets, sockets},
    Place{"/run/dbus", Extent::Whole, sockets, sockets},
    Place{"/run/docker", Extent::Whole, sockets, sockets},
    Place{"/run/libvirt", Extent::Whole, sockets, sockets},
    Place{"/run/podman", Extent::Whole, sockets, sockets},
    Place{"/run/systemd", Extent::Whole, sockets, sockets},
    Place{"/run/user", Extent::Whole, sockets, sockets},
    Place{"/sys", Extent::Whole, "a container can change devices, control groups and kernel settings of the host", ""},
    Place{"/bin", Extent::Whole, programs, ""},
    Place{"/lib", Extent::Whole, programs, ""},
    Place{"/lib64", Extent::Whole, programs, ""},
    Place{"/sbin", Extent::Whole, programs, ""},
    Place{"/usr", Extent::Itself, programs, ""},
    Place{"/usr/bin", Extent::Whole, programs, ""},
    Place{"/usr/lib", Extent::Whole, programs, ""},
    Place{"/usr/local/bin", Extent::Whole, programs, ""},
    Place{"/usr/local/sbin", Extent::Whole, programs, ""},
    Place{"/usr/sbin", Extent::Whole, programs, ""},
    Place{"/var/lib/containerd", Extent::Whole, engine, engine_read},
    Place{"/var/lib/containers", Extent::Whole, engine, engine_read},
    Place{"/var/lib/docker", Extent::Whole, engine, engine_read},
    Place{"/var/lib/kubelet", Extent::Whole, engine, engine_read},
    Place{"/var/log", Extent::Itself, logs, logs_read},
    Place{"/var/spool/cron", Extent::Whole, accounts, ""},
};

/// Places of podrun, relative to its --root.
constexpr std::array own_places{
    Place{"/run/podrun", Extent::Whole, sockets, sockets},
    Place{"/var/lib/podrun", Extent::Whole, pods, pods_read},
    Place{"/var/log/pods", Extent::Whole, logs, logs_read},
    Place{"/etc/podrun", Extent::Whole, "a container can change the seccomp profiles of all pods", ""},
};

constexpr std::array socket_names{
    std::string_view("docker.sock"),    std::string_view("containerd.sock"),   std::string_view("crio.sock"),
    std::string_view("podman.sock"),    std::string_view("cri-dockerd.sock"),  std::string_view("dockershim.sock"),
    std::string_view("buildkitd.sock"), std::string_view("libvirt-sock"),      std::string_view("system_bus_socket"),
    std::string_view("frakti.sock"),    std::string_view("containerd.sock.ttrpc")};

constexpr Place whole_host{
    "/", Extent::Itself, "a container can change everything on the host, and so becomes its root",
    "a container can read every file of the host, password hashes and keys among them, and connect to every "
    "socket; what is mounted below stays writable without recursiveReadOnly"};

/// The clean path with /run in place of its old name /var/run.
std::string without_var_run(std::string_view path) {
  std::string clean = clean_path(path);
  if (is_at_or_below(clean, "/var/run")) clean.erase(0, 4);
  return clean;
}

/// Collects the sentences about one hostPath.
class Exposures {
 public:
  Exposures(std::string_view path, VolumeUse use) : shown_(path), path_(without_var_run(path)), use_(use) {}

  void check_place(const Place& place, std::string_view root) {
    const std::string there =
        root.empty() ? std::string(place.path) : clean_path(fmt::format("{}{}", root, place.path));
    if (path_ == there || (place.extent == Extent::Whole && is_at_or_below(path_, there)))
      add("", place);
    else if (is_at_or_below(there, path_))
      add(fmt::format(" holds {}", there), place);
  }
  void add(std::string_view relation, const Place& place) {
    const std::string_view what =
        use_ == VolumeUse::ReadOnly || use_ == VolumeUse::WritableBelow ? place.read_only : place.writable;
    if (what.empty() || std::ranges::find(reported_, what) != reported_.end()) return;
    reported_.push_back(what);
    sentences_.push_back(fmt::format("hostPath {}{}: {}", shown_, relation, what));
  }
  const std::string& path() const { return path_; }
  std::vector<std::string> take() && { return std::move(sentences_); }

 private:
  std::string_view shown_;
  std::string path_;
  VolumeUse use_;
  std::vector<std::string_view> reported_;
  std::vector<std::string> sentences_;
};

/// The volume with the hostPath that this one is inside, if containers can write to it; else nullptr.
const Volume* writable_above(const Pod& pod, const HostPath& host) {
  const std::string path = clean_path(host.path);
  for (const Volume& volume : pod.spec.volumes) {
    const auto* other = std::get_if<HostPath>(&volume.source);
    if (other == nullptr || other == &host) continue;
    const std::string above = clean_path(other->path);
    const VolumeUse use = use_of(pod.spec, volume.name);
    if (!above.empty() && above != "/" && above != path && is_at_or_below(path, above) && use == VolumeUse::Writable)
      return &volume;
  }
  return nullptr;
}

void warn_of_volume(const Pod& pod, const Volume& volume, const yaml::Node* node, std::string_view root,
                    DiagnosticCollector& report) {
  const auto* host = std::get_if<HostPath>(&volume.source);
  const yaml::Node* path = yaml::find(node, {"hostPath", "path"});
  const VolumeUse use = use_of(pod.spec, volume.name);
  if (host == nullptr || path == nullptr || use == VolumeUse::None) return;
  for (std::string& sentence : exposures_of(host->path, use, root)) report.warn(path->at, std::move(sentence));
  if (const Volume* above = writable_above(pod, *host))
    report.warn(
        path->at,
        fmt::format(
            "hostPath {} lies in that of the volume {}, which containers can write: a link that one makes on the way "
            "is not followed, and the next start fails",
            host->path, in_quotes(above->name)));
}

/// Warns of a capability that a container has because the manifest adds it: what it LETS the container do.
void warn_of_capability(std::string_view name, std::string_view lets, const Container& container,
                        const yaml::Node* node, DiagnosticCollector& report) {
  const SecurityContext& security = container.security_context;
  const yaml::Node* added = yaml::find(node, {"securityContext", "capabilities", "add"});
  if (added == nullptr || security.privileged || (capabilities_of(security) & capability_bit(name)) == 0) return;
  const auto& add = security.capabilities.add;
  const auto named = std::ranges::find_if(add, [&](const std::string& each) { return each == name || each == "ALL"; });
  const yaml::Node* item = yaml::item(added, static_cast<std::size_t>(named - add.begin()));
  report.warn(item == nullptr ? added->at : item->at,
              fmt::format("{} lets the container {} {}", name, in_quotes(container.name), lets));
}

void warn_of_container(const Container& container, const yaml::Node* node, bool is_connected,
                       DiagnosticCollector& report) {
  warn_of_capability("DAC_READ_SEARCH",
                     "read every file of the file systems that anything is mounted from, /etc/hosts and the host's own "
                     "file system among them: open_by_handle_at(2)",
                     container, node, report);
  if (is_connected)
    warn_of_capability("NET_ADMIN",
                       "use, make and delete network interfaces of the host as well: the other end of its eth0 tells "
                       "it the host's network namespace (link-netnsid, ip-link(8)); with \"podrun.io/network: none\" it "
                       "has its own alone",
                       container, node, report);
}

}  // namespace

std::vector<std::string> exposures_of(std::string_view path, VolumeUse use, std::string_view root) {
  Exposures exposures(path, use);
  if (use == VolumeUse::None || exposures.path().empty()) return {};
  if (exposures.path() == "/") {
    exposures.add("", whole_host);
    return std::move(exposures).take();
  }
  const std::string_view name = std::string_view(exposures.path()).substr(exposures.path().rfind('/') + 1);
  if (std::ranges::find(socket_names, name) != socket_names.end()) {
    exposures.add("", {"", Extent::Itself, one_socket, one_socket});
    return std::move(exposures).take();
  }
  for (const Place& place : places) exposures.check_place(place, "");
  for (const Place& place : own_places) exposures.check_place(place, root);
  return std::move(exposures).take();
}

void warn_of_exposure(const Pod& pod, const yaml::Node& node, std::string_view root, DiagnosticCollector& report) {
  const yaml::Node* spec = node.find("spec");
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i)
    warn_of_volume(pod, pod.spec.volumes[i], yaml::item(yaml::find(spec, {"volumes"}), i), root, report);
  const PodNetworks networks(pod);
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    warn_of_container(pod.spec.containers[i], container_node(spec, pod.spec, i), networks.of(i).has_value(), report);
}

std::string exposure_of_image(std::string_view reference, const std::vector<ImagePathDirectory>& way,
                              std::string_view close) {
  if (close == "/") return {};  // the host itself, to which its users have access
  constexpr std::uint32_t others_may_enter = 0001;
  if (std::ranges::any_of(way, [](const ImagePathDirectory& each) { return (each.mode & others_may_enter) == 0; }))
    return {};
  return fmt::format(
      "image {}: every user of the host can reach its files, and run the set-user-ID programs among them; close it: "
      "chmod 0700 {}",
      reference, close);
}

}  // namespace podrun::pod
