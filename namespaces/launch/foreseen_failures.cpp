// Foresees failures of mounts and working directories: the walk of child/mount_target.cpp, on paths as text.
#include "namespaces/launch/foreseen_failures.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "namespaces/launch/foreseen_mounts.hpp"
#include "pod/plan/step_predicates.hpp"
#include "pod/text/paths.hpp"

namespace podrun::ns {
namespace {

constexpr int most_links = 40;  // path_resolution(7)

/// Where a walk ends.
struct End {
  Found found = Found::Unknown;
  int error = 0;
  std::string path{};  ///< without links
};

std::string below(const std::string& directory, std::string_view name) {
  return directory == "/" ? "/" + std::string(name) : directory + "/" + std::string(name);
}

/// The mounts of one container, in their order.
class ForeseenMounts {
 public:
  void add(ForeseenMount mount) { mounts_.push_back(std::move(mount)); }

  /// Walks a path, and makes what is missing. A link is followed in the root alone. Elsewhere it is an error, or, for
  /// who follows it there too, leads to what exists: behind it nothing is made.
  End walk(std::string rest, bool wants_directory, bool follows) {
    std::string here = "/";
    int links = 0;
    bool makes = true;
    while (!rest.empty()) {
      const std::string name = take(rest);
      if (name.empty() || name == ".") continue;
      if (name == "..") {
        if (!around(here).is_root && !follows) return {.error = ELOOP};
        here = here.rfind('/') == 0 ? "/" : here.substr(0, here.rfind('/'));
        continue;
      }
      const bool is_last = rest.find_first_not_of('/') == rest.npos;
      std::string target;
      const std::string next = below(here, name);
      switch (enter(next, is_last && !wants_directory, makes, target)) {
        case Found::Directory: here = next; break;
        case Found::File: return is_last ? End{Found::File, 0, next} : End{.error = ENOTDIR};
        case Found::Missing: return {.error = error_};
        case Found::Unknown: return {};
        case Found::Link:
          makes = makes && around(here).is_root;
          if (!makes && !follows) return {.error = ELOOP};
          if (++links > most_links) return {.error = ELOOP};
          if (target.starts_with('/')) here = "/";
          rest = target + "/" + rest;
          break;
      }
    }
    return {Found::Directory, 0, here};
  }

 private:
  static std::string take(std::string& rest) {
    const std::size_t end = std::min(rest.find('/'), rest.size());
    std::string name = rest.substr(0, end);
    rest.erase(0, end + 1);
    return name;
  }

  /// The mount that a directory without links lies in.
  ForeseenMount& around(const std::string& directory) {
    ForeseenMount* found = &mounts_.front();
    for (ForeseenMount& mount : mounts_)
      if (pod::is_at_or_below(directory, mount.path) && mount.path.size() >= found->path.size()) found = &mount;
    return *found;
  }

  /// What is at a path, whose parent is a directory. What is missing is made if it can be.
  Found enter(const std::string& path, bool as_file, bool makes, std::string& target) {
    ForeseenMount& mount = around(path);
    if (mount.path == path) {
      if (mount.content == Content::File) return Found::File;
      return mount.content == Content::Unknown ? Found::Unknown : Found::Directory;
    }
    const std::string relative = path.substr(mount.path == "/" ? 1 : mount.path.size() + 1);
    const Found found = look(mount, relative, target);
    if (found != Found::Missing) return found;
    error_ = makes ? error_of_making(mount, !as_file) : ELOOP;
    if (error_ != 0) return Found::Missing;
    if (as_file) return Found::File;
    mount.made.insert(relative);
    return Found::Directory;
  }

  std::vector<ForeseenMount> mounts_;
  int error_ = 0;
};

/// The failures of one container.
class Foresight {
 public:
  Foresight(const pod::PodPlan& plan, const pod::ContainerPlan& container) : plan_(plan), container_(container) {}

  std::vector<ForeseenFailure> failures() && {
    const auto* const overlay = find_host<pod::host::OverlayRoot>([](const auto&) { return true; });
    if (overlay == nullptr) return {};  // the root is one of others
    ForeseenMount root = mount_of_root(*overlay);
    if (root.content == Content::Unknown) return {};
    root.path = "/";
    root.is_root = true;
    mounts_.add(std::move(root));
    for (std::size_t i = 0; i < container_.child.size(); ++i) foresee(i);
    return std::move(failures_);
  }

 private:
  template <typename Step, typename Test>
  const Step* find_host(const Test& test) const {
    for (const pod::HostStep& step : container_.host)
      if (const auto* found = std::get_if<Step>(&step); found && test(*found)) return found;
    return nullptr;
  }

