// The supervisor's part of `podrun attach`: passes descriptors to clients and reports new output.
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "pod/compile/compile_streams.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"

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

void Supervisor::attach(const AttachRequest& request, Fd client) {
  const std::optional<std::size_t> index = index_of(request.container);
  const auto accepted = index ? accept(*index, request, client.get()) : fail("there is no such container");
  if (!accepted) return reject_attach(client.get(), accepted.error().message);
  attached_.push_back({.index = *index, .client = std::move(client), .watch = {}});
  watch_attached(std::prev(attached_.end()), EPOLLIN);
}

/// Sends the client its descriptors. A stdin that only one client may have (stdinOnce) is released afterwards. If the
/// supervisor is killed in between, both have it, and the client tells the next supervisor so.
Result<> Supervisor::accept(std::size_t index, const AttachRequest& request, int client) {
  using Input = pod::AttachableStreams::Input;
  Instance& instance = instances_[index];
  const std::string& name = plan_.containers[index].name;
  if (!instance.log) return fail(fmt::format("container {} does not run", name));
  const pod::AttachableStreams its = pod::attachable_streams(plan_.containers[index]);
  const bool wants_input = request.input == AttachRequest::Input::Wanted;
  if (wants_input && its.input == Input::None) return fail(fmt::format("container {} has no stdin", name));
  if (wants_input && !its.terminal && !is_pipe(instance.input.get()))
    return fail(fmt::format("the stdin of container {} belongs to the first client that attached (stdinOnce)", name));

  const LogDescriptors& log = instance.log->descriptors();
  std::vector<int> fds = {log.file.get(), log.out_journal_out.get(), log.err_journal_out.get()};
  if (its.terminal) fds.push_back(log.out.get());
  else if (wants_input) fds.push_back(instance.input.get());
  if (!send_position(client, log_position(index), fds)) return fail("the answer cannot be sent");
  if (its.input != Input::Once || request.input == AttachRequest::Input::No) return {};
  instance.input = TRY(missing_log_file());
  return keep(index, log);
}

/// Watches a client. If the socket becomes readable, the client is gone. If a position could not be sent, it is sent
/// when the socket becomes writable.
void Supervisor::watch_attached(std::list<Attached>::iterator attached, std::uint32_t events) {
  attached->watch.reset();
  auto watch = loop_.watch(attached->client.get(), events, [this, attached] {
    if (has_left(attached->client.get())) attached_.erase(attached);
    else if (send_position(attached->client.get(), log_position(attached->index))) watch_attached(attached, EPOLLIN);
  });
  if (watch) attached->watch = std::move(*watch);
}

LogPosition Supervisor::log_position(std::size_t index) const {
  const Instance& instance = instances_[index];
  struct stat file {};
  if (!instance.log || ::fstat(instance.log->descriptors().file.get(), &file) < 0) return {};
  return {.instance = static_cast<std::uint64_t>(instance.number),
          .inode = file.st_ino,
          .committed = instance.log->committed()};
}

void Supervisor::notify_attached(std::size_t index) {
  for (auto attached = attached_.begin(); attached != attached_.end(); ++attached)
    if (attached->index == index && !send_position(attached->client.get(), log_position(index)))
      watch_attached(attached, EPOLLIN | EPOLLOUT);
}

void Supervisor::disconnect_attached(std::size_t index) {
  for (const Attached& attached : attached_)
    if (attached.index == index) send_ended(attached.client.get());
  std::erase_if(attached_, [&](const Attached& attached) { return attached.index == index; });
}

}  // namespace podrun::supervisor
