// The options of the commands: their names, and the members that they set.
#include "supervisor/cli/verb_options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "pod/spec/value_syntax.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
namespace {

Result<std::uint32_t> parse_number(const std::string& value, std::string_view what) {
  std::uint32_t number = 0;
  const char* const end = value.data() + value.size();
  if (const auto [parsed, error] = std::from_chars(value.data(), end, number);
      error != std::errc{} || parsed != end)
    return fail(fmt::format("needs {}, not {}", what, pod::in_quotes(value)));
  return number;
}

Result<> store_namespace(Options& options, const std::string& value) {
  if (const pod::ValueError value_error = pod::dns_label(value); !value_error.empty())
    return fail(fmt::format("{} {}", pod::in_quotes(value), value_error));
  options.namespace_name = value;
  return {};
}

constexpr std::array<std::pair<std::string_view, Format>, 5> formats{{{"json", Format::Json},
                                                                      {"yaml", Format::Yaml},
                                                                      {"dot", Format::Dot},
                                                                      {"svg", Format::Svg},
                                                                      {"wide", Format::Wide}}};

/// -o of a command that has these formats.
template <Format... Known>
Result<> store_output(Options& options, const std::string& value) {
  std::string names;
  for (const auto& [name, format] : formats) {
    if (((format != Known) && ...)) continue;
    if (value == name) {
      options.format = format;
      return {};
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  }
  return fail(fmt::format("knows only {}, not {}", names, pod::in_quotes(value)));
}

Result<> store_root(Options& options, const std::string& value) {
  if (!value.starts_with('/'))
    return fail(fmt::format("needs an absolute path, not {}", pod::in_quotes(value)));
  options.root = value.substr(0, value.find_last_not_of('/') + 1);
  return {};
}

Result<> store_tail(Options& options, const std::string& value) {
  options.tail.reset();
  if (value != "-1" && value != "all") options.tail = TRY(parse_number(value, "a number of lines"));
  return {};
}

/// A number without a unit is one of seconds.
std::optional<std::chrono::milliseconds> duration_of(const std::string& value) {
  if (const auto seconds = parse_number(value, "")) return std::chrono::seconds(*seconds);
  return pod::parse_duration(value);
}

Result<> store_grace(Options& options, const std::string& value) {
  const auto grace = duration_of(value);
  if (!grace) return fail(fmt::format("needs a duration such as 30, 30s or 1m30s, not {}", pod::in_quotes(value)));
  options.grace = std::chrono::ceil<std::chrono::seconds>(*grace);
  return {};
}

struct AwaitedWord {
  std::string_view word;
  Awaited awaited;
  bool is_of_run;  ///< --wait of run knows it, else --for of wait
};
/// The first of several for the same is the one that is named.
constexpr std::array<AwaitedWord, 9> awaited_words{{{"ready", Awaited::Ready, true},
                                                    {"started", Awaited::Started, true},
                                                    {"none", Awaited::Nothing, true},
                                                    {"ready", Awaited::Ready, false},
                                                    {"completed", Awaited::Completed, false},
                                                    {"deleted", Awaited::Deleted, false},
                                                    {"condition=ready", Awaited::Ready, false},
                                                    {"delete", Awaited::Deleted, false},
                                                    {"condition=ready=true", Awaited::Ready, false}}};

/// Kubernetes does not mind capital letters here.
std::string in_small_letters(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

Result<Awaited> parse_awaited(const std::string& value, bool of_run) {
  for (const AwaitedWord& each : awaited_words)
    if (each.is_of_run == of_run && each.word == in_small_letters(value)) return each.awaited;
  return fail(fmt::format("knows {}, not {}", of_run ? "ready, started and none" : "ready, completed and deleted",
                          pod::in_quotes(value)));
}

Result<> store_wait(Options& options, const std::string& value) {
  options.wait = TRY(parse_awaited(value, true));
  return {};
}

Result<> store_awaited(Options& options, const std::string& value) {
  options.awaited = TRY(parse_awaited(value, false));
  return {};
}

Result<> store_timeout(Options& options, const std::string& value) {
  options.timeout = duration_of(value);
  if (options.timeout) return {};
  return fail(fmt::format("needs a duration such as 30, 30s or 5m, not {}", pod::in_quotes(value)));
}

/// A number that large is no duration: it counts from 1970, as those of date(1) +%s do.
constexpr std::chrono::seconds first_unix_time{1'000'000'000};

template <auto member>
Result<> store_moment(Options& options, const std::string& value) {
  if (const auto ago = duration_of(value))
    options.*member = *ago < first_unix_time ? Since(*ago) : Since(WallTime(*ago));
  else if (const auto time = parse_time(value))
    options.*member = *time;
  else
    return fail(fmt::format("needs a duration such as 10m, or a time such as 2026-11-30T10:00:00Z, not {}",
                            pod::in_quotes(value)));
  return {};
}

Result<> store_file(Options& options, const std::string& value) {
  options.files.push_back(value);
  return {};
}

Result<> store_container(Options& options, const std::string& value) {
  if (!options.container.empty() && options.container != value)
    return fail(fmt::format("names {}, but {} was named before", pod::in_quotes(value),
                            pod::in_quotes(options.container)));
  options.container = value;
  return {};
}

Result<> store_pod(Options& options, const std::string& value) {
  options.pod = value;
  return {};
}

Result<> store_image(Options& options, const std::string& value) {
  options.image = value;
  return {};
}

/// --root of exec: also accepts `host`, the root that the command gets.
Result<> store_root_or_host(Options& options, const std::string& value) {
  if (value != "host") return store_root(options, value);
  options.host_root = true;
  return {};
}

Result<> store_kinds(Options& options, const std::string& value) {
  pod::NamespaceSet kinds;
  for (std::size_t begin = 0; begin <= value.size();) {
    const std::size_t end = std::min(value.find(',', begin), value.size());
    const std::string_view word = std::string_view(value).substr(begin, end - begin);
    const auto* const name = std::ranges::find(pod::namespace_names, word);
    if (name == pod::namespace_names.end())
      return fail(fmt::format("knows {}, not {}", pod::joined(pod::namespace_names, ", "), pod::in_quotes(word)));
    kinds.push_back(static_cast<pod::NamespaceKind>(name - pod::namespace_names.begin()));
    begin = end + 1;
  }
  options.kinds = std::move(kinds);
  return {};
}

template <bool Options::*Member>
Result<> set(Options& options, const std::string&) {
  options.*Member = true;
  return {};
}

template <Verb Instead>
Result<> turn_to(Options& options, const std::string&) {
  options.verb = Instead;
  return {};
}

}  // namespace

namespace option {

// clang-format off
constexpr OptionSpec help{"help", 'h', nullptr, "show this help", turn_to<Verb::Help>};
constexpr OptionSpec version{"version", 0, nullptr, "show the version", turn_to<Verb::Version>};
constexpr OptionSpec root{"root", 0, "DIR", "keep podrun's own files below DIR instead of /", store_root};
constexpr OptionSpec namespace_{"namespace", 'n', "NAMESPACE",
                                "the pod's namespace; without -n it is \"default\"", store_namespace};
constexpr OptionSpec manifest_namespace{"namespace", 'n', "NAMESPACE",
                                        "the namespace of all pods and objects; without -n it is that in the "
                                        "manifest, or \"default\"", store_namespace};
constexpr OptionSpec only_namespace{"namespace", 'n', "NAMESPACE", "only pods of this namespace", store_namespace};
constexpr OptionSpec output{"output", 'o', "json", "print JSON, for programs", store_output<Format::Json>};
constexpr OptionSpec ns_output{"output", 'o', "json|dot|svg", "print JSON, a graph for dot(1), or an SVG picture",
                               store_output<Format::Json, Format::Dot, Format::Svg>};
constexpr OptionSpec timeline_output{"output", 'o', "json|svg", "print JSON, or an SVG picture",
                                     store_output<Format::Json, Format::Svg>};
constexpr OptionSpec ps_output{"output", 'o', "json|wide", "print JSON, or addresses and ports as well",
                               store_output<Format::Json, Format::Wide>};
constexpr OptionSpec status_output{"output", 'o', "json|yaml", "print a Pod as Kubernetes has it",
                                   store_output<Format::Json, Format::Yaml>};
constexpr OptionSpec wait{"wait", 0, "ready|started|none",
                          "with -d: what to wait for, instead of the start of all containers", store_wait};
constexpr OptionSpec awaited{"for", 0, "ready|completed|deleted",
                             "until the pod is ready, has ended (as without --for), or is gone", store_awaited};
constexpr OptionSpec timeout{"timeout", 0, "TIME", "how long to wait, e.g. 30s; then the exit status is 1",
                             store_timeout};
constexpr OptionSpec follow_events{"follow", 'f', nullptr, "show new events, too, until the pod ends",
                                   set<&Options::follow>, "watch"};
constexpr OptionSpec verify{"verify", 0, nullptr, "list what differs from the manifest", set<&Options::verify>};
constexpr OptionSpec detach{"detach", 'd', nullptr,
                            "run in the background; returns when all containers have started", set<&Options::detach>};
constexpr OptionSpec all{"all", 'a', nullptr, "also list pods that have ended", set<&Options::all>};
constexpr OptionSpec all_running{"all", 'a', nullptr, "all pods that run; with -n those of this namespace",
                                 set<&Options::all>};
constexpr OptionSpec all_ended{"all", 'a', nullptr,
                               "all pods that have ended, with -f also those that run; with -n those of this namespace",
                               set<&Options::all>};
constexpr OptionSpec all_namespaces{"all-namespaces", 'A', nullptr, "the pods of all namespaces, as without -n",
                                    set<&Options::all_namespaces>};
constexpr OptionSpec quiet{"quiet", 'q', nullptr, "print only the names", set<&Options::quiet>};
constexpr OptionSpec replace{"replace", 0, nullptr, "first stop the pod of the same name, if it runs",
                             set<&Options::replace>};
constexpr OptionSpec file{"file", 'f', "FILE", "the same as FILE alone", store_file, "filename"};
constexpr OptionSpec file_of_pods{"file", 'f', "FILE", "the pods that a manifest describes", store_file, "filename"};
constexpr OptionSpec long_file_of_pods{"file", 0, "FILE", "the pods that a manifest describes", store_file, "filename"};
constexpr OptionSpec container{"container", 'c', "CONTAINER", "the container", store_container};
constexpr OptionSpec target{"container", 'c', "CONTAINER", "the container", store_container, "target"};
constexpr OptionSpec follow{"follow", 'f', nullptr, "show new lines, too, until the pod ends", set<&Options::follow>};
constexpr OptionSpec previous{"previous", 'p', nullptr,
                              "show the instance before the last restart", set<&Options::previous>};
constexpr OptionSpec tail{"tail", 0, "LINES", "only the last LINES lines; \"all\" or -1: all lines", store_tail};
constexpr OptionSpec since{"since", 0, "TIME",
                           "only lines of the last TIME (10m, 90s), or since TIME (2026-11-30T10:00:00Z)",
                           store_moment<&Options::since>, "since-time"};
constexpr OptionSpec until{"until", 0, "TIME", "only lines from before the last TIME, or before TIME",
                           store_moment<&Options::until>};
constexpr OptionSpec prefix{"prefix", 0, nullptr, "begin each line with its container, even if there is only one",
                            set<&Options::prefix>};
constexpr OptionSpec all_containers{"all-containers", 0, nullptr, "all containers, as without CONTAINER",
                                    set<&Options::all_containers>};
constexpr OptionSpec timestamps{"timestamps", 't', nullptr, "begin each line with its time", set<&Options::timestamps>};
constexpr OptionSpec raw{"raw", 0, nullptr, "show a terminal everything that containers print", set<&Options::raw>};
constexpr OptionSpec grace{"grace-period", 't', "TIME",
                           "how long containers may take to end, instead of the time in the manifest; 0 kills at once",
                           store_grace, "time timeout"};
constexpr OptionSpec force{"force", 'f', nullptr, "first stop the pods that run", set<&Options::force>};
constexpr OptionSpec leftovers{"leftovers", 0, nullptr, "remove what killed pods have left, except logs",
                               set<&Options::leftovers>};
constexpr OptionSpec lenient{"lenient", 0, nullptr,
                             "leave out, with a warning, fields that podrun does not know",
                             set<&Options::lenient>};
constexpr OptionSpec only_pod{"pod", 0, "NAME", "only this pod of the manifests", store_pod};
constexpr OptionSpec verbose{"verbose", 'v', nullptr,
                             "also list the fields without effect, and why", set<&Options::verbose>};
constexpr OptionSpec input{"stdin", 'i', nullptr, "pass standard input on", set<&Options::input>, "interactive"};
constexpr OptionSpec terminal{"tty", 't', nullptr, "give the command a terminal", set<&Options::terminal>};
constexpr OptionSpec own_terminal{"tty", 't', nullptr, "use the container's terminal: send every key, and the size",
                                  set<&Options::terminal>};
constexpr OptionSpec kinds{"ns", 0, "KIND,...", "enter only these of the container's namespaces", store_kinds};
constexpr OptionSpec root_or_host{"root", 0, "DIR|host",
                                  "DIR: keep podrun's own files below DIR. host: give the command the host's root",
                                  store_root_or_host};
constexpr OptionSpec images_quiet{"quiet", 'q', nullptr, "print only the ids", set<&Options::quiet>};
constexpr OptionSpec all_unused{"all", 'a', nullptr, "also images with a name, unless a pod uses them",
                                set<&Options::all>};
constexpr OptionSpec dry_run{"dry-run", 0, nullptr, "only say what would be removed", set<&Options::dry_run>};
constexpr OptionSpec never_asks{"force", 'f', nullptr, "do not ask; podrun never does", set<&Options::force>};
constexpr OptionSpec image{"image", 0, "IMAGE", "the image to run", store_image};
// clang-format on

}  // namespace option
}  // namespace podrun::supervisor
