// Verifies the invariants of a plan.
#include "pod/plan/verify.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "pod/plan/step_predicates.hpp"
#include "pod/plan/verify_rlimits.hpp"
#include "pod/plan/verify_sandbox.hpp"
#include "pod/plan/verify_streams.hpp"
#include "pod/plan/verify_volumes.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

/// The step that violates an invariant, and an explanation.
struct Violation {
  std::string where;
  std::string how;
};
using InvariantResult = std::expected<void, Violation>;

/// The invariants of one container's plan. Each is a function that returns the first violation that it finds.
class ContainerInvariants {
 public:
  explicit ContainerInvariants(const ContainerPlan& container) : container_(container), steps_(container.child) {}

  InvariantResult exec_is_last() const {
    const auto exec = TRY(only<step::Exec>());
    if (exec + 1 != steps_.size()) return broken(exec, "the Exec is last: nothing runs after it");
    return {};
  }

  InvariantResult signals_are_first() const {
    const auto reset = TRY(only<step::ResetSignals>());
    if (reset != 0) return broken(reset, "signals are reset first");
    return {};
  }

  InvariantResult mounts_precede_chroot() const {
    const auto chroot = TRY(root_change());
    for (Position i = chroot + 1; i < steps_.size(); ++i)
      if ((is_work_on_root(steps_[i]) && !holds<step::ReadOnlyRoot>(i)) || holds<step::EnterNamespaces>(i) ||
          holds<step::OwnMounts>(i) || holds<step::SetAsideOldRoot>(i))
        return broken(i, "every mount comes before the change of root");
    if (const auto directory = first<step::WorkingDirectory>(); directory && *directory < chroot)
      return broken(*directory, "before the change of root its path would be one of the pod's");
    return {};
  }

  InvariantResult privileges_go_in_order() const {
    const auto chroot = TRY(root_change());
    const auto bound = TRY(only<step::BoundCapabilities>());
    const auto ids = TRY(only<step::SetIds>());
    const auto capabilities = TRY(only<step::SetCapabilities>());
    if (bound < chroot) return broken(bound, "the change of root comes before the capabilities that it needs go");
    if (const auto sealed = first<step::ReadOnlyRoot>(); sealed && *sealed > bound)
      return broken(*sealed, "the root becomes read-only before the capabilities that this needs go");
    if (ids < bound) return broken(ids, "the bounding set comes before the ids");
    for (Position i = 0; i < steps_.size(); ++i)
      if (const auto* filter = std::get_if<step::Seccomp>(&steps_[i]); filter && !filter->last && i > ids)
        return broken(i, "the filter comes before the ids, whose change ends the right to set it");
    if (capabilities < ids) return broken(capabilities, "the ids come before the capabilities that they need go");
    return {};
  }

  InvariantResult flags_survive() const {
    const auto ids = TRY(only<step::SetIds>());
    const auto capabilities = TRY(only<step::SetCapabilities>());
    const auto death_signal = TRY(only<step::ParentDeathSignal>());
    if (death_signal < std::max(ids, capabilities))
      return broken(death_signal, "PDEATHSIG comes after ids and capabilities, whose change clears it");
    if (const auto flag = first<step::NoNewPrivileges>(); flag && *flag > capabilities)
      return broken(*flag, "no_new_privs comes before the capabilities go");
    for (Position i = 0; i < steps_.size(); ++i)
      if (const auto* filter = std::get_if<step::Seccomp>(&steps_[i]);
          filter && filter->last && !first<step::NoNewPrivileges>())
        return broken(i, "only no_new_privs lets a filter be set last");
    return {};
  }

  InvariantResult descriptors_are_closed() const {
    const auto close = TRY(only<step::CloseDescriptors>());
    const auto gate = TRY(only<step::Gate>());
    if (gate + 2 != steps_.size()) return broken(gate, "the gate comes just before the Exec");
    for (Position i = close + 1; i < gate; ++i) {
      if (!slots_of(steps_[i]).empty()) return broken(i, "descriptors are closed after their last use");
    }
    return {};
  }

