// The supervisor's part of `podrun attach`: passes descriptors to clients and reports new output.
#pragma once

#include <list>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/control_socket.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/container_runtime.hpp"

namespace podrun::supervisor {

/// The attached clients of a pod. It never blocks.
class AttachService {
 public:
  explicit AttachService(EventLoop& loop) : loop_(loop) {}

  /// Answers a request for the streams of a container; nullptr: there is no such container.
  void attach(ContainerRuntime* container, const AttachRequest& request, Fd client);
  /// Tells the clients of a container that its log has grown.
  void report_output(const ContainerRuntime& container);
  /// Tells the clients of a container that its instance has ended, and forgets them.
  void disconnect(const ContainerRuntime& container);

 private:
  struct Attached {
    ContainerRuntime* container;
    Fd client;
    EventSource watch;
  };

  static Result<> accept(ContainerRuntime& container, const AttachRequest& request, int client);
  void watch(std::list<Attached>::iterator attached, std::uint32_t events);

  EventLoop& loop_;
  std::list<Attached> attached_;
};

}  // namespace podrun::supervisor
