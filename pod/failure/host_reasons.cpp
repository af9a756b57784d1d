// Reasons why steps on the host fail: files, volumes, the sandbox, and what prepares a container.
#include <algorithm>
#include <cerrno>
#include <variant>

#include <fmt/format.h>

#include "pod/failure/reasons.hpp"
#include "pod/plan/enum_names.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/quote.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

/// "subject: reason"; "" without a reason.
std::string about(std::string_view subject, const std::string& reason) {
  return reason.empty() ? "" : fmt::format("{}: {}", subject, reason);
}

std::string first_of(std::string reason, const std::string& other) {
  return reason.empty() ? other : reason;
}

/// Why something at a path of the host cannot be opened.
std::string path_reason(int error) {
  switch (error) {
    case ENOENT:
      return "does not exist";
    case ENOTDIR:
      return "cannot be reached: a part of the path is not a directory";
    case EACCES:
    case EPERM:
      return "cannot be reached: podrun has no access";
    case ELOOP:
      return "cannot be reached: a link has taken its place since the pod's start, or leads in a circle";
    case ENAMETOOLONG:
      return "has a name that is too long";
    default:
      return "";
  }
}

/// Why the part of a volume that subPath names cannot be opened.
std::string sub_path_reason(int error) {
  switch (error) {
    case ENOENT:
      return "the volume does not have it";
    case ENOTDIR:
    case EEXIST:
      return "a part of it is a file, not a directory";
    case ELOOP:
      return "a link in it leads in a circle, or out of the volume";
    case EROFS:
      return "the volume does not have it, and cannot be written";
    case ENOSPC:
      return "the volume does not have it, and is full";
    case EACCES:
    case EPERM:
      return "podrun has no access";
    default:
      return "";
  }
}

/// The layer that is missing, or cannot be opened; nullptr if that is not the error.
const std::string* layer_of(const std::vector<std::string>& layers, const Error& error) {
  const auto found = std::ranges::find_if(
      layers, [&](const std::string& layer) { return error.message.starts_with(layer + ": "); });
  return found == layers.end() ? nullptr : &*found;
}

std::string tree_reason(const host::CloneTree& step, const ContainerPlan& plan, const Error& error) {
  const std::string volume = volume_of(plan, step.to);
  if (step.label == volume) return about(step.source, path_reason(error.number));  // a file of the pod
  if (const std::string* layer = layer_of(step.layers, error))
    return about(fmt::format("volume {}: the layer {} of {}", volume, *layer, escaped(step.label)),
                 path_reason(error.number));
  const bool is_of_child = step.in_memory || !step.layers.empty();  // whose error is only a number
  if (error.message.starts_with("subPath ") || (is_of_child && !step.sub_path.empty()))
    return about(fmt::format("volume {}: subPath {}", volume, escaped(step.sub_path)), sub_path_reason(error.number));
  // The error says all: which mountPropagation needs what.
  if (error.number == EINVAL && step.propagation != MountPropagation::None)
    return fmt::format("volume {}: {}", volume, error.message);
  const std::string why = path_reason(error.number);
  if (why.empty()) return host_reason(error.number);
  const std::string remedy =
      error.number == ENOENT && step.label.starts_with("hostPath ") ? " (type: DirectoryOrCreate makes it)" : "";
  return fmt::format("volume {}: {} {}{}", volume, escaped(step.label), why, remedy);
}

std::string root_reason(const host::OverlayRoot& step, const Error& error) {
  const std::string image = fmt::format("image {}", escaped(step.image));
  if (const std::string* layer = layer_of(step.layers, error))
    return about(fmt::format("{}: its {} {}", image, step.layers.size() == 1 ? "root" : "layer", *layer),
                 path_reason(error.number));
  const std::string disk = disk_reason(step.directory, error.number);
  return first_of(about("the container's writable layer", disk), host_reason(error.number));
}

std::string sysctl_reason(const sandbox::Sysctl& step, int error) {
  const std::string name = fmt::format("securityContext.sysctls: {}", escaped(step.name));
  switch (error) {
    case EINVAL:
    case ERANGE:
      return fmt::format("{}: the kernel refuses the value {}", name, in_quotes(step.value));
    case ENOENT:
      return fmt::format("{}: this kernel does not have it, or not in a pod's namespaces", name);
    case EACCES:
    case EPERM:
    case EROFS:
      return fmt::format("{}: this host does not let podrun write it", name);
    default:
      return "";
  }
}

}  // namespace

