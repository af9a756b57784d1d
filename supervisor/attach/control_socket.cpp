// The control socket of a running pod.
#include "supervisor/attach/control_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "namespaces/kernel/check_peer.hpp"
#include "pod/text/overloaded.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::string_view accepted = "ok", rejection = "the control socket: not allowed";

/// The address of RUN/control through a descriptor of RUN: the path may be longer than sun_path.
struct Address {
  Fd directory;
  sockaddr_un name{};
};

Result<Address> address_of(const Layout& layout, const std::string& id) {
  Address address;
  address.directory = Fd(::open(layout.run_of(id).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!address.directory) return fail_system(layout.run_of(id));
  address.name.sun_family = AF_UNIX;
  std::snprintf(address.name.sun_path, sizeof address.name.sun_path, "/proc/self/fd/%d/control",
                address.directory.get());
  return address;
}

const sockaddr* generic(const sockaddr_un& name) { return reinterpret_cast<const sockaddr*>(&name); }

Result<Fd> make_socket(int flags) {
  Fd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | flags, 0));
  if (!socket) return fail_system("control socket");
  return socket;
}

/// The time after a rejection in which further ones are not logged: a client could fill the log with them.
constexpr std::chrono::minutes quiet_after_rejection{1};

constexpr std::array<std::string_view, 3> input_words{"", " input", " held"};

std::optional<Request> parse_attach(std::string_view text) {
  for (std::size_t input = input_words.size(); input-- > 0;) {
    if (!text.ends_with(input_words[input])) continue;
    text.remove_suffix(input_words[input].size());
    return AttachRequest{std::string(text), static_cast<AttachRequest::Input>(input)};
  }
  return std::nullopt;
}

void answer(int client, std::string_view text) {
  (void)::send(client, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Result<Fd> make_control_socket(const Layout& layout, const std::string& id) {
  const Address address = TRY(address_of(layout, id));
  Fd socket = TRY(make_socket(SOCK_NONBLOCK));
  const std::string path = layout.run_of(id) + "/control";
  ::unlink(path.c_str());
  if (::bind(socket.get(), generic(address.name), sizeof address.name) < 0) return fail_system(path);
  if (::chmod(path.c_str(), 0600) < 0) return fail_system(path);
  if (::listen(socket.get(), 16) < 0) return fail_system(path);
  return socket;
}

std::string to_text(const Request& request) {
  return std::visit(pod::Overloaded{[](const StopRequest& stop) -> std::string {
                                      return stop.grace ? fmt::format("stop {}", stop.grace->count()) : "stop";
                                    },
                                    [](const AttachRequest& attach) {
                                      return fmt::format("attach {}{}", attach.container,
                                                         input_words[static_cast<std::size_t>(attach.input)]);
                                    }},
                    request);
}

std::optional<Request> parse_request(std::string_view text) {
  if (text == "stop") return StopRequest{};
  if (text.starts_with("attach ")) return parse_attach(text.substr(7));
  if (!text.starts_with("stop ")) return std::nullopt;
  text.remove_prefix(5);
  unsigned seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return StopRequest{std::chrono::seconds(seconds)};
}

Result<Fd> send_request(const Layout& layout, const std::string& id, const Request& request) {
  const Address address = TRY(address_of(layout, id));
  Fd socket = TRY(make_socket(0));
  if (::connect(socket.get(), generic(address.name), sizeof address.name) < 0) return fail_system("control socket");
  const std::string text = to_text(request);
  // If the client was rejected, the socket may be closed already; the reason can still be read.
  if (::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET)
    return fail_system("control socket");
  return socket;
}

Result<> request_stop(const Layout& layout, const std::string& id, const StopRequest& request) {
  const Fd socket = TRY(send_request(layout, id, request));
  char reply[256];
  ssize_t length;
  // ECONNRESET is reported once, before the answer, if the supervisor closed the socket without reading the request.
  do length = ::recv(socket.get(), reply, sizeof reply, 0);
  while (length < 0 && errno == ECONNRESET);
  // The pod may end before it answers. It is stopped then, as the caller wants.
  if (length <= 0) return {};
  const std::string_view said(reply, static_cast<std::size_t>(length));
  if (said == accepted) return {};
  if (said == rejection)
    return fail(std::string(rejection) +
                "; the pod's supervisor does not obey this process, whose mount or PID namespace is another one");
  return fail(std::string(said));
}

struct ControlServer::State {
  struct Client {
    Fd socket;
    EventSource watch;
  };
  EventLoop* loop;
  Fd listening;
  ControlHandlers handlers;
  EventSource watch;
  std::vector<std::unique_ptr<Client>> clients;
  BootTime quiet_until{0};
  unsigned refused_quietly = 0;

  void accept_all() {
    for (;;) {
      Fd socket(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
      if (!socket) return;
      if (const auto allowed = ns::check_peer(socket.get()); !allowed) {
        answer(socket.get(), rejection);
        note_refused(allowed.error().message);
        continue;
      }
      auto client = std::make_unique<Client>();
      client->socket = std::move(socket);
      auto watch_client = loop->watch(client->socket.get(), EPOLLIN, [this, raw = client.get()] { serve(*raw); });
      if (!watch_client) continue;
      client->watch = std::move(*watch_client);
      clients.push_back(std::move(client));
    }
  }

  void note_refused(const std::string& why) {
    const BootTime now = boot_now();
    if (now < quiet_until) {
      ++refused_quietly;
      return;
    }
    const unsigned quiet = std::exchange(refused_quietly, 0U);
    const std::string more = quiet > 0 ? fmt::format("; {} more since the last message", quiet) : "";
    log_warning("control socket: a request was not allowed: {}{}", why, more);
    quiet_until = now + quiet_after_rejection;
  }

  void serve(Client& client) {
    char text[128];
    const ssize_t length = ::recv(client.socket.get(), text, sizeof text, 0);
    const auto request = length > 0 ? parse_request({text, static_cast<std::size_t>(length)}) : std::nullopt;
    if (length > 0 && !request) answer(client.socket.get(), "unknown request");
    client.watch.reset();
    Fd socket = std::move(client.socket);
    std::erase_if(clients, [&](const auto& each) { return each.get() == &client; });
    if (!request) return;
    std::visit(pod::Overloaded{[&](const StopRequest& stop) {
                                 answer(socket.get(), accepted);
                                 handlers.stop(stop);
                               },
                               [&](const AttachRequest& attach) { handlers.attach(attach, std::move(socket)); }},
               *request);
  }
};

Result<ControlServer> ControlServer::start(EventLoop& loop, Fd listening, ControlHandlers handlers) {
  auto state = std::make_shared<State>();
  state->loop = &loop;
  state->listening = std::move(listening);
  state->handlers = std::move(handlers);
  state->watch = TRY(loop.watch(state->listening.get(), EPOLLIN, [raw = state.get()] { raw->accept_all(); }));
  return ControlServer(std::move(state));
}

}  // namespace podrun::supervisor
