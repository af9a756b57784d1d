// Describes each step in two columns.
#include "pod/plan/describe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "pod/plan/describe_words.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

constexpr std::size_t longest_command = 92;

std::string_view read_only_mark(bool read_only) {
  return read_only ? ", read-only" : "";
}

std::string device_words(const step::MountDev& dev) {
  std::vector<std::string_view> names;
  for (const auto& node : dev.nodes) names.push_back(node.name);
  for (const auto& [name, target] : dev.links) names.push_back(name);
  return joined(names, " ");
}

StepText words(const file::MakeDirectory& s) {
  return {"directory", fmt::format("{} ({:04o})", s.path, s.mode)};
}
StepText words(const file::Write& s) {
  const auto lines = std::ranges::count(s.content, '\n');
  return {"write", fmt::format("{} ({:04o}, {} line{})", s.path, s.mode, lines, lines == 1 ? "" : "s")};
}

StepText words(const file::CheckHostPath& s) {
  const std::string_view wanted =
      s.type == HostPathType::Any ? "a directory (0755) is made if nothing is there" : name_of(s.type);
  return {"check", fmt::format("hostPath {} of volume {}: {}", s.path, s.volume, wanted)};
}
/// The files of a volume: "a.conf (0644), keys/b (0600)".
std::string list_of(const VolumeFiles& files) {
  std::string list;
  for (const VolumeFile& file : files.list)
    list += fmt::format("{}{} ({:04o})", list.empty() ? "" : ", ", file.path, file.mode);
  for (const std::string& path : files.mount_points)
    list += fmt::format("{}{}/ to mount on", list.empty() ? "" : ", ", path);
  return list.empty() ? "no file" : list;
}
StepText words(const file::WriteVolume& s) {
  return {"files", fmt::format("{}: {}", s.path, list_of(s.files))};
}
StepText words(const file::GiveToGroup& s) {
  return {"group", fmt::format("{} and what is in it: gid {}{}", s.path, s.group,
                               s.unless_root_has_it ? ", unless its root is so already" : "")};
}

std::string size_words(std::uint64_t bytes) {
  if (bytes == 0) return "no limit";
  if (bytes % (1 << 20) == 0) return fmt::format("{} MiB", bytes >> 20);
  if (bytes % (1 << 10) == 0) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} bytes", bytes);
}
StepText words(const memory::EmptyDir& s) {
  return {"tmpfs", fmt::format("emptyDir {} ({:04o}, {})", s.volume, s.mode, size_words(s.bytes))};
}
StepText words(const memory::Files& s) {
  return {"tmpfs", fmt::format("{}: {}", s.volume, list_of(s.files))};
}

StepText words(const sandbox::Unshare& s) {
  return {"namespaces", names_of(s.kinds) + ", held by the pause"};
}
StepText words(const sandbox::Root&) {
  return {"root", "a tmpfs; the host's tree is detached"};
}
StepText words(const sandbox::SharedMemory& s) {
  if (!s.container.empty())
    return {"memory", fmt::format("tmpfs → /c/{}/{}, {} MiB for its own IPC namespace", own_shared_memories,
                                  s.container, s.bytes >> 20)};
  return {"memory", fmt::format("tmpfs → /c/{}, {} MiB for all containers", shared_memory, s.bytes >> 20)};
}
StepText words(const sandbox::Loopback&) {
  return {"interface", "lo up"};
}
StepText words(const sandbox::Sysctl& s) { return {"sysctl", fmt::format("{} = {}", s.name, s.value)}; }
StepText words(const sandbox::Hostname& s) {
  return {"hostname", s.name};
}

StepText words(const sandbox::Init& s) {
  const bool has_proc = std::ranges::find(s.kinds, NamespaceKind::Pid) != s.kinds.end();
  return {"init", fmt::format("{}, held by a second pause process in the pod's control group{}", names_of(s.kinds),
                              has_proc ? fmt::format("; proc → /c/{}", shared_proc) : "")};
}

/// Describes the steps of one container, which refer to its slots and its cell.
struct ContainerWords {
  const ContainerPlan& container;

  std::string name(Slot slot) const {
    const auto& names = container.descriptors;
    return slot < names.size() ? names[slot] : fmt::format("#{}", slot);
  }
  std::string fd(Slot slot) const { return "fd " + name(slot); }
  /// A path in the container's root as a path in the mount namespace in which the root is mounted.
  std::string at(std::string_view path = "") const {
    if (owner_of_mounts() == NamespaceOwner::Private) return fmt::format("/c{}", path);
    return fmt::format("/c/{}{}", container.name, path);
  }
  NamespaceOwner owner_of_mounts() const { return source_of(container.namespaces, NamespaceKind::Mnt).owner; }
  bool has_own_root() const { return owner_of_mounts() == NamespaceOwner::Pod; }
  StepText mount(std::string_view type, std::string_view path) const {
    return {"mount", fmt::format("{} → {}", type, at(path))};
  }