std::string host_reason(int error) {
  switch (error) {
    case EPERM:
    case EACCES:
      return "this host does not let podrun do it: root lacks rights here, for example in a container that is not "
             "privileged";
    case ENOMEM:
      return "this host has no memory left for it";
    case EMFILE:
    case ENFILE:
      return "too many files are open";
    case EAGAIN:
      return "this host allows no more processes";
    case ENOSPC:
      return "this host is at a limit: of disk space, of namespaces (/proc/sys/user/max_*), or of mounts "
             "(/proc/sys/fs/mount-max)";
    case EUSERS:
      return "namespaces are nested too deeply";
    case ENOSYS:
    case ENODEV:
      return "this kernel does not have it: podrun needs Linux 6.1 or later";
    default:
      return "";
  }
}

std::string disk_reason(std::string_view path, int error) {
  switch (error) {
    case ENOSPC:
      return fmt::format("the disk of {} is full", path);
    case EDQUOT:
      return fmt::format("the quota of the disk of {} is used up", path);
    case EROFS:
      return fmt::format("{} is on a read-only file system", path);
    case ENOTDIR:
    case EEXIST:
      return fmt::format("on the way to {} is something that is not a directory", path);
    case EACCES:
    case EPERM:
      return fmt::format("podrun may not write {}", path);
    case ENAMETOOLONG:
      return fmt::format("the path {} is too long", path);
    default:
      return "";
  }
}

std::string volume_of(const ContainerPlan& plan, Slot slot) {
  const std::string name = slot < plan.descriptors.size() ? plan.descriptors[slot] : "";
  return name.substr(0, name.find('#'));  // "data#2": the same volume, mounted twice
}

std::string label_of(const ContainerPlan& plan, Slot slot) {
  for (const HostStep& step : plan.host) {
    const auto* const tree = std::get_if<host::CloneTree>(&step);
    if (tree != nullptr && tree->to == slot) return tree->label;
  }
  return "";
}

std::string reason_of(const FileStep& step, const Error& error) {
  const int number = error.number;
  return std::visit(
      Overloaded{[&](const file::MakeDirectory& each) { return disk_reason(each.path, number); },
                 [&](const file::Write& each) { return disk_reason(each.path, number); },
                 [&](const file::WriteVolume& each) { return disk_reason(each.path, number); },
                 [&](const file::CheckHostPath& each) {
                   if (number == 0) return error.message;  // it is in the manifest's words already
                   const std::string path = fmt::format("volume {}: hostPath {}", each.volume, escaped(each.path));
                   const std::string why = path_reason(number);
                   return why.empty() ? about(path, disk_reason("it", number)) : fmt::format("{} {}", path, why);
                 },
                 [&](const file::GiveToGroup& each) {
                   return about(fmt::format("fsGroup {}", each.group), disk_reason(each.path, number));
                 }},
      step);
}

std::string reason_of(const MemoryStep& step, int error) {
  const auto of = [&](const std::string& volume) { return about("volume " + volume, host_reason(error)); };
  return std::visit([&](const auto& each) { return of(each.volume); }, step);
}

std::string reason_of(const SandboxStep& step, int error) {
  return std::visit(Overloaded{[&](const sandbox::Sysctl& each) { return sysctl_reason(each, error); },
                               [&](const sandbox::Hostname& each) {
                                 return about(fmt::format("host name {}", escaped(each.name)), host_reason(error));
                               },
                               [&](const auto&) { return host_reason(error); }},
                    step);
}

std::string reason_of(const HostStep& step, const ContainerPlan& plan, const Error& error) {
  const int number = error.number;
  const auto uid_reason = [&](std::uint32_t uid) {
    return number == EINVAL || number == EPERM
               ? fmt::format(
                     "user {}: podrun cannot give it a stream of the container; is podrun in a user namespace "
                     "without that user?",
                     uid)
               : host_reason(number);
  };
  return std::visit(Overloaded{[&](const host::OverlayRoot& each) { return root_reason(each, error); },
                               [&](const host::CloneTree& each) { return tree_reason(each, plan, error); },
                               [&](const host::MessageFile& each) {
                                 return about("terminationMessagePath", disk_reason(each.path, number));
                               },
                               [&](const host::Stdio& each) { return uid_reason(each.uid); },
                               [&](const host::Input& each) { return uid_reason(each.uid); },
                               [&](const host::Terminal& each) {
                                 if (number != ENOSPC) return uid_reason(each.uid);
                                 return std::string("tty: the host has no terminal left (/proc/sys/kernel/pty/max)");
                               },
                               [&](const host::MakeNamespace& each) {
                                 return about(fmt::format("{} namespace of {}", name_of(each.kind), each.container),
                                              host_reason(number));
                               },
                               // The error says which container does not run.
                               [](const auto&) { return std::string(); }},
                    step);
}

}  // namespace podrun::pod