  InvariantResult slots_are_provided() const {
    const auto& names = container_.descriptors;
    if (!std::ranges::equal(std::span{names}.first(std::min(names.size(), slot::names.size())), slot::names))
      return broken(0, "the first slots are those of the launch");
    std::bitset<256> provided;
    for (std::size_t i = 0; i < slot::names.size(); ++i) provided.set(i);
    for (std::size_t i = 0; i < container_.host.size(); ++i) {
      for (const Slot to : slots_of(container_.host[i])) {
        if (to >= names.size()) return broken_on_host(i, fmt::format("there is no slot {}", to));
        if (provided.test(to)) return broken_on_host(i, fmt::format("slot {} is provided twice", names[to]));
        provided.set(to);
      }
    }
    for (Position i = 0; i < steps_.size(); ++i) {
      for (const Slot used : slots_of(steps_[i])) {
        if (used >= names.size()) return broken(i, fmt::format("there is no slot {}", used));
        if (!provided.test(used)) return broken(i, fmt::format("nothing provides slot {}", names[used]));
      }
    }
    return {};
  }

  InvariantResult root_is_whole() const {
    const auto attach = TRY(place_of_root());
    const auto sealed = first<step::ReadOnlyRoot>().value_or(steps_.size());
    for (Position i = 0; i < steps_.size(); ++i) {
      if (i < attach && is_work_on_root(steps_[i]))
        return broken(i, "the root is attached before anything is mounted in it");
      if (!mount_point(steps_[i])) continue;
      if (i > sealed) return broken(i, "the root becomes read-only after the last mount in it");
      if (const auto* lost = covered_by(i))
        return broken(i, fmt::format("it covers the earlier mount at {}", escaped(*lost)));
    }
    return {};
  }

  InvariantResult pod_is_entered_safely() const {
    const auto hidden = TRY(only<step::NotDumpable>());
    const auto session = TRY(only<step::NewSession>());
    NamespaceSet entered;
    Position last = 0;
    for (Position i = 0; i < steps_.size(); ++i) {
      const auto* enter = std::get_if<step::EnterNamespaces>(&steps_[i]);
      if (!enter) continue;
      if (i < hidden) return broken(i, "a process that enters the pod is not dumpable");
      if (i < session) return broken(i, "a process that enters the pod has a session of its own");
      entered.insert(entered.end(), enter->kinds.begin(), enter->kinds.end());
      last = i;
    }
    const auto own_mounts = first<step::OwnMounts>();
    if (own_mounts) last = std::max(last, *own_mounts);
    for (Position i = 0; i < last; ++i)
      if (is_work_on_root(steps_[i]) || holds<step::SetAsideOldRoot>(i))
        return broken(i, "before the pod is entered this would change the host");
    std::ranges::sort(entered);
    if (entered != to_be_entered())
      return broken(last, "a container enters just the namespaces that its composition takes from elsewhere");
    if (own_mounts.has_value() != (owner_of(NamespaceKind::Mnt) == NamespaceOwner::Private))
      return broken(own_mounts.value_or(last), "mounts of its own are for those whose composition says so");
    return {};
  }

 private:
  using Position = std::size_t;

  template <typename Step>
  bool holds(Position i) const {
    return std::holds_alternative<Step>(steps_[i]);
  }

  template <typename Step>
  std::optional<Position> first(Position from = 0) const {
    for (Position i = from; i < steps_.size(); ++i)
      if (holds<Step>(i)) return i;
    return std::nullopt;
  }

  NamespaceOwner owner_of(NamespaceKind kind) const { return source_of(container_.namespaces, kind).owner; }

  /// Every kind whose namespace is not the host's, except PID, because a process is created in its PID namespace. A
  /// private mount namespace is included, because it is a copy of the pod's, which is entered first.
  NamespaceSet to_be_entered() const {
    NamespaceSet kinds;
    for (std::size_t i = 0; i < namespace_kinds; ++i) {
      const auto kind = static_cast<NamespaceKind>(i);
      if (kind != NamespaceKind::Pid && owner_of(kind) != NamespaceOwner::Host) kinds.push_back(kind);
    }
    return kinds;
  }

  /// The change of root that the composition requires: pivot_root in a private mount namespace, else chroot.
  std::expected<Position, Violation> root_change() const {
    const bool own = owner_of(NamespaceKind::Mnt) == NamespaceOwner::Private;
    if (const auto other = own ? first<step::Chroot>() : first<step::PivotRoot>())
      return broken(*other, own ? "mounts of its own are left by pivot_root, not by chroot"
                                : "pivot_root would change the root of others");
    return own ? only<step::PivotRoot>() : only<step::Chroot>();
  }