  StepText operator()(const host::OverlayRoot& s) const {
    const auto count = s.layers.size();
    return {"root", fmt::format("overlay {} ({} layer{}) + a writable layer {} → {}", s.image, count,
                                count == 1 ? "" : "s", s.layer == host::Layer::Disk ? "on disk" : "in memory",
                                fd(s.to))};
  }
  StepText operator()(const host::CloneTree& s) const {
    std::string details;
    if (s.layers.size() > 1) details += fmt::format(" ({} layers)", s.layers.size());
    if (!s.sub_path.empty()) details += ", its " + s.sub_path;
    if (s.no_exec) details += ", noexec";
    if (s.devices == host::Devices::Usable) details += ", a device to be used";
    if (s.propagation != MountPropagation::None) details += fmt::format(", {}", name_of(s.propagation));
    return {"tree", fmt::format("{}{} → {}", s.label, details, fd(s.to))};
  }
  StepText operator()(const host::CloneProc& s) const {
    return {"tree", fmt::format("proc of {}'s PID namespace → {}", s.container, fd(s.to))};
  }
  StepText operator()(const host::MessageFile& s) const {
    return {"message", fmt::format("an empty file {} (0666) → {}", s.path, fd(s.to))};
  }
  StepText operator()(const host::Stdio& s) const {
    return {"stdio", fmt::format("pipes of uid {} gid {} → {}, {}", s.uid, s.gid, fd(s.out), fd(s.err))};
  }
  StepText operator()(const host::Input& s) const {
    return {"stdin", fmt::format("pipe of uid {} gid {} → {}, open {}", s.uid, s.gid, fd(s.to),
                                 s.once ? "until the first who attached leaves" : "as long as it runs")};
  }
  StepText operator()(const host::Terminal& s) const {
    return {"terminal", fmt::format("of uid {}{} → {}, in a devpts of its own → {}", s.uid,
                                    s.input ? "" : ", at which nobody types", fd(s.to), fd(s.devpts))};
  }

  StepText operator()(const host::MakeNamespace& s) const {
    const std::string whose = s.container == container.name ? "its own" : "that of " + s.container;
    return {"namespace", fmt::format("{}: {}{}{} → {}", name_of(s.kind), whose, s.held ? ", held by the pause" : "",
                                     details_of(s), fd(s.to))};
  }
  StepText operator()(const host::OpenInit& s) const {
    return {"process", fmt::format("the pod's init → {}", fd(s.to))};
  }
  StepText operator()(const host::OpenProcess& s) const {
    return {"process", fmt::format("{}'s → {}", s.container, fd(s.to))};
  }
  StepText operator()(const host::OpenRoot& s) const {
    return {"root", fmt::format("{}'s → {}", s.container.empty() ? "the host" : s.container, fd(s.to))};
  }

