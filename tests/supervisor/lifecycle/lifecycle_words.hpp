// Actions and cells of the table as text, which tests compare and print.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

using namespace std::chrono_literals;

/// An instant, in seconds since boot.
inline std::string seconds(BootTime time) {
  return std::to_string(std::chrono::duration<double>(time).count()).substr(0, 8);
}

inline std::string word(const action::Launch& launch) {
  return "Launch " + std::to_string(launch.instance);
}
inline std::string word(const action::Terminate&) {
  return "Terminate";
}
inline std::string word(const action::Kill&) {
  return "Kill";
}
inline std::string word(const action::Record&) {
  return "Record";
}
inline std::string word(const action::RunHook& hook) {
  return hook.kind == pod::HookKind::PostStart ? "RunHook postStart" : "RunHook preStop";
}
inline std::string word(pod::ProbeKind kind) {
  return kind == pod::ProbeKind::Startup ? "startup" : kind == pod::ProbeKind::Liveness ? "liveness" : "readiness";
}
inline std::string word(const action::StartProbe& probe) {
  return "StartProbe " + word(probe.kind);
}
inline std::string word(const action::StopProbe& probe) {
  return "StopProbe " + word(probe.kind);
}
inline std::string word(const action::Reap&) {
  return "Reap";
}
inline std::string word(const action::Arm& arm) {
  return "Arm " + std::string(to_string(arm.name));
}
inline std::string word(const action::Started&) {
  return "Started";
}
inline std::string word(const action::Ready&) {
  return "Ready";
}
inline std::string word(const action::Abort& abort) {
  return "Abort: " + abort.message;
}
inline std::string word(const action::Finish& finish) {
  return finish.succeeded ? "Finish 0" : "Finish 1";
}

/// "Record, Reap, Launch 1".
inline std::string words(const std::vector<Action>& actions) {
  std::string text;
  for (const Action& action : actions)
    text += (text.empty() ? "" : ", ") + std::visit([](const auto& each) { return word(each); }, action);
  return text;
}

/// "0 Terminate, 1 Launch 0, Started".
inline std::string words(const std::vector<PodAction>& actions) {
  std::string text;
  for (const PodAction& each : actions) {
    const std::string whose = each.container == whole_pod ? "" : std::to_string(each.container) + " ";
    text += (text.empty() ? "" : ", ") + whose + words({each.action});
  }
  return text;
}

inline std::ostream& operator<<(std::ostream& out, ContainerState state) {
  return out << to_string(state);
}
inline std::ostream& operator<<(std::ostream& out, TimerName name) {
  return out << to_string(name);
}
inline std::ostream& operator<<(std::ostream& out, Phase phase) {
  return out << to_string(phase);
}
inline std::ostream& operator<<(std::ostream& out, TableCell cell) {
  switch (cell) {
    case TableCell::Acts:
      return out << "acts";
    case TableCell::Ignored:
      return out << "ignored";
    case TableCell::CannotHappen:
      return out << "cannot happen";
  }
  return out;
}

}  // namespace podrun::supervisor
