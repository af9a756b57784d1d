// A pull beside a running pod.
#include "supervisor/images/pull_task.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;

constexpr std::size_t longest_result = 256 * 1024;

/// In the order of ns::FetchFault; the first is none.
constexpr std::array<std::string_view, 11> fault_words{"",         "NotFound", "Unauthorized", "Unreachable",
                                                       "Tls",      "Nonsense", "Refused",      "NoSpace",
                                                       "NoProgram", "Cancelled", "Other"};

PullResult result_of(const ns::FetchResult<PulledImage>& pulled) {
  if (!pulled) return {.fault = pulled.error().fault, .message = pulled.error().message};
  const pod::ImageSummary& summary = pulled->image.record.summary;
  PullResult result{.name = pulled->name,
                    .manifest_digest = summary.manifest_digest,
                    .id = summary.id,
                    .was_here = pulled->was_here,
                    .notes = pulled->notes};
  for (const auto& layer : summary.layers) result.size += layer.blob_size;
  return result;
}

}  // namespace

std::string to_json(const PullResult& result) {
  const std::size_t fault = result.fault ? static_cast<std::size_t>(*result.fault) + 1 : 0;
  return json::dump(json::object({{"fault", fault_words[fault]},
                                  {"message", result.message},
                                  {"name", result.name},
                                  {"manifestDigest", result.manifest_digest},
                                  {"id", result.id},
                                  {"wasHere", result.was_here},
                                  {"size", result.size},
                                  {"notes", json::Value(result.notes)}}));
}

Result<PullResult> parse_pull_result(std::string_view text) {
  const json::Value value = TRY(json::parse(text));
  std::string error;
  const json::Reader reader(value, error);
  PullResult result{.message = reader.text("message"),
                    .name = reader.text("name"),
                    .manifest_digest = reader.text("manifestDigest"),
                    .id = reader.text("id"),
                    .was_here = reader.flag("wasHere"),
                    .size = reader.number<std::uint64_t>("size"),
                    .notes = reader.texts("notes")};
  if (const std::size_t fault = reader.word("fault", fault_words); fault > 0)
    result.fault = static_cast<ns::FetchFault>(fault - 1);
  if (!error.empty()) return fail(error);
  return result;
}

Result<PullTask> start_pull(const ns::ImageStore& store, const ImageTools& tools, const PullRequest& request,
                            int cgroup) {
  ns::Channel pipe = TRY(ns::make_pipe());
  const auto work = [&] {
    pipe.first.reset();
    const std::string line = to_json(result_of(pull_image(store, tools, request)));
    return ns::write_all(pipe.second.get(), line, "the result of a pull") ? 0 : 1;
  };
  ns::Process process = TRY(ns::run_in_child(work, cgroup));
  if (::fcntl(pipe.first.get(), F_SETFL, O_NONBLOCK) < 0) return fail_system("fcntl");
  return PullTask{.process = std::move(process), .reports = std::move(pipe.first)};
}

std::optional<PullResult> read_pull_result(const PullTask& task, std::string& text) {
  char buffer[16 * 1024];
  for (;;) {
    const ssize_t length = ::read(task.reports.get(), buffer, sizeof buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0 && errno == EAGAIN) return std::nullopt;
    if (length <= 0 || text.size() > longest_result) break;
    text.append(buffer, static_cast<std::size_t>(length));
  }
  auto result = parse_pull_result(text);
  if (result) return std::move(*result);
  return PullResult{.fault = ns::FetchFault::Other, .message = "the process that pulled it was killed"};
}

}  // namespace podrun::supervisor
