// Starts podrun-forwarder.
#include "namespaces/launch/start_forwarder.hpp"
#include "pod/network/helper_identity.hpp"

#include <netinet/in.h>

#include <cerrno>
#include <string>

#include <fmt/format.h>

#include "namespaces/forwarder/forwarder_protocol.hpp"

namespace podrun::ns {

static_assert(forwarder::user_id == pod::forwarder_uid);
namespace {

const char* name_of_protocol(std::uint8_t protocol) {
  return protocol == IPPROTO_UDP ? "udp" : protocol == IPPROTO_SCTP ? "sctp" : "tcp";
}

std::string word_for(const ForwardedSocket& socket) {
  std::string address = pod::text_of(socket.address);
  if (socket.address.family == pod::IpFamily::V6) address = "[" + address + "]";
  return fmt::format("{}={}:{}", name_of_protocol(socket.protocol), address, socket.port);
}

}  // namespace

Result<StartedHelper> start_forwarder(const HelperSite& site, const std::vector<ForwardedSocket>& sockets,
                                      const ForwarderTimes& times) {
  if (sockets.size() > forwarder::max_sockets) return fail_system("podrun-forwarder: the host's ports", E2BIG);
  HelperStart start{.name = "podrun-forwarder", .has_gate = true};
  start.words = {"--idle",    std::to_string(times.idle),   "--session", std::to_string(times.session),
                 "--connect", std::to_string(times.connect)};
  for (const ForwardedSocket& socket : sockets) {
    start.words.push_back(word_for(socket));
    start.descriptors.push_back(socket.socket);
  }
  return start_helper(site, start);
}

}  // namespace podrun::ns
