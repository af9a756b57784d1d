// What the pause says unasked: stop requests, ended children, and what it has not stored.
#include <algorithm>
#include <cstring>

#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"

namespace podrun::supervisor {

void Supervisor::on_pause() {
  bool gone = false;
  const int stops = pause_.receive_pending(gone);
  if (gone) on_pause_gone();
  reap_unregistered_children();
  report_refusals();
  handle_stop_requests(stops);
}

/// A refused child ends at its gate: on_exit() reports that. The others go on with what the pause held before.
void Supervisor::report_refusals() {
  for (const ns::Refusal& refusal : pause_.take_refusals()) {
    const auto child =
        std::ranges::find(instances_, refusal.pid, [](const Instance& each) { return each.process.pid; });
    if (child != instances_.end() && refusal.pid > 0) child->refused = refusal.number;
    log_error("the pause has no room for {}: {}", refusal.name, ::strerror(refusal.number));
  }
}

/// Reaps children of the pause that were not launched by the supervisor, such as orphans. Launched ones are registered
/// or about to be: their exit status must be kept.
void Supervisor::reap_unregistered_children() {
  for (const pid_t unregistered_child : pause_.take_unregistered_children())
    if (std::ranges::none_of(instances_, [&](const Instance& each) { return each.process.pid == unregistered_child; }))
      (void)pause_.reap(unregistered_child);  // an error is ignored: if the pause is gone, its socket reports it
}

void Supervisor::handle_stop_requests(int count) {
  for (; stops_handled_ < count; ++stops_handled_) handle(event::PodStop{});
}

}  // namespace podrun::supervisor
