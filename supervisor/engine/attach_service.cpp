// The supervisor's part of `podrun attach`.
#include "supervisor/engine/attach_service.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pod/compile/compile_streams.hpp"
#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {
namespace {

/// Whether stdin is still there for a client to take (stdinOnce).
bool is_pipe(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode);
}

bool has_left(int client) {
  char nothing;
  return ::recv(client, &nothing, sizeof nothing, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace

void AttachService::attach(ContainerRuntime* container, const AttachRequest& request, Fd client) {
  const auto accepted =
      container != nullptr ? accept(*container, request, client.get()) : fail("there is no such container");
  if (!accepted) return reject_attach(client.get(), accepted.error().message);
  attached_.push_back({.container = container, .client = std::move(client), .watch = {}});
  watch(std::prev(attached_.end()), EPOLLIN);
}

/// Sends the client its descriptors. A stdin that only one client may have (stdinOnce) is released afterwards. If the
/// supervisor is killed in between, both have it, and the client tells the next supervisor so.
Result<> AttachService::accept(ContainerRuntime& container, const AttachRequest& request, int client) {
  using Input = pod::AttachableStreams::Input;
  const std::string& name = container.plan().name;
  const LogDescriptors* const log = container.log().descriptors();
  if (log == nullptr) return fail(fmt::format("container {} does not run", name));
  const pod::AttachableStreams its = pod::attachable_streams(container.plan());
  const bool wants_input = request.input == AttachRequest::Input::Wanted;
  if (wants_input && its.input == Input::None) return fail(fmt::format("container {} has no stdin", name));
  if (wants_input && !its.terminal && !is_pipe(container.input().get()))
    return fail(fmt::format("the stdin of container {} belongs to the first client that attached (stdinOnce)", name));

  std::vector<int> fds = {log->file.get(), log->out_journal_out.get(), log->err_journal_out.get()};
  if (its.terminal) fds.push_back(log->out.get());
  else if (wants_input) fds.push_back(container.input().get());
  if (!send_position(client, container.log().position(), fds)) return fail("the answer cannot be sent");
  if (its.input != Input::Once || request.input == AttachRequest::Input::No) return {};
  return container.give_input_away();
}

/// Watches a client. If the socket becomes readable, the client is gone. If a position could not be sent, it is sent
/// when the socket becomes writable.
void AttachService::watch(std::list<Attached>::iterator attached, std::uint32_t events) {
  attached->watch.reset();
  auto watched = loop_.watch(attached->client.get(), events, [this, attached] {
    if (has_left(attached->client.get())) attached_.erase(attached);
    else if (send_position(attached->client.get(), attached->container->log().position())) watch(attached, EPOLLIN);
  });
  if (watched) attached->watch = std::move(*watched);
  else log_warning("{}: attach: {}", attached->container->plan().name, watched.error().message);
}

void AttachService::report_output(const ContainerRuntime& container) {
  for (auto attached = attached_.begin(); attached != attached_.end(); ++attached)
    if (attached->container == &container &&
        !send_position(attached->client.get(), attached->container->log().position()))
      watch(attached, EPOLLIN | EPOLLOUT);
}

void AttachService::disconnect(const ContainerRuntime& container) {
  for (const Attached& attached : attached_)
    if (attached.container == &container) send_ended(attached.client.get());
  std::erase_if(attached_, [&](const Attached& attached) { return attached.container == &container; });
}

}  // namespace podrun::supervisor
