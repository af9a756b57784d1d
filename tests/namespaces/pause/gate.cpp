// The gate of a registered child.
#include "tests/namespaces/pause/gate.hpp"

#include <poll.h>
#include <unistd.h>

#include "namespaces/kernel/channel.hpp"

namespace podrun::ns {

Gate::Gate() {
  auto pipe = make_pipe();
  EXPECT_TRUE(pipe);
  child_ = std::move(pipe->first), supervisor_ = std::move(pipe->second);
}

std::string Gate::outcome() {
  supervisor_.reset();
  pollfd news{child_.get(), POLLIN, 0};
  if (::poll(&news, 1, 20'000) != 1) return "nothing";
  char byte;
  return ::read(child_.get(), &byte, 1) == 1 ? "opened" : "closed";
}

std::optional<Refusal> wait_for_refusal(PauseClient& pause, pid_t pid) {
  pollfd news{pause.fd(), POLLIN, 0};
  bool gone = false;
  while (::poll(&news, 1, 20'000) == 1 && !gone) {
    pause.receive_pending(gone);
    for (Refusal& refusal : pause.take_refusals())
      if (refusal.pid == pid) return std::move(refusal);
  }
  return std::nullopt;
}

}  // namespace podrun::ns
