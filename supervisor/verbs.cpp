// The table of verbs and options.
#include "supervisor/verbs.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "pod/syntax.hpp"
#include "pod/text.hpp"

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
  if (const pod::Complaint complaint = pod::dns_label(value); !complaint.empty())
    return fail(fmt::format("{} {}", pod::in_quotes(value), complaint));
  options.namespace_name = value;
  return {};
}

constexpr std::array<std::pair<std::string_view, Format>, 3> formats{
    {{"json", Format::Json}, {"dot", Format::Dot}, {"svg", Format::Svg}}};

/// -o of a verb that knows those formats.
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
  options.tail = TRY(parse_number(value, "a number of lines"));
  return {};
}

Result<> store_grace(Options& options, const std::string& value) {
  options.grace = std::chrono::seconds(TRY(parse_number(value, "a number of seconds")));
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

// clang-format off
constexpr OptionSpec help{"help", 'h', nullptr, "show this", turn_to<Verb::Help>};
constexpr OptionSpec version{"version", 0, nullptr, "show the version", turn_to<Verb::Version>};
constexpr OptionSpec root{"root", 0, "DIR", "keep everything below DIR instead of /", store_root};
constexpr OptionSpec namespace_{"namespace", 'n', "NAMESPACE", "the pod's namespace (\"default\")", store_namespace};
constexpr OptionSpec only_namespace{"namespace", 'n', "NAMESPACE", "only pods of this namespace", store_namespace};
constexpr OptionSpec output{"output", 'o', "json", "print JSON, for programs", store_output<Format::Json>};
constexpr OptionSpec ns_output{"output", 'o', "json|dot|svg", "for programs, for graphviz, as a picture", store_output<Format::Json, Format::Dot, Format::Svg>};
constexpr OptionSpec timeline_output{"output", 'o', "json|svg", "for programs, as a picture", store_output<Format::Json, Format::Svg>};
constexpr OptionSpec verify{"verify", 0, nullptr, "compare with what the manifest promises", set<&Options::verify>};
constexpr OptionSpec detach{"detach", 'd', nullptr, "return when all containers have started", set<&Options::detach>};
constexpr OptionSpec all{"all", 'a', nullptr, "also pods that have ended", set<&Options::all>};
constexpr OptionSpec follow{"follow", 'f', nullptr, "go on until the pod ends", set<&Options::follow>};
constexpr OptionSpec previous{"previous", 'p', nullptr, "the instance before the newest", set<&Options::previous>};
constexpr OptionSpec tail{"tail", 0, "LINES", "only the last LINES lines", store_tail};
constexpr OptionSpec timestamps{"timestamps", 0, nullptr, "begin each line with its time", set<&Options::timestamps>};
constexpr OptionSpec grace{"grace-period", 0, "SECONDS", "instead of the manifest's; 0 kills at once", store_grace};
constexpr OptionSpec leftovers{"leftovers", 0, nullptr, "of all dead pods; their logs stay", set<&Options::leftovers>};
// clang-format on

constexpr std::array no_verb_options{&root, &help, &version};
constexpr std::array run_options{&detach, &namespace_, &root, &help};
constexpr std::array stop_options{&grace, &namespace_, &root, &help};
constexpr std::array rm_options{&leftovers, &namespace_, &root, &help};
constexpr std::array check_options{&namespace_, &root, &help};
constexpr std::array plan_options{&namespace_, &output, &root, &help};
constexpr std::array script_options{&namespace_, &root, &help};
constexpr std::array info_options{&output, &root, &help};
constexpr std::array ps_options{&all, &only_namespace, &output, &root, &help};
constexpr std::array logs_options{&follow, &previous, &tail, &timestamps, &namespace_, &root, &help};
constexpr std::array ns_options{&verify, &namespace_, &ns_output, &root, &help};
constexpr std::array timeline_options{&namespace_, &timeline_output, &root, &help};
constexpr std::array supervise_options{&root};

constexpr VerbSpec without_verb{Verb::Help, "", "", 0, 0, "", "", "", no_verb_options};

constexpr std::array all_verbs{
    VerbSpec{.verb = Verb::Run,
             .name = "run",
             .operands = "FILE",
             .fewest = 1,
             .most = 1,
             .heading = "Run",
             .summary = "run a manifest's pod; \"podrun FILE\" is short for it",
             .text =
                 "Runs the pod of a manifest (\"-\": standard input). In the foreground it shows what the\n"
                 "containers print, and Ctrl-C stops the pod; a second one kills it.\n",
             .options = run_options},
    VerbSpec{.verb = Verb::Stop,
             .name = "stop",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "stop a pod; returns when everything is gone",
             .text = "Asks every container to end (SIGTERM), kills what is left after the grace period, and\n"
                     "returns when nothing of the pod remains but its logs.\n",
             .options = stop_options},
    VerbSpec{.verb = Verb::Rm,
             .name = "rm",
             .operands = "NAME",
             .fewest = 0,
             .most = 1,
             .heading = "",
             .summary = "remove what a pod left: processes, mounts, files, logs",
             .text =
                 "Removes what is left of a pod that does not run: processes, mounts, control groups, files\n"
                 "and logs.\n",
             .options = rm_options},
    VerbSpec{.verb = Verb::Ps,
             .name = "ps",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "Look at pods",
             .summary = "list the pods that run",
             .text = "Lists the pods that run, in the columns of \"kubectl get pods\".\n",
             .options = ps_options},
    VerbSpec{
        .verb = Verb::Logs,
        .name = "logs",
        .operands = "NAME [CONTAINER]",
        .fewest = 1,
        .most = 2,
        .heading = "",
        .summary = "show what a pod's containers printed",
        .text =
            "Shows what a pod's containers printed, also after its end. Without CONTAINER: all of them.\n",
        .options = logs_options},
    VerbSpec{.verb = Verb::Ns,
             .name = "ns",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show whose namespaces each container is in",
             .text =
                 "Shows in which namespace of each of the eight kinds the pause and each container is, as\n"
                 "/proc tells. In a column the same letter is the same namespace, a small one that of one\n"
                 "process alone; \"host\" is this host's. With --verify: every cell that is not what the\n"
                 "manifest promises, and exit status 1 if there is one.\n",
             .options = ns_options},
    VerbSpec{.verb = Verb::Timeline,
             .name = "timeline",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show where a pod's start went, step by step",
             .text =
                 "Shows when each step of a pod's start began, counted in microseconds from the command\n"
                 "line, and how long it took: of podrun itself, of the pause, and of each container's\n"
                 "process until its exec. Also after the pod's end.\n",
             .options = timeline_options},
    VerbSpec{.verb = Verb::Check,
             .name = "check",
             .operands = "FILE",
             .fewest = 1,
             .most = 1,
             .heading = "Look before you run",
             .summary = "find every mistake in a manifest",
             .text = "Finds every mistake in a manifest (\"-\": standard input). Needs no root.\n",
             .options = check_options},
    VerbSpec{
        .verb = Verb::Plan,
        .name = "plan",
        .operands = "FILE",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "show every step of a pod's start",
        .text =
            "Compiles a manifest (\"-\": standard input) and shows every step of the pod's start, without\n"
            "starting it. Needs no root.\n",
        .options = plan_options},
    VerbSpec{.verb = Verb::Script,
             .name = "script",
             .operands = "FILE",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "print the same pod as a shell script",
             .text = "Prints a commented shell script that starts the manifest's pod (\"-\": standard input) with\n"
                     "unshare, nsenter, mount and capsh, and removes it on Ctrl-C. Needs no root; the script does.\n",
             .options = script_options},
    VerbSpec{
        .verb = Verb::Info,
        .name = "info",
        .operands = "",
        .fewest = 0,
        .most = 0,
        .heading = "",
        .summary = "show what this host offers, and what it lacks",
        .text = "Shows what this host offers to pods, and what follows from what it lacks. Needs no root.\n",
        .options = info_options},
    VerbSpec{.verb = Verb::Supervise,
             .name = "supervise",
             .operands = "ID",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "",
             .text = "The pause starts this when a pod's supervisor has died.\n",
             .options = supervise_options},
};

}  // namespace

std::span<const VerbSpec> verbs() {
  return all_verbs;
}

const VerbSpec* find_verb(std::string_view name) {
  const auto* const found = std::ranges::find(all_verbs, name, &VerbSpec::name);
  return found == all_verbs.end() ? nullptr : found;
}

const VerbSpec& no_verb() {
  return without_verb;
}

}  // namespace podrun::supervisor
