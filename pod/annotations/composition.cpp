// Decides which namespaces each container uses.
#include "pod/annotations/composition.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "pod/annotations/composition_text.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::size_t index_of(NamespaceKind kind) {
  return static_cast<std::size_t>(kind);
}

constexpr NamespaceSource from_pod{.owner = NamespaceOwner::Pod};
constexpr NamespaceSource from_host{.owner = NamespaceOwner::Host};
constexpr NamespaceSource from_itself{.owner = NamespaceOwner::Private};

/// The privilege of a container that lets a process leave a chroot, such as "SYS_ADMIN"; "" if it has none.
std::string_view chroot_escape(const Container& container) {
  if (container.security_context.privileged) return "privileged";
  const std::uint64_t kept = capabilities_of(container.security_context);
  if (kept & capability_bit("SYS_ADMIN")) return "SYS_ADMIN";
  if (kept & capability_bit("SYS_CHROOT")) return "SYS_CHROOT";
  return "";
}

/// Whether mounts are to propagate into the container or out of it while it runs.
bool has_propagation(const Container& container) {
  return std::ranges::any_of(container.volume_mounts, [](const VolumeMount& mount) {
    return mount.mount_propagation != MountPropagation::None;
  });
}

/// Composes the namespaces of one pod.
class Composer {
 public:
  Composer(const Pod& pod, std::vector<CompositionError>& errors) : pod_(pod), errors_(errors) {
    for (const Container& container : pod.spec.containers) names_.push_back(container.name);
    composed_.resize(names_.size());
    set_by_annotation_.resize(names_.size());
  }

  std::vector<ContainerComposition> compose() && {
    check_fields();
    for (std::size_t index = 0; index < names_.size(); ++index) apply_fields(index);
    read_annotation();
    for (std::size_t index = 0; index < names_.size(); ++index) {
      composed_[index].namespaces = resolved(index);
      protect_from_chroot(index);
      separate_propagation(index);
    }
    for (std::size_t index = 0; index < names_.size(); ++index) {
      check_mounts(index);
      check_order(index);
    }
    read_offsets();
    return std::move(composed_);
  }

 private:
  using Kinds = std::array<bool, namespace_kinds>;

  void add_error(std::string_view where, std::string message) { errors_.push_back({where, std::move(message)}); }

  void check_fields() {
    if (pod_.spec.host_pid && pod_.spec.share_process_namespace)
      add_error("shareProcessNamespace", "hostPID and shareProcessNamespace exclude each other");
  }

  void apply_fields(std::size_t index) {
    const PodSpec& spec = pod_.spec;
    Composition& sources = composed_[index].namespaces = default_composition;
    const auto set_if = [&](bool wanted, NamespaceKind kind, NamespaceSource source) {
      if (wanted) sources[index_of(kind)] = source;
    };
    set_if(spec.host_network, NamespaceKind::Net, from_host);
    set_if(spec.host_network, NamespaceKind::Uts, from_host);
    set_if(spec.host_ipc, NamespaceKind::Ipc, from_host);
    set_if(spec.share_process_namespace, NamespaceKind::Pid, from_pod);
    set_if(spec.host_pid, NamespaceKind::Pid, from_host);
  }

  void read_annotation() {
    const auto lines = lines_of(pod_.metadata, namespaces_annotation, names_);
    for (const Line& line : lines) {
      if (!line.error.empty()) {
        add_error(namespaces_annotation, line.error);
        continue;
      }
      for (const auto& [kind, source] : line.words) set(line.container, kind, source);
    }
  }

  void set(std::size_t index, const std::string& kind_name, const std::string& text) {
    const auto kind = std::ranges::find(namespace_names, kind_name);
    if (kind == namespace_names.end())
      return add_error(namespaces_annotation, fmt::format("{}: no kind of namespace is called {}: there are {}",
                                                       names_[index], in_quotes(kind_name),
                                                       joined(namespace_names, ", ")));
    const auto at = static_cast<std::size_t>(kind - namespace_names.begin());
    if (std::exchange(set_by_annotation_[index][at], true))
      return add_error(namespaces_annotation, fmt::format("{}: {} is there twice", names_[index], kind_name));
    const auto source = source_in(text, names_);
    if (!source)
      return add_error(namespaces_annotation,
                       fmt::format("{}: {}={}: {}", names_[index], kind_name, text, source.error()));
    if (static_cast<NamespaceKind>(at) == NamespaceKind::User && *source != from_host)
      return add_error(
          namespaces_annotation,
          fmt::format("{}: user={}: user namespaces are not supported yet: every container is in the host's",
                      names_[index], text));
    composed_[index].namespaces[at] = *source;
  }

  /// Follows container:X to the container whose namespace is private.
  Composition resolved(std::size_t index) {
    Composition result = composed_[index].namespaces;
    for (std::size_t kind = 0; kind < namespace_kinds; ++kind) {
      std::vector<std::string> way{names_[index]};
      while (result[kind].owner == NamespaceOwner::Container) {
        const std::size_t next = result[kind].container;
        const bool circle = std::ranges::find(way, names_[next]) != way.end();
        way.push_back(names_[next]);
        if (circle) {
          add_error(namespaces_annotation,
                 fmt::format("{}: {} is a circle: {}", names_[index], namespace_names[kind], joined(way, " → ")));
          result[kind] = from_itself;
          break;
        }
        const NamespaceSource source = composed_[next].namespaces[kind];
        if (source.owner == NamespaceOwner::Private) break;
        result[kind] = source;
      }
    }
    return result;
  }

