// The probes of an instance.
#include "supervisor/lifecycle/container_probes.hpp"

#include <algorithm>
#include <string_view>

#include "supervisor/lifecycle/container_ending.hpp"

namespace podrun::supervisor {
namespace {

using pod::ProbeKind;

void note_started(Life& life) {
  life.next.is_started = life.next.was_started = true;
  life.next.ready = !life.policy.probes[ProbeKind::Readiness];
}

/// Ends an instance that a probe has given up. It has failed, whatever its exit code.
void replace(Life& life, const event::ProbeResult& result, std::string_view name) {
  const ProbePolicy probe = life.policy.probes[result.kind].value_or(ProbePolicy{});
  const auto grace = probe.grace.value_or(life.policy.grace);
  life.next.unhealthy = true;
  life.next.cause = std::string(name) + " probe failed" + (result.message.empty() ? "" : ": " + result.message);
  terminate(life, {.grace = std::max(grace, std::chrono::nanoseconds{1})});
}

void readiness(Life& life, bool succeeded) {
  if (!life.next.is_started || life.next.ready == succeeded) return;
  life.next.ready = succeeded;
  life.act(action::Record{});
}

}  // namespace

void start_if_all_is_done(Life& life) {
  if (!life.policy.probes[ProbeKind::Startup]) note_started(life);
}

bool is_to_be_probed(const ContainerPolicy& policy, const ContainerStatus& status, ProbeKind kind) {
  if (!policy.probes[kind] || status.started == BootTime{0}) return false;
  const bool runs = status.state == ContainerState::Running;
  switch (kind) {
    case ProbeKind::Startup: {
      const bool has_hook = policy.hooks[pod::HookKind::PostStart].has_value();
      return runs && !status.is_started && (!has_hook || status.post_start == HookStage::Succeeded);
    }
    case ProbeKind::Liveness: return runs && status.is_started;
    case ProbeKind::Readiness: return (runs || status.state == ContainerState::Stopping) && status.is_started;
  }
  return false;
}

void tend_probes(Life& life) {
  for (const ProbeKind kind : {ProbeKind::Startup, ProbeKind::Liveness, ProbeKind::Readiness}) {
    const bool is_due = is_to_be_probed(life.policy, life.next, kind);
    if (life.next.probing[kind] == is_due) continue;
    life.next.probing[kind] = is_due;
    if (is_due) life.act(action::StartProbe{kind});
    else life.actions.insert(life.actions.begin(), action::StopProbe{kind});
  }
}

namespace handlers {

/// Whatever is not probed any more has no verdict: a result may have been under way.
void verdict(Life& life, const Event& event) {
  const auto& result = std::get<event::ProbeResult>(event);
  if (result.is_unknown) return;
  if (result.instance != life.next.instance || !is_to_be_probed(life.policy, life.next, result.kind)) return;
  switch (result.kind) {
    case ProbeKind::Startup:
      if (!result.succeeded) return replace(life, result, "startup");
      note_started(life);
      return life.act(action::Record{});
    case ProbeKind::Liveness:
      if (!result.succeeded) replace(life, result, "liveness");
      return;
    case ProbeKind::Readiness: return readiness(life, result.succeeded);
  }
}

}  // namespace handlers
}  // namespace podrun::supervisor
