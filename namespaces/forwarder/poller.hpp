// epoll(7) with tags that say whose event it is. libc alone, no heap.
#pragma once

#include <stdint.h>
#include <sys/epoll.h>
#include <time.h>

namespace podrun::forwarder {

/// "None" of an index.
inline constexpr uint32_t none = ~0U;

/// What an event belongs to; the index says which one.
enum class Source : uint32_t { Listener, Client, Target, Port, Session };

/// The epoll instance.
struct Poller {
  int fd;

  bool control(int operation, int socket, uint32_t events, Source source, uint32_t index) const {
    epoll_event event = {};
    event.events = events;
    event.data.u64 = static_cast<uint64_t>(source) << 32 | index;
    return epoll_ctl(fd, operation, socket, &event) == 0;
  }
  bool add(int socket, uint32_t events, Source source, uint32_t index) const {
    return control(EPOLL_CTL_ADD, socket, events, source, index);
  }
  void change(int socket, uint32_t events, Source source, uint32_t index) const {
    control(EPOLL_CTL_MOD, socket, events, source, index);
  }
};

inline Source source_of(const epoll_event& event) { return static_cast<Source>(event.data.u64 >> 32); }
inline uint32_t index_of(const epoll_event& event) { return static_cast<uint32_t>(event.data.u64); }

/// CLOCK_MONOTONIC in milliseconds.
inline int64_t monotonic_now() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// No time: it never comes.
inline constexpr int64_t never = INT64_MAX;

}  // namespace podrun::forwarder