  void protect_from_chroot(std::size_t index) {
    const std::string_view power = chroot_escape(pod_.spec.containers[index]);
    NamespaceSource& mounts = composed_[index].namespaces[index_of(NamespaceKind::Mnt)];
    if (power.empty() || mounts.owner != NamespaceOwner::Pod) return;
    if (set_by_annotation_[index][index_of(NamespaceKind::Mnt)])
      return add_error(
          namespaces_annotation,
          fmt::format("{}: with {} it could leave a chroot in the pod's mount namespace: it needs mnt=private",
                      names_[index], power));
    mounts = from_itself;
    composed_[index].remarks.push_back(
        fmt::format("mnt is private, with pivot_root: with {} a chroot could be left", power));
  }

  /// Gives a container with mountPropagation a private mount namespace: later mounts in its volume must not appear in
  /// the other containers that share the pod's.
  void separate_propagation(std::size_t index) {
    NamespaceSource& mounts = composed_[index].namespaces[index_of(NamespaceKind::Mnt)];
    if (mounts.owner != NamespaceOwner::Pod || !has_propagation(pod_.spec.containers[index])) return;
    if (set_by_annotation_[index][index_of(NamespaceKind::Mnt)])
      return add_error(namespaces_annotation,
                       fmt::format("{}: with mountPropagation it needs mnt=private", names_[index]));
    mounts = from_itself;
    composed_[index].remarks.emplace_back("mnt is private, with pivot_root: it asks for mountPropagation");
  }

  /// Checks a container that uses the mounts of another container or of the host. It has no root of its own.
  void check_mounts(std::size_t index) {
    const Container& container = pod_.spec.containers[index];
    const NamespaceSource mounts = source_of(composed_[index].namespaces, NamespaceKind::Mnt);
    const bool is_host = mounts.owner == NamespaceOwner::Host;
    if (!is_host && mounts.owner != NamespaceOwner::Container) return;
    const std::string whose = is_host ? "the host's" : names_[mounts.container] + "'s";
    const std::string image = is_host ? "rootfs:/" : pod_.spec.containers[mounts.container].image;
    const auto complain = [&](std::string_view what) {
      add_error(namespaces_annotation,
                fmt::format("{}: it uses {} mounts and files, so {}", names_[index], whose, what));
    };
    if (container.image != image) complain(fmt::format("its image must be {}", in_quotes(image)));
    if (!container.volume_mounts.empty()) complain("it can have no volumeMounts");
    if (container.security_context.read_only_root_filesystem) complain("it can have no readOnlyRootFilesystem");
  }

  /// Checks that who joins a container's namespaces is started after it, and that it runs then.
  void check_order(std::size_t index) {
    const auto& containers = pod_.spec.containers;
    for (const NamespaceKind kind : kinds_of(composed_[index].namespaces, NamespaceOwner::Container)) {
      const std::size_t owner = source_of(composed_[index].namespaces, kind).container;
      const auto complain = [&](std::string_view why) {
        add_error(namespaces_annotation, fmt::format("{}: {}=container:{}: {}", names_[index],
                                                     namespace_names[index_of(kind)], names_[owner], why));
      };
      if (containers[index].role != ContainerRole::App && owner > index)
        complain("an init container can join only what is started before it");
      else if (containers[owner].role == ContainerRole::Init && needs_living_owner(kind))
        complain("an init container has ended by then");
    }
  }

  void read_offsets() {
    for (const Line& line : lines_of(pod_.metadata, time_offsets_annotation, names_)) {
      if (!line.error.empty()) {
        add_error(time_offsets_annotation, line.error);
        continue;
      }
      ContainerComposition& composed = composed_[line.container];
      if (source_of(composed.namespaces, NamespaceKind::Time) != from_itself)
        add_error(time_offsets_annotation,
               fmt::format("{}: its clocks are not its own: {} must give it time=private", names_[line.container],
                           namespaces_annotation));
      for (const auto& [clock, text] : line.words) {
        const auto offset = offset_in(text);
        if (clock != "monotonic" && clock != "boottime")
          add_error(time_offsets_annotation,
                    fmt::format("{}: {} is no clock that can be set: monotonic and boottime are",
                                names_[line.container], in_quotes(clock)));
        else if (!offset)
          add_error(time_offsets_annotation, fmt::format("{}: {}={}: the offset must be a duration like 24h or -90m",
                                                      names_[line.container], clock, text));
        else
          (clock == "monotonic" ? composed.offsets.monotonic : composed.offsets.boottime) = *offset;
      }
    }
  }

  const Pod& pod_;
  std::vector<CompositionError>& errors_;
  std::vector<std::string> names_;
  std::vector<ContainerComposition> composed_;
  std::vector<Kinds> set_by_annotation_;  ///< the kinds that the annotation sets, by container
};

}  // namespace

std::vector<ContainerComposition> compose(const Pod& pod, std::vector<CompositionError>& errors) {
  return Composer(pod, errors).compose();
}

}  // namespace podrun::pod
