// Runs one task of podrun-puller to its end.
#include "namespaces/images/run_puller.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "namespaces/puller/puller_protocol.hpp"

namespace podrun::ns {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds interval{50};
constexpr std::size_t longest_errors = 64 * 1024;

/// Reads what is there. False: the end.
bool read_some(const Fd& pipe, std::string& text) {
  char buffer[64 * 1024];
  ssize_t length;
  do length = ::read(pipe.get(), buffer, sizeof buffer);
  while (length < 0 && errno == EINTR);
  if (length <= 0) return false;
  text.append(buffer, static_cast<std::size_t>(length));
  return true;
}

/// A task that runs.
class Run {
 public:
  Run(const FetchOptions& options, const Watch& watch, StartedPuller started)
      : options_(options), watch_(watch), started_(std::move(started)) {}

  FetchResult<std::string> to_end() {
    const auto watched = watch();
    if (!watched) static_cast<void>(send_signal(started_.process, SIGKILL));
    const int status = TRY(wait_for(started_.process));
    if (!watched) return std::unexpected(watched.error());
    return result_of(status);
  }

 private:
  /// Until both pipes are at their end: nobody can write any more.
  FetchResult<> watch() {
    last_progress_ = Clock::now();
    bool has_output = true, has_errors = true;
    while (has_output || has_errors) {
      std::array<pollfd, 3> places{pollfd{has_output ? started_.output.get() : -1, POLLIN, 0},
                                   pollfd{has_errors ? started_.errors.get() : -1, POLLIN, 0},
                                   pollfd{options_.cancel, POLLIN, 0}};
      if (::poll(places.data(), places.size(), static_cast<int>(interval.count())) < 0 && errno != EINTR)
        return std::unexpected(Error::system("poll"));
      if (places[2].revents != 0) return fail_fetch(FetchFault::Cancelled, "it was cancelled");
      if (places[0].revents != 0) {
        has_output = read_some(started_.output, output_);
        if (!watch_.progress) last_progress_ = Clock::now();
      }
      if (places[1].revents != 0) has_errors = read_some(started_.errors, errors_);
      if (errors_.size() > 2 * longest_errors) errors_.erase(0, errors_.size() - longest_errors);
      if (output_.size() > watch_.longest_output)
        return fail_nonsense("it is longer than " + std::to_string(watch_.longest_output >> 20) + " MiB");
      if (const auto patient = look_at_progress(); !patient) return patient;
    }
    if (watch_.progress) watch_.progress();
    return {};
  }

  FetchResult<> look_at_progress() {
    const auto now = Clock::now();
    if (now - last_look_ < interval / 2) return {};
    last_look_ = now;
    const std::uint64_t progress = watch_.progress ? watch_.progress() : 0;
    if (std::exchange(progress_, progress) != progress) last_progress_ = now;
    if (watch_.is_patient || now - last_progress_ < options_.patience) return {};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.patience).count();
    return fail_fetch(FetchFault::Unreachable,
                      "the registry has sent nothing for " + std::to_string(seconds) + " seconds");
  }

  FetchResult<std::string> result_of(int status) {
    const int code = exit_code_of(status);
    if (code == 0) return std::move(output_);
    if (code == puller::no_skopeo)
      return fail_fetch(FetchFault::NoProgram,
                        "images are pulled and loaded by skopeo, which is not installed here: apt install skopeo");
    if (code == puller::cannot_run || code == 127) {
      const std::string reason = presentable(errors_);
      return fail_fetch(FetchFault::Other, reason.empty() ? "podrun-puller cannot be executed" : reason);
    }
    return std::unexpected(error_of_skopeo(errors_));
  }

  const FetchOptions& options_;
  const Watch& watch_;
  StartedPuller started_;
  std::string output_, errors_;
  std::uint64_t progress_ = 0;
  Clock::time_point last_progress_, last_look_;
};

}  // namespace

FetchResult<std::string> run_puller(const FetchOptions& options, const PullerTask& task, const Watch& watch) {
  StartedPuller started = TRY(start_puller(options.program, task, options.environment));
  return Run(options, watch, std::move(started)).to_end();
}

}  // namespace podrun::ns
