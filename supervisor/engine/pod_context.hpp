// What all parts of a supervisor share: the inputs, the record, and the ways to wait and to reach the pause.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "namespaces/launch/pause_client.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/file_variables.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// One run of a pod, as its supervisor knows it. It is data: the parts decide nothing by it.
struct PodContext {
  Layout layout;
  pod::PodPlan plan;
  pod::HostFacts facts;
  std::optional<FileVariables> file_variables;
  PodRecord record;
  bool is_first;  ///< whether this is the pod's first supervisor
  ns::PauseClient pause;
  EventLoop loop{};

  /// The index of a container in plan, record and status.
  std::optional<std::size_t> index_of(std::string_view container) const;
};

}  // namespace podrun::supervisor
