// Images that containers of a running pod wait for: each is fetched in a process of its own while the others start, and
// again after a back-off, as the kubelet does.
//
//   plan without steps ─▶ Awaited ─pull─▶ in the store ─▶ locked by the pause ─▶ Present: the launch compiles the plan
//                            ▲  └──failed──▶ Unavailable: ErrImagePull, then ImagePullBackOff ─┐
//                            └───────────────────────── timer ─────────────────────────────────┘
//
// A later supervisor starts the pulls anew: one that has ended finds its image in the store.
#pragma once

#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/launch/pause_client.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/engine/sandbox.hpp"
#include "supervisor/history/logged_event.hpp"
#include "supervisor/images/image_lookup.hpp"
#include "supervisor/images/pull_task.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// The name under which the pause holds the lock of an image that the pod uses.
std::string image_hold(std::size_t number);

/// How long after an attempt that failed, the `attempt`-th in a row from 1, the next one begins.
std::chrono::nanoseconds pull_delay(const pod::BackoffTimes& times, int attempt);

/// What fetches the images of one pod.
class ImagePulls {
 public:
  struct Ports {
    std::function<void(const LoggedEvent& event)> note;
    std::function<void(std::size_t container, Image image)> changed;
  };
  ImagePulls(PodContext& pod, const Sandbox& sandbox, Ports ports)
      : pod_(pod), sandbox_(sandbox), ports_(std::move(ports)) {}
  ImagePulls(const ImagePulls&) = delete;
  ImagePulls& operator=(const ImagePulls&) = delete;

  /// Begins to fetch what containers wait for. `holdings`: what the pause holds.
  void begin(const ns::Holdings& holdings);
  /// Ends the processes that fetch, and waits for them. What they have not completed is not in the store.
  void end();

 private:
  struct Pull {
    std::string reference;
    WantedImage wanted;
    std::vector<std::size_t> containers;  ///< those that wait for it
    int attempt = 0;
    BootTime begun{0};
    std::optional<PullTask> task{};
    std::string answer{};
    EventSource watch{}, timer{};
    bool has_failed = false;  ///< the last attempt
  };

  void find_former_images();
  void start(Pull& pull);
  Result<PullTask> start_task(const Pull& pull);
  std::vector<std::vector<pod::RegistryLogin>> logins(const Pull& pull);
  void on_report(Pull& pull);
  void on_end(Pull& pull, const PullResult& result);
  Result<> take(Pull& pull, const std::string& name);
  std::string hint(const std::string& reference) const;
  void on_failure(Pull& pull, const std::string& fault);
  void begin_backoff(Pull& pull, const std::string& message, BootTime retry);
  void update(const Pull& pull, const std::string& fault = "", const std::string& message = "");
  void note(const Pull& pull, bool is_warning, const std::string& reason, const std::string& message);

  PodContext& pod_;
  const Sandbox& sandbox_;
  Ports ports_;
  std::list<Pull> pulls_;
  std::size_t holds_ = 0;  ///< the number of the next hold
};

}  // namespace podrun::supervisor
