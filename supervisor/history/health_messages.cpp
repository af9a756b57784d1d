// Messages about the health of containers.
#include "supervisor/history/health_messages.hpp"

#include <string_view>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

std::string_view word(pod::ProbeKind kind) {
  switch (kind) {
    case pod::ProbeKind::Startup: return "startup probe";
    case pod::ProbeKind::Liveness: return "liveness probe";
    case pod::ProbeKind::Readiness: return "readiness probe";
  }
  return "";
}

std::string with(std::string words, const std::string& message) {
  return message.empty() ? words : fmt::format("{}: {}", words, message);
}

}  // namespace

std::string describe_health(const std::string& name, const Event& event, const ContainerStatus& before,
                            const ContainerStatus& after) {
  // Who is ready as soon as it runs is known to be started.
  if (after.ready && !before.ready && before.started != BootTime{0}) return name + ": ready";
  if (const auto* result = std::get_if<event::ProbeResult>(&event)) {
    if (result->succeeded || result->instance != after.instance || !is_alive(before.state)) return "";
    if (result->is_unknown)
      return fmt::format("{}: {} cannot be tried, which counts as no result: {}", name, word(result->kind),
                         result->message);
    const bool is_readiness = result->kind == pod::ProbeKind::Readiness;
    return with(fmt::format("{}: {}{} failed", name, is_readiness ? "not ready: " : "", word(result->kind)),
                result->message);
  }
  if (const auto* hook = std::get_if<event::HookEnded>(&event)) {
    if (hook->succeeded || hook->instance != after.instance) return "";
    return with(fmt::format("{}: {} hook failed", name,
                            hook->kind == pod::HookKind::PostStart ? "postStart" : "preStop"),
                hook->message);
  }
  if (before.pre_stop == HookStage::Running && after.pre_stop == HookStage::Failed &&
      after.instance == before.instance)
    return fmt::format("{}: preStop hook failed: {}", name, pre_stop_outlasts_grace);
  return "";
}

}  // namespace podrun::supervisor
