// Derives the plan of an additional process from a container's plan.
#include "pod/compile/compile_enter.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "pod/compile/compile_security.hpp"
#include "pod/spec/namespaces.hpp"

namespace podrun::pod {
namespace {

template <typename Step>
auto find(const std::vector<ChildStep>& steps) {
  return std::ranges::find_if(steps, [](const ChildStep& step) { return std::holds_alternative<Step>(step); });
}

/// The composition of the process: the target's namespaces of the requested kinds, and the host's of the others.
Composition composition_of(const Composition& target, const NamespaceSet& kinds) {
  Composition result{};
  for (const NamespaceKind kind : kinds) {
    const auto index = static_cast<std::size_t>(kind);
    result[index] = target[index];
  }
  return result;
}

/// The kinds of namespaces that setns(2) changes for the process itself. A process is created in its PID namespace.
NamespaceSet kinds_to_enter(const Composition& composition) {
  NamespaceSet kinds;
  for (std::size_t i = 0; i < composition.size(); ++i)
    if (const auto kind = static_cast<NamespaceKind>(i);
        composition[i].owner != NamespaceOwner::Host && kind != NamespaceKind::Pid)
      kinds.push_back(kind);
  return kinds;
}

/// Adds TERM to the environment, unless the container sets it, as in Kubernetes.
void add_term(std::vector<std::string>& environment, const std::string& term) {
  const auto is_term = [](const std::string& variable) { return variable.starts_with("TERM="); };
  if (std::ranges::none_of(environment, is_term)) environment.push_back("TERM=" + term);
}

Slot add_slot(ContainerPlan& plan, std::string_view name) {
  plan.descriptors.emplace_back(name);
  return static_cast<Slot>(plan.descriptors.size() - 1);
}

/// Replaces the stand-in's MountProc by a clone of the container's proc. A new proc cannot be mounted safely
/// (CloneProc), because processes of the container already run in its PID namespace.
step::AttachTree proc_of_target(ContainerPlan& plan, const step::MountProc& proc) {
  const Slot tree = add_slot(plan, "proc");
  plan.host.emplace_back(host::CloneProc{.to = tree, .container = plan.name, .read_only = proc.read_only});
  return {.root = proc.root, .tree = tree, .path = proc.path, .read_only = proc.read_only};
}

/// Denies CLONE_PARENT. The parent of an entering process is outside of the container, also if the container has a
/// private PID namespace.
void deny_siblings(std::vector<ChildStep>& steps) {
  for (ChildStep& step : steps) {
    auto* filter = std::get_if<step::Seccomp>(&step);
    if (filter == nullptr || !filter->own) continue;
    SeccompDenials what = *filter->own;
    what.siblings = true;
    *filter = own_filter(what);
  }
}

}  // namespace

NamespaceSet every_kind() {
  NamespaceSet kinds;
  for (std::size_t i = 0; i < namespace_kinds; ++i) kinds.push_back(static_cast<NamespaceKind>(i));
  return kinds;
}

ContainerPlan compile_enter(const ContainerPlan& target, EnterRequest request) {
  const bool with_terminal = !request.terminal.empty();
  ContainerPlan plan{.name = target.name,
                     .image = target.image,
                     .namespaces = composition_of(target.namespaces, request.kinds)};
  if (source_of(plan.namespaces, NamespaceKind::Pid).owner != NamespaceOwner::Host)
    plan.pid_namespace = enter_slot::container;
  plan.descriptors.assign(slot::names.begin(), slot::names.end());
  plan.descriptors[enter_slot::container] = "container";
  plan.descriptors[enter_slot::aux_fd] = "root";

  const auto& steps = target.child;
  const bool with_root = std::ranges::find(request.kinds, NamespaceKind::Mnt) != request.kinds.end();
  step::Exec exec{.argv = std::move(request.argv),
                  .env = with_root ? std::get<step::Exec>(steps.back()).env : std::move(request.host_environment)};

  auto& child = plan.child;
  child = {step::ResetSignals{}, step::NotDumpable{}, step::NewSession{}, step::ResetOomScore{}};
  if (auto kinds = kinds_to_enter(plan.namespaces); !kinds.empty())
    child.emplace_back(step::EnterNamespaces{.of = enter_slot::container, .kinds = std::move(kinds)});
  if (with_root) {
    child.emplace_back(step::Chroot{.root = enter_slot::aux_fd});
    child.push_back(*find<step::WorkingDirectory>(steps));
  }
  if (with_terminal) {
    child.emplace_back(step::ConnectTerminal{.terminal = add_slot(plan, "terminal")});
    add_term(exec.env, request.terminal);
  }
  if (with_root) {
    // The copied range includes the filters that are last.
    std::ranges::copy(find<step::ResourceLimits>(steps), find<step::Gate>(steps), std::back_inserter(child));
    deny_siblings(child);
  } else {
    child.emplace_back(step::ParentDeathSignal{});
    child.emplace_back(step::CloseDescriptors{});
  }
  child.emplace_back(std::move(exec));
  return plan;
}

ContainerPlan compile_debug(ContainerPlan stand_in, std::string directory, const std::string& terminal) {
  ContainerPlan plan{.name = stand_in.name, .image = stand_in.image, .namespaces = stand_in.namespaces};
  if (source_of(plan.namespaces, NamespaceKind::Pid).owner != NamespaceOwner::Host)
    plan.pid_namespace = enter_slot::container;
  plan.descriptors = std::move(stand_in.descriptors);
  plan.descriptors[enter_slot::container] = "container";
  plan.descriptors[enter_slot::aux_fd] = "pause";

  // Of the host steps only those that make trees are needed; the namespaces exist.
  for (HostStep& step : stand_in.host) {
    if (auto* root = std::get_if<host::OverlayRoot>(&step)) {
      root->directory = directory;
      root->layer = host::Layer::Memory;
      plan.host.push_back(std::move(step));
    } else if (std::holds_alternative<host::CloneTree>(step) || std::holds_alternative<host::CloneProc>(step)) {
      plan.host.push_back(std::move(step));
    }
  }

  NamespaceSet kinds = kinds_to_enter(plan.namespaces);
  std::erase(kinds, NamespaceKind::Mnt);
  const Slot cells = add_slot(plan, "cells");
  for (ChildStep& step : stand_in.child) {
    if (auto* bind = std::get_if<step::BindFromPod>(&step)) bind->cells = cells;
    if (auto* own = std::get_if<step::OwnMounts>(&step)) own->cells = cells;
    if (std::holds_alternative<step::EnterNamespaces>(step) || std::holds_alternative<step::Gate>(step)) continue;
    if (std::holds_alternative<step::OwnMounts>(step)) {
      if (!kinds.empty())
        plan.child.emplace_back(step::EnterNamespaces{.of = enter_slot::container, .kinds = std::move(kinds)});
      plan.child.emplace_back(step::EnterNamespaces{.of = enter_slot::aux_fd, .kinds = {NamespaceKind::Mnt}});
    }
    if (const auto* proc = std::get_if<step::MountProc>(&step); proc && plan.pid_namespace)
      plan.child.emplace_back(proc_of_target(plan, *proc));
    else if (const auto* pts = std::get_if<step::MountPts>(&step); pts && !terminal.empty())
      plan.child.emplace_back(
          step::AttachTree{.root = pts->root, .tree = add_slot(plan, "devpts"), .path = pts->path});
    else if (!std::holds_alternative<step::ConnectStdio>(step))
      plan.child.push_back(std::move(step));
    else if (!terminal.empty())
      plan.child.emplace_back(step::ConnectTerminal{.terminal = add_slot(plan, "terminal")});
  }
  deny_siblings(plan.child);
  if (!terminal.empty()) add_term(std::get<step::Exec>(plan.child.back()).env, terminal);
  return plan;
}

}  // namespace podrun::pod