  /// The position of the step that attaches the root; the end of the steps for a container without its own root.
  std::expected<Position, Violation> place_of_root() const {
    switch (owner_of(NamespaceKind::Mnt)) {
      case NamespaceOwner::Host:
      case NamespaceOwner::Container: return steps_.size();
      case NamespaceOwner::Private: return only<step::AttachOwnRoot>();
      case NamespaceOwner::Pod: break;
    }
    const auto attach = TRY(only<step::AttachRoot>());
    const auto& cell = std::get<step::AttachRoot>(steps_[attach]).cell;
    if (cell != container_.name || cell.empty() || cell.starts_with('.') || cell.contains('/'))
      return broken(attach, "the root's place is the container's own");
    const auto aside = first<step::SetAsideOldRoot>();
    const auto old = aside ? std::get<step::SetAsideOldRoot>(steps_[*aside]) : step::SetAsideOldRoot{};
    if (aside && (*aside > attach || old.cell != cell || old.aside != "." + cell))
      return broken(*aside, "the old root leaves the same place before the new one is attached");
    return attach;
  }

  /// The position of the step of this type, of which there must be exactly one.
  template <typename Step>
  std::expected<Position, Violation> only() const {
    const auto name = step_name(ChildStep(Step{}));
    const auto found = first<Step>();
    if (!found) return broken(steps_.size(), fmt::format("there is no {}", name));
    if (const auto second = first<Step>(*found + 1)) return broken(*second, fmt::format("there is a second {}", name));
    return *found;
  }

  /// An earlier mount point that the mount of step `i` covers.
  /// A volume at /dev lies on podrun's own devices, of which masks are made.
  bool is_devices_under_volume(Position earlier, Position i) const {
    return std::holds_alternative<step::MountDev>(steps_[earlier]) &&
           std::holds_alternative<step::AttachTree>(steps_[i]);
  }
  const std::string* covered_by(Position i) const {
    for (Position earlier = 0; earlier < i; ++earlier) {
      const auto* point = mount_point(steps_[earlier]);
      const bool is_replaced = point && *point == *mount_point(steps_[i]) && is_devices_under_volume(earlier, i);
      if (point && !is_replaced && is_at_or_below(*point, *mount_point(steps_[i]))) return point;
    }
    return nullptr;
  }

  std::unexpected<Violation> broken(Position i, std::string how) const {
    return std::unexpected(Violation{place("", steps_, i), std::move(how)});
  }
  std::unexpected<Violation> broken_on_host(Position i, std::string how) const {
    return std::unexpected(Violation{place("host ", container_.host, i), std::move(how)});
  }

  const ContainerPlan& container_;
  const std::vector<ChildStep>& steps_;
};

/// The invariants of one container, in the order of their numbers.
constexpr std::array container_invariants{
    &ContainerInvariants::exec_is_last,            // 1
    &ContainerInvariants::signals_are_first,       // 2
    &ContainerInvariants::mounts_precede_chroot,   // 3
    &ContainerInvariants::privileges_go_in_order,  // 4
    &ContainerInvariants::flags_survive,           // 5
    &ContainerInvariants::descriptors_are_closed,  // 6
    &ContainerInvariants::slots_are_provided,      // 7
    &ContainerInvariants::root_is_whole,           // 8
    &ContainerInvariants::pod_is_entered_safely,   // 9
};
/// verify_sandbox() checks 10, verify_volumes() 11, verify_streams() 12, verify_limits() 13 and verify_networks() 14.
static_assert(container_invariants.size() + 5 == invariants);

}  // namespace

Result<> verify(const PodPlan& plan) {
  for (const auto& container : plan.containers) {
    if (has_no_steps_yet(container)) continue;
    const ContainerInvariants before{container};
    for (std::size_t i = 0; i < container_invariants.size(); ++i) {
      if (const auto verdict = (before.*container_invariants[i])(); !verdict)
        return fail(fmt::format("{}/{}: {} breaks law {}: {}", plan.name, container.name, verdict.error().where, i + 1,
                                verdict.error().how));
    }
  }
  TRY_VOID(verify_sandbox(plan));
  TRY_VOID(verify_volumes(plan));
  TRY_VOID(verify_streams(plan));
  TRY_VOID(verify_limits(plan));
  return verify_networks(plan);
}

}  // namespace podrun::pod