  void foresee(std::size_t index) {
    const pod::ChildStep& step = container_.child[index];
    if (const auto* directory = std::get_if<pod::step::WorkingDirectory>(&step)) {
      const End end = mounts_.walk(directory->path, true, true);
      if (const int error = end.found == Found::File ? ENOTDIR : end.error; error != 0)
        failures_.push_back({index, error});
      return;
    }
    const std::string* const path = pod::mount_point(step);
    if (path == nullptr || std::holds_alternative<pod::step::ReadOnlyPath>(step)) return;
    if (std::holds_alternative<pod::step::MaskPath>(step)) return mask(*path);
    if (std::holds_alternative<pod::step::WritablePath>(step)) return make(index, *path);
    attach(index, *path, content_of(step));
  }

  /// What is bound over itself stays what it is.
  void make(std::size_t index, const std::string& path) {
    const End end = mounts_.walk(path, true, false);
    if (const int error = end.found == Found::File ? ENOTDIR : end.error; error != 0)
      failures_.push_back({index, error});
  }

  /// A mask hides a file by a file, which changes nothing here, and a directory by an empty one.
  void mask(const std::string& path) {
    ForeseenMount hidden;
    const End end = mounts_.walk(path, true, false);
    if (end.found != Found::Directory) return;
    hidden.path = end.path;
    hidden.content = Content::Listed;
    hidden.read_only = true;
    mounts_.add(std::move(hidden));
  }

  void attach(std::size_t index, const std::string& path, ForeseenMount mount) {
    const bool is_file = mount.content == Content::File, is_unknown = mount.content == Content::Unknown;
    const End end = mounts_.walk(path, !is_file && !is_unknown, false);
    int error = end.error;
    if (end.found == Found::File && !is_file && !is_unknown) error = ENOTDIR;
    if (end.found == Found::Directory && is_file) error = EISDIR;
    if (error != 0) failures_.push_back({index, error});
    if (error != 0 || end.found == Found::Unknown) mount.content = Content::Unknown;
    mount.path = end.path.empty() ? path : end.path;
    mounts_.add(std::move(mount));
  }

  ForeseenMount content_of(const pod::ChildStep& step) {
    using namespace pod::step;
    ForeseenMount mount;
    const auto is = [&](Content content, bool read_only) {
      mount.content = content;
      mount.read_only = read_only;
    };
    if (const auto* proc = std::get_if<MountProc>(&step)) is(Content::Proc, proc->read_only);
    if (const auto* sys = std::get_if<MountSys>(&step)) is(Content::Sysfs, sys->read_only);
    if (std::holds_alternative<MountPts>(step)) is(Content::Terminals, false);
    if (std::holds_alternative<MountMqueue>(step)) is(Content::Queues, false);
    if (const auto* shared = std::get_if<BindFromPod>(&step)) is(content_of_shared(*shared), shared->read_only);
    if (const auto* dev = std::get_if<MountDev>(&step)) {
      is(Content::Devices, false);
      mount.devices = dev;
    }
    if (const auto* tree = std::get_if<AttachTree>(&step)) return content_of_tree(*tree);
    return mount;
  }

  /// Shared memory begins empty, but another container may have made something in it.
  static Content content_of_shared(const pod::step::BindFromPod& shared) {
    return shared.source == pod::shared_proc ? Content::Proc : Content::Listed;
  }

  ForeseenMount content_of_tree(const pod::step::AttachTree& attach) {
    const auto is_its = [&](const auto& host) { return host.to == attach.tree; };
    ForeseenMount mount;
    mount.read_only = attach.read_only;
    for (std::size_t i = 0; i < container_.host.size(); ++i) {
      const auto* const tree = std::get_if<pod::host::CloneTree>(&container_.host[i]);
      if (tree == nullptr || !is_its(*tree)) continue;
      int error = 0;
      mount = mount_of(plan_, container_, *tree, attach.read_only, error);
      if (error != 0) failures_.push_back({.step = i, .error = error, .is_host_step = true});
      return mount;
    }
    if (find_host<pod::host::MessageFile>(is_its) != nullptr) mount.content = Content::File;
    if (find_host<pod::host::CloneProc>(is_its) != nullptr) mount.content = Content::Proc;
    return mount;
  }

  const pod::PodPlan& plan_;
  const pod::ContainerPlan& container_;
  ForeseenMounts mounts_;
  std::vector<ForeseenFailure> failures_;
};

}  // namespace

std::vector<ForeseenFailure> foreseen_failures(const pod::PodPlan& plan, std::size_t container) {
  return Foresight(plan, plan.containers[container]).failures();
}

}  // namespace podrun::ns
