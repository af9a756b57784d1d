// The prober's loop: which attempt is due, and what its outcome means. One thread; it waits in epoll(7) alone.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "namespaces/prober/attempt.hpp"
#include "namespaces/prober/prober_protocol.hpp"
#include "pod/spec/probe_counter.hpp"

namespace podrun::prober {

/// The probes of one network namespace. All that opens a file is done in the constructor.
class Prober {
 public:
  Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  /// Serves the supervisor until it is gone.
  void run();
  /// Performs the one request that is in the socket. Returns a HookExit; the message is written to stdout.
  int run_hook();

 private:
  struct Probe {
    Request request;
    pod::ProbeCounter counter;
    std::int64_t due;    ///< of the present or the next attempt: the instants are `period` apart
    std::int64_t timer;  ///< its entry in timers_
    std::unique_ptr<Attempt> attempt;
  };

  bool handle_requests();
  bool handle_request(std::size_t length);
  void add(Request request);
  void set_timer(Probe& probe, std::int64_t time);
  void wait();
  void handle_event(std::uint64_t mark, std::uint32_t events);
  void handle_timers();
  void begin(Probe& probe, std::int64_t now);
  void end(Probe& probe, const Outcome& outcome);
  void send(Probe& probe, bool succeeded, const std::string& message);

  // ---- libcurl ----
  void advance_transfers(int fd, int events);
  void finish_transfers();
  static int on_socket(CURL*, curl_socket_t fd, int wanted, void* self, void* known);
  static int on_timer(CURLM*, long milliseconds, void* self);

  int epoll_;
  CURLM* multi_;
  std::int64_t transfers_due_ = -1;  ///< when libcurl wants to be called; -1: never
  std::map<std::uint64_t, Probe> probes_;
  std::set<std::pair<std::int64_t, std::uint64_t>> timers_;  ///< with the probe's id
  std::unique_ptr<char[]> buffer_;
  bool is_gone_ = false;  ///< the supervisor
  int hook_exit_ = -1;    ///< once it is known
};

}  // namespace podrun::prober
