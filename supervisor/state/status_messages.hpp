// Messages about changes of a pod's status, for the terminal, podrun.log and the journal. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "pod/spec/signals.hpp"
#include "supervisor/lifecycle/container_lifecycle.hpp"
#include "supervisor/state/pod_record.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// Describes the difference between two statuses of container `name`, e.g. `app: exited with 3 (Error); restart 2 in
/// 10s`. Empty if there is nothing to report. `stop_signal`: the number of the signal that asks it to end.
std::string describe_transition(const std::string& name, const ContainerStatus& before, const ContainerStatus& after,
                                BootTime now, int stop_signal = pod::default_stop_signal);

/// A signal in messages, e.g. "TERM".
std::string short_signal_name(int signal);

/// How an instance ended: "exited with 3", "ended by signal 9 (exit code 137)", "killed by its liveness probe (HTTP 503),
/// exit code 137", "did not start: …". Without the container's message.
std::string end_in_words(const Termination& end);

/// The last line of a container's message in quotes, after ": ", cut to the length of a line: at the end of a log it is the
/// line that names the error. "" without a message.
std::string message_suffix(std::string_view message);

/// Removes "POD/CONTAINER: " at the beginning of a step's message, where the line names the container already.
std::string_view without_path(std::string_view message, const std::string& container);

/// Whether a container that is being stopped is past its preStop hook, and its turn has come: the signal is sent.
bool is_asked_to_end(const ContainerStatus& container);

/// Whether a Termination::cause is a failed probe or hook, and whether it is that the whole pod ends, or none.
bool is_failure(std::string_view cause);
bool is_of_pod(std::string_view cause);

/// Describes the first starts that failed, once each container's first start has succeeded or failed: a line for each,
/// with the pod's id, e.g. `pod default_web: app: did not start: step 22 of 22: exec /app: No such file or directory`.
/// Empty if all succeeded.
std::string start_failures(const PodRecord& record);

/// The reason why a container does not run, e.g. `waits to be restarted (exit 1)`; "" if it does.
std::string reason_not_running(const ContainerStatus& container);

/// Whether an init container has not ended yet, or a sidecar was not started: the app containers wait.
bool is_initializing(const PodRecord& record);

/// Describes in one line what runs and what does not, for STATUS= of sd_notify(3), e.g. `2 of 3 containers run; app
/// waits to be restarted (exit 1)`. If many do not run, only the first ones are named.
std::string status_line(const PodRecord& record);

/// Why a container has no output: "it did not start: …", "it runs, and has printed nothing yet".
std::string silence_reason(const ContainerView& container);

/// A duration for people: "250ms", "10s", "2m40s".
std::string human_duration(std::chrono::nanoseconds duration);

/// The same in one unit, for ages: "12s", "3m", "5h", "9d".
std::string rounded_duration(std::chrono::nanoseconds duration);

}  // namespace podrun::supervisor