  StepText operator()(const step::ResetSignals&) const {
    return {"signals", "all to their defaults, none blocked"};
  }
  StepText operator()(const step::NotDumpable&) const { return {"protect", "not dumpable until the exec"}; }
  StepText operator()(const step::NewSession&) const {
    return {"session", "its own, with a new keyring; umask 0022"};
  }
  StepText operator()(const step::ResetOomScore&) const { return {"oom score", "0, where podrun may change its own"}; }
  StepText operator()(const step::EnterNamespaces& s) const {
    const std::string kinds = names_of(s.kinds);
    if (name(s.of) == kinds) return {"enter", fd(s.of)};
    return {"enter", fmt::format("{} of {}{}", kinds, s.of == slot::pause ? "the " : "", name(s.of))};
  }
  StepText operator()(const step::OwnMounts&) const { return {"unshare", "mnt: its own, a copy of the pod's"}; }
  StepText operator()(const step::SetAsideOldRoot& s) const {
    return {"set aside", fmt::format("the last instance's /c/{} → /c/{}", s.cell, s.aside)};
  }
  StepText operator()(const step::AttachRoot& s) const {
    return {"attach", fmt::format("{} → /c/{}", fd(s.root), s.cell)};
  }
  StepText operator()(const step::AttachOwnRoot& s) const {
    return {"attach", fmt::format("{} → /c of its own mounts", fd(s.root))};
  }
  StepText operator()(const step::MountProc& s) const {
    auto text = mount("proc", s.path);
    text.detail += read_only_mark(s.read_only);
    return text;
  }
  StepText operator()(const step::MountSys& s) const {
    auto text = mount("sysfs", s.path);
    text.detail += read_only_mark(s.read_only);
    return text;
  }
  StepText operator()(const step::MountDev& s) const {
    auto text = mount("tmpfs", s.path);
    text.detail += ": " + device_words(s);
    return text;
  }
  StepText operator()(const step::MountPts& s) const {
    return mount(fmt::format("devpts of at most {} terminals", step::most_terminals), s.path);
  }
  StepText operator()(const step::MountMqueue& s) const { return mount("mqueue", s.path); }
  StepText operator()(const step::BindFromPod& s) const {
    return {"bind", fmt::format("/c/{} → {}{}", s.source, at(s.path), read_only_mark(s.read_only))};
  }
  StepText operator()(const step::AttachTree& s) const {
    return {"attach", fmt::format("{} → {}{}{}", fd(s.tree), at(s.path), read_only_mark(s.read_only),
                                  s.recursive ? " with all that is mounted in it" : "")};
  }
  StepText operator()(const step::MaskPath& s) const { return {"mask", at(s.path)}; }
  StepText operator()(const step::ReadOnlyPath& s) const { return {"read-only", at(s.path)}; }
  StepText operator()(const step::WritablePath& s) const {
    return {"writable", fmt::format("{}, a volume of the image's config", at(s.path))};
  }
  StepText operator()(const step::ReadOnlyRoot&) const { return {"read-only", at()}; }
  StepText operator()(const step::Chroot& s) const {
    return {"chroot", has_own_root() ? at() : fd(s.root)};
  }
  StepText operator()(const step::PivotRoot&) const {
    return {"pivot_root", "into the root; what was there is detached"};
  }
  StepText operator()(const step::WorkingDirectory& s) const { return {"chdir", s.path}; }
  StepText operator()(const step::ConnectStdio& s) const {
    return {"stdio", fmt::format("/dev/null → 0, {} → 1, {} → 2", fd(s.out), fd(s.err))};
  }
  StepText operator()(const step::ConnectInput& s) const { return {"stdin", fmt::format("{} → 0", fd(s.in))}; }
  StepText operator()(const step::ConnectTerminal& s) const {
    return {"terminal", fmt::format("{} → 0, 1, 2, controlling", fd(s.terminal))};
  }
  StepText operator()(const step::ResourceLimits& s) const { return {"limits", limits_words(s)}; }
  StepText operator()(const step::BoundCapabilities& s) const { return {"bound", capability_words(s.keep)}; }
  StepText operator()(const step::Seccomp& s) const { return {"seccomp", filter_words(s)}; }
  StepText operator()(const step::SetIds& s) const {
    return {"ids", fmt::format("uid {}, gid {}, groups {}", s.uid, s.gid, joined(s.groups, " "))};
  }
  StepText operator()(const step::NoNewPrivileges&) const {
    return {"no_new_privs", "no exec gains privileges"};
  }
  StepText operator()(const step::SetCapabilities& s) const { return {"capabilities", capability_words(s.keep)}; }
  StepText operator()(const step::ParentDeathSignal&) const {
    return {"pdeathsig", "KILL when the pause dies"};
  }
  StepText operator()(const step::CloseDescriptors&) const {
    return {"close", "every descriptor but 0, 1, 2, gate, report"};
  }
  StepText operator()(const step::Gate& s) const {
    return {name(s.gate), "opens when the pause has registered this process"};
  }
  StepText operator()(const step::Exec& s) const {
    return {"exec", shortened(shell_words(s.printable(s.argv)), longest_command)};
  }
};

/// Escapes names and paths, which come from manifests and images, so that they are safe to print on a terminal.
StepText safe(StepText text) {
  return {std::move(text.action), escaped(text.detail)};
}

}  // namespace

std::string step_words(std::string_view list, std::size_t index, std::size_t count, const StepText& text) {
  return fmt::format("{} {} of {}: {} {}", list, index + 1, count, text.action, text.detail);
}

StepText describe(const FileStep& step) {
  return safe(std::visit([](const auto& s) { return words(s); }, step));
}
StepText describe(const SandboxStep& step) {
  return safe(std::visit([](const auto& s) { return words(s); }, step));
}
StepText describe(const MemoryStep& step) {
  return safe(std::visit([](const auto& s) { return words(s); }, step));
}
StepText describe(const HostStep& step, const ContainerPlan& container) {
  return safe(std::visit(ContainerWords{container}, step));
}
StepText describe(const ChildStep& step, const ContainerPlan& container) {
  return safe(std::visit(ContainerWords{container}, step));
}

}  // namespace podrun::pod
