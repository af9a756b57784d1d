// podrun image pull: fetches images from registries.
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/process_title.hpp"
#include "supervisor/image_verbs/fetching.hpp"
#include "supervisor/image_verbs/image_verbs.hpp"
#include "supervisor/images/layer_lines.hpp"
#include "supervisor/images/login_files.hpp"
#include "supervisor/images/pull_image.hpp"

namespace podrun::supervisor::commands {
namespace {

using Sources = std::vector<std::vector<pod::RegistryLogin>>;

/// A line of standard input, until `cancel` is readable.
Result<std::string> read_line(int cancel) {
  std::string line;
  for (;;) {
    char c = 0;
    pollfd places[] = {{.fd = cancel, .events = POLLIN, .revents = 0},
                       {.fd = STDIN_FILENO, .events = POLLIN, .revents = 0}};
    if (::poll(places, 2, -1) < 0 && errno != EINTR) return fail_system("standard input");
    if (places[0].revents != 0) return fail("it was cancelled");
    if (places[1].revents == 0) continue;
    if (::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') return line;
    line += c;
  }
}

/// On a terminal it is not shown.
Result<std::string> read_password(int cancel) {
  termios shown{};
  const bool is_terminal = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (is_terminal) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    warn("Password: ");
  }
  auto password = read_line(cancel);
  if (is_terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    warn("\n");
  }
  return password;
}

/// The credentials: those of the command line alone, or else those of this host.
Result<Sources> logins_for(const Options& options, int cancel) {
  if (!options.creds.empty()) {
    // The command line can be read by everybody.
    set_process_title("podrun image pull");
    if (options.creds.find(':') != std::string::npos) return Sources{{pod::login_of(options.creds)}};
    return Sources{{pod::login_of(options.creds + ":" + TRY(read_password(cancel)))}};
  }
  if (!options.authfile.empty()) return Sources{TRY(read_logins(options.authfile))};
  return logins_of_host([](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  });
}

/// What is shown of one pull, on stderr.
class Shown {
 public:
  explicit Shown(bool quiet) : quiet_(quiet), lines_(::isatty(STDERR_FILENO) == 1) {}

  PullObserver observer() {
    if (quiet_) return {};
    return {.asks = [](const std::string& name) { note("pulling " + name); },
            .layers = [this](std::span<const ns::LayerProgress> layers) {
              if (const std::string text = lines_.show(layers); !text.empty()) write_all(STDERR_FILENO, text);
            }};
  }

 private:
  bool quiet_;
  LayerLines lines_;
};

ExitStatus pull(const Invocation& invocation, const ImageTools& tools, const PullRequest& request,
                const std::string& text) {
  const ns::ImageStore store(invocation.layout.image_store());
  Shown shown(invocation.options.quiet);
  const auto pulled = pull_image(store, tools, request, shown.observer());
  if (!pulled) return report_fetch_error(text, pulled.error());
  const pod::ImageSummary& summary = pulled->image.record.summary;
  if (!invocation.options.quiet) {
    note_left_out(text, pulled->notes);
    note(fmt::format("{} is {}{}", pulled->name, summary.manifest_digest,
                     pulled->was_here ? ", which was here" : ""));
  }
  return print(summary.id.substr(summary.id.find(':') + 1) + "\n");
}

}  // namespace

ExitStatus image_pull(const Invocation& invocation) {
  const Options& options = invocation.options;
  std::vector<PullRequest> requests;
  for (const std::string& operand : options.operands) {
    auto reference = pod::parse_image_reference(operand);
    if (!reference) return report_error(ExitStatus::Invalid, reference.error().message);
    requests.push_back({.reference = std::move(*reference), .policy = options.pull_policy});
  }
  const GiveUpOnSignal give_up;
  const auto logins = logins_for(options, give_up.fd());
  if (!logins) return report_error(ExitStatus::CannotStart, logins.error().message);
  auto opened = tools_for(invocation);
  if (!opened) return report_error(ExitStatus::CannotStart, opened.error().message);
  opened->tools.fetch.cancel = give_up.fd();
  ExitStatus status = ExitStatus::Succeeded;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    requests[i].logins = *logins;
    status = greatest(status, pull(invocation, opened->tools, requests[i], options.operands[i]));
  }
  return status;
}

}  // namespace podrun::supervisor::commands
