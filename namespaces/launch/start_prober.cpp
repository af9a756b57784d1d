// Starts podrun-prober.
#include "namespaces/launch/start_prober.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/start_helper.hpp"

namespace podrun::ns {
namespace {

/// Its descriptors are at the places that prober_protocol.hpp names.
HelperStart prober_with(int socket) {
  static_assert(prober::socket_fd == 3 && prober::root_fd == 4 && prober::gate_fd == 5);
  // OpenSSL reads no configuration of the host.
  return {.name = "podrun-prober", .environment = {"OPENSSL_CONF=/dev/null"}, .descriptors = {socket}};
}

HelperSite helper_site(const ProberSite& site, bool as_child_of_parent) {
  return {.program = site.program,
          .network = site.network,
          .cgroup = site.cgroup,
          .empty_root = site.empty_root,
          .pod = site.pod,
          .as_child_of_parent = as_child_of_parent};
}

}  // namespace

Result<StartedProber> start_prober(const ProberSite& site) {
  Channel channel = TRY(make_socket_pair());
  StartedHelper started = TRY(start_helper(helper_site(site, false), prober_with(channel.second.get())));
  return StartedProber{std::move(started.process), std::move(channel.first)};
}

Result<StartedHook> start_hook_prober(const ProberSite& site, prober::Request request, int output,
                                      bool as_child_of_parent) {
  Channel channel = TRY(make_socket_pair());
  request.op = prober::Op::Once;
  TRY_VOID(send_request(channel.first.get(), request));
  HelperStart start = prober_with(channel.second.get());
  start.words = {"hook"};
  start.output = output;
  start.has_gate = true;
  StartedHelper started = TRY(start_helper(helper_site(site, as_child_of_parent), start));
  return StartedHook{std::move(started.process), std::move(started.gate)};
}

Result<> send_request(int socket, const prober::Request& request) {
  const std::string bytes = prober::encode(request);
  if (bytes.size() > prober::longest_request) return fail_system("the path and the headers of a probe", E2BIG);
  if (::send(socket, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) return fail_system("podrun-prober");
  return {};
}

}  // namespace podrun::ns
