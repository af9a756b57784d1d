// The table of commands.
#include "supervisor/cli/verbs.hpp"

#include <algorithm>
#include <array>

#include "supervisor/cli/command_words.hpp"
#include "supervisor/cli/verb_option_lists.hpp"
#include "supervisor/cli/verb_texts.hpp"

namespace podrun::supervisor {
namespace {

using namespace option;

constexpr std::size_t most_files = 10'000, most_names = 10'000;

constexpr VerbSpec without_verb{Verb::Help, "", "", 0, 0, "", "", "", no_verb_options};

constexpr std::array all_verbs{
    VerbSpec{.verb = Verb::Run,
             .name = "run",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
             .heading = "Run",
             .summary = "run pods; \"podrun FILE\" does the same",
             .text = text::run,
             .options = run_options,
             .subject = Subject::Files,
             .also = "up"},
    VerbSpec{.verb = Verb::Stop,
             .name = "stop",
             .operands = "NAME|FILE...",
             .fewest = 1,
             .most = most_names,
             .heading = "",
             .summary = "stop pods; returns when everything is gone",
             .text =
                 "Asks every container to end (SIGTERM), and kills what still runs when the grace period\n"
                 "is over. Returns when nothing of the pods is left but their logs. FILE is a manifest, and\n"
                 "stands for its pods.\n",
             .options = stop_options,
             .subject = Subject::Pods,
             .also = "down"},
    VerbSpec{.verb = Verb::Rm,
             .name = "rm",
             .operands = "NAME|FILE...",
             .fewest = 1,
             .most = most_names,
             .heading = "",
             .summary = "remove the logs of stopped pods, and what else is left",
             .text =
                 "Removes what is left of pods that do not run: processes, mounts, control groups, files and\n"
                 "logs. With -f it stops pods that run first. FILE is a manifest, and stands for its pods.\n",
             .options = rm_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Volumes,
             .name = "volumes",
             .operands = "[rm NAME...]",
             .fewest = 0,
             .most = 100,
             .heading = "",
             .summary = "list the volumes that outlive pods, or remove some",
             .text =
                 "Lists the PersistentVolumeClaims that pods have used, with their sizes and the running\n"
                 "pods that use them. \"volumes rm NAME\" removes a claim that no running pod uses, with\n"
                 "everything in it.\n",
             .options = volumes_options},
    VerbSpec{.verb = Verb::Image,
             .name = "image",
             .operands = "COMMAND [OPERAND...]",
             .fewest = 1,
             .most = most_names,
             .heading = "",
             .summary = "list, name, remove and check the images of this host",
             .text = text::image,
             .options = image_options},
    VerbSpec{.verb = Verb::Ps,
             .name = "ps",
             .operands = "[NAME...]",
             .fewest = 0,
             .most = most_names,
             .heading = "Look at pods",
             .summary = "list the pods that run",
             .text = text::ps,
             .options = ps_options,
             .also = "ls list"},
    VerbSpec{.verb = Verb::Status,
             .name = "status",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show one pod: conditions, containers, last ends",
             .text = text::status,
             .options = status_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Why,
             .name = "why",
             .operands = "NAME[/CONTAINER]",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "tell why a pod is not ready, restarts, or has failed",
             .text = text::why,
             .options = why_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Events,
             .name = "events",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "list what has happened to a pod",
             .text = text::events,
             .options = events_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Wait,
             .name = "wait",
             .operands = "NAME...",
             .fewest = 1,
             .most = most_names,
             .heading = "",
             .summary = "return when pods are ready, have ended, or are gone",
             .text = text::wait,
             .options = wait_options,
             .subject = Subject::Pods},
    VerbSpec{
        .verb = Verb::Logs,
        .name = "logs",
        .operands = "NAME [CONTAINER]",
        .fewest = 1,
        .most = 2,
        .heading = "",
        .summary = "show what a pod's containers printed",
        .text = text::logs,
        .options = logs_options,
        .subject = Subject::Pods,
        .also = "log"},
    VerbSpec{.verb = Verb::Attach,
             .name = "attach",
             .operands = "POD[/CONTAINER]",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "connect to the streams or the terminal of a container",
             .text = text::attach,
             .options = attach_options,
             .subject = Subject::Pods},
    VerbSpec{
        .verb = Verb::Exec,
        .name = "exec",
        .operands = "POD[/CONTAINER] [--] COMMAND [ARG...]",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "run a command in a container that runs",
        .text = text::exec,
        .options = exec_options,
        .takes_command = true,
        .subject = Subject::Pods},
    VerbSpec{
        .verb = Verb::Debug,
        .name = "debug",
        .operands = "POD[/CONTAINER] [[--] COMMAND [ARG...]]",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "run another image in a container's namespaces",
        .text = text::debug,
        .options = debug_options,
        .takes_command = true,
        .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Ns,
             .name = "ns",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show whose namespaces each container is in",
             .text = text::ns,
             .options = ns_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Timeline,
             .name = "timeline",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show how long each step of a pod's start took",
             .text =
                 "Shows when each step of a pod's start began, in microseconds since podrun was executed, and\n"
                 "how long it took: for podrun itself, for the pause, and for each container until its\n"
                 "program began. Of a pod that was stopped it also shows how long each container took to end.\n"
                 "It works after the pod has ended, too.\n",
             .options = timeline_options,
             .subject = Subject::Pods},
    VerbSpec{.verb = Verb::Check,
             .name = "check",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
             .heading = "Look before you run",
             .summary = "find every mistake in a manifest",
             .text =
                 "Finds every mistake in manifests. Warns of what may be a mistake, of what is missing on\n"
                 "this host, and of what gives containers power over the host. FILE is a manifest, a folder\n"
                 "of manifests, or \"-\" for standard input. Needs no root.\n",
             .options = check_options,
             .subject = Subject::Files,
             .also = "validate"},
    VerbSpec{
        .verb = Verb::Plan,
        .name = "plan",
        .operands = "FILE...",
        .fewest = 1,
        .most = most_files,
        .heading = "",
        .summary = "show every step of a pod's start",
        .text =
                 "Shows every step that the start of a manifest's pod would take, and takes none of them.\n"
                 "FILE may be \"-\" for standard input. Needs no root.\n",
             .options = plan_options,
        .subject = Subject::Files},
    VerbSpec{.verb = Verb::Script,
             .name = "script",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
             .heading = "",
             .summary = "print the same pod as a shell script",
             .text =
                 "Prints a commented shell script that starts the pod of a manifest with unshare, nsenter,\n"
                 "mount and capsh, and removes it on Ctrl-C. FILE may be \"-\" for standard input. To print\n"
                 "the script needs no root; to run it does.\n",
             .options = script_options,
             .subject = Subject::Files},
    VerbSpec{
        .verb = Verb::Info,
        .name = "info",
        .operands = "",
        .fewest = 0,
        .most = 0,
        .heading = "",
        .summary = "show what this host offers, and what it lacks",
        .text =
                 "Shows what this host offers to pods, what it lacks, and what follows from that. Needs no\n"
                 "root.\n",
             .options = info_options},
    VerbSpec{.verb = Verb::Network,
             .name = "network",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "",
             .summary = "show the pods' addresses, ports and names, and what is in their way",
             .text = text::network,
             .options = network_options},
    VerbSpec{.verb = Verb::Schema,
             .name = "schema",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "",
             .summary = "print a JSON Schema of manifests, for editors",
             .text =
                 "Prints a JSON Schema (draft-07) of manifests, for editors that complete and check YAML.\n"
                 "Needs no root.\n",
             .options = schema_options},
    VerbSpec{.verb = Verb::Supervise,
             .name = "supervise",
             .operands = "ID",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "",
             .text = "The pause starts this verb when a pod's supervisor has died.\n",
             .options = supervise_options},
};

}  // namespace

std::span<const VerbSpec> verbs() {
  return all_verbs;
}

const VerbSpec* find_verb(std::string_view name) {
  const auto is_it = [&](const VerbSpec& verb) { return verb.name == name || is_word_of(verb.also, name); };
  const auto* const found = std::ranges::find_if(all_verbs, is_it);
  return found == all_verbs.end() ? nullptr : found;
}

const VerbSpec& no_verb() {
  return without_verb;
}

}  // namespace podrun::supervisor
