// A helper program that is started when somebody needs it: at the first connection, datagram or query that arrives at
// its sockets. It ends when nobody has needed it for a while, and then the supervisor watches the sockets again.
//
//   watch ── a socket is readable ──▶ start: a registered command, a child of the pause ── its end ──▶ watch
//
// It outlives the supervisor: the next one finds it among the commands. What has arrived stays in the sockets until a
// helper takes it, so nothing is lost between two of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/times.hpp"
#include "supervisor/health/registered_commands.hpp"

namespace podrun::supervisor {

/// One helper of a pod.
class HelperOnDemand {
 public:
  struct Ports {
    EventLoop& loop;
    RegisteredCommands& commands;
    /// Starts the program, as a command that outlives the supervisor and waits until it is registered.
    std::function<Result<NewCommand>(const std::string& name)> start;
  };

  /// `name` is the command's, unique in the pod. `sockets` stay open for this object's life.
  HelperOnDemand(std::string name, std::vector<int> sockets, Ports ports);
  HelperOnDemand(const HelperOnDemand&) = delete;
  HelperOnDemand& operator=(const HelperOnDemand&) = delete;

  /// Begins: with a helper of a former supervisor if there is one.
  void begin();
  const std::string& name() const { return name_; }

 private:
  void watch();
  void start();
  void on_end(const CommandEnd& end);
  void retry(const std::string& why);

  std::string name_;
  std::vector<int> sockets_;
  Ports ports_;
  std::vector<EventSource> watches_;
  EventSource retry_timer_;
  std::chrono::nanoseconds delay_;
};

}  // namespace podrun::supervisor
