// The table of commands.
#include "supervisor/cli/verbs.hpp"

#include <algorithm>
#include <array>

#include "supervisor/cli/verb_options.hpp"

namespace podrun::supervisor {
namespace {

using namespace option;

constexpr std::array no_verb_options{&root, &help, &version};
constexpr std::array run_options{&detach, &only_pod, &lenient, &raw, &namespace_, &root, &help};
constexpr std::array stop_options{&grace, &namespace_, &root, &help};
constexpr std::array rm_options{&leftovers, &namespace_, &root, &help};
constexpr std::array check_options{&verbose, &only_pod, &lenient, &namespace_, &output, &root, &help};
constexpr std::array plan_options{&only_pod, &lenient, &namespace_, &output, &root, &help};
constexpr std::array script_options{&only_pod, &lenient, &namespace_, &root, &help};
constexpr std::array info_options{&output, &root, &help};
constexpr std::array schema_options{&help};
constexpr std::array volumes_options{&namespace_, &output, &root, &help};
constexpr std::array ps_options{&all, &only_namespace, &output, &root, &help};
constexpr std::array logs_options{&follow, &previous, &tail, &timestamps, &raw, &namespace_, &root, &help};
constexpr std::array exec_options{&input, &terminal, &kinds, &namespace_, &root_or_host, &help};
constexpr std::array attach_options{&input, &own_terminal, &namespace_, &root, &help};
constexpr std::array debug_options{&image, &input, &terminal, &namespace_, &root, &help};
constexpr std::array ns_options{&verify, &namespace_, &ns_output, &root, &help};
constexpr std::array timeline_options{&namespace_, &timeline_output, &root, &help};
constexpr std::array supervise_options{&root};

constexpr std::size_t most_files = 10'000;

constexpr VerbSpec without_verb{Verb::Help, "", "", 0, 0, "", "", "", no_verb_options};

constexpr std::array all_verbs{
    VerbSpec{.verb = Verb::Run,
             .name = "run",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
             .heading = "Run",
             .summary = "run the pods of manifests; \"podrun FILE\" is short for it",
             .text =
                 "Runs the pods of manifests: files, folders, \"-\" for standard input. In the foreground it\n"
                 "shows what the containers print. Ctrl-C stops the pods; a second one kills them. A terminal\n"
                 "is shown only text and colours, unless --raw is given.\n",
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
    VerbSpec{.verb = Verb::Volumes,
             .name = "volumes",
             .operands = "[rm NAME...]",
             .fewest = 0,
             .most = 100,
             .heading = "",
             .summary = "list the volumes that outlive pods, or remove some",
             .text = "Lists the PersistentVolumeClaims that pods have used: their sizes, and which running pods\n"
                     "use them. \"rm\" removes those that no pod uses, with everything in them.\n",
             .options = volumes_options},
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
            "Shows what a pod's containers printed, also after the pod's end. Without CONTAINER: all of\n"
            "them. A terminal is shown only text and colours, unless --raw is given.\n",
        .options = logs_options},
    VerbSpec{.verb = Verb::Attach,
             .name = "attach",
             .operands = "POD[/CONTAINER]",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "connect to the streams or the terminal of a container",
             .text = "Shows what a container prints from now on, until the container ends. With -i it also sends\n"
                     "its standard input to the container. -i needs stdin: true in the manifest; -t is for\n"
                     "containers with tty: true. Without CONTAINER: the pod's first. Ctrl-C detaches; with -it it\n"
                     "goes to the container, like every key.\n",
             .options = attach_options},
    VerbSpec{
        .verb = Verb::Exec,
        .name = "exec",
        .operands = "POD[/CONTAINER] -- COMMAND [ARG...]",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "run a command in a container that runs",
        .text = "Runs a command in a container, as one more of its processes: with its namespaces, root,\n"
                "user, capabilities, environment, directory and control group. Without CONTAINER: in the\n"
                "pod's first. KIND is mnt, net, ipc, uts, pid, user, cgroup or time. Without mnt the command\n"
                "is a program of the host, with the caller's rights.\n"
                "\n"
                "Exit status: the command's own; 128+N after signal N; 125 podrun failed; 126 the command\n"
                "cannot be executed; 127 there is no such command.\n",
        .options = exec_options,
        .takes_command = true},
    VerbSpec{
        .verb = Verb::Debug,
        .name = "debug",
        .operands = "POD[/CONTAINER] [-- COMMAND [ARG...]]",
        .fewest = 1,
        .most = 1,
        .heading = "",
        .summary = "run another image in a container's namespaces",
        .text = "Runs a command of another image, or that image's own command, in the container's namespaces\n"
                "except its mounts. The command has a root of its own, in memory, which is gone when it ends.\n"
                "It sees the container's processes and network. Exit status: as of exec.\n",
        .options = debug_options,
        .takes_command = true},
    VerbSpec{.verb = Verb::Ns,
             .name = "ns",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show whose namespaces each container is in",
             .text =
                 "Shows in which namespace of each of the eight kinds the pause and each container is, as\n"
                 "/proc tells. In a column the same letter is the same namespace. A small letter is a\n"
                 "namespace of one process alone; \"host\" is this host's. With --verify: every namespace that\n"
                 "differs from the manifest, and exit status 1 if there is one.\n",
             .options = ns_options},
    VerbSpec{.verb = Verb::Timeline,
             .name = "timeline",
             .operands = "NAME",
             .fewest = 1,
             .most = 1,
             .heading = "",
             .summary = "show how long each step of a pod's start took",
             .text =
                 "Shows when each step of a pod's start began, in microseconds from the command line, and how\n"
                 "long it took: for podrun itself, for the pause, and for each container's process until its\n"
                 "exec. It works after the pod's end, too.\n",
             .options = timeline_options},
    VerbSpec{.verb = Verb::Check,
             .name = "check",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
             .heading = "Look before you run",
             .summary = "find every mistake in a manifest",
             .text = "Finds every mistake in manifests (files, folders, \"-\" for standard input). Warns of what\n"
                     "may be a mistake, and of what exposes the host. Needs no root.\n",
             .options = check_options},
    VerbSpec{
        .verb = Verb::Plan,
        .name = "plan",
        .operands = "FILE...",
        .fewest = 1,
        .most = most_files,
        .heading = "",
        .summary = "show every step of a pod's start",
        .text =
            "Compiles a manifest (\"-\": standard input) and shows every step of the pod's start, without\n"
            "starting it. Needs no root.\n",
        .options = plan_options},
    VerbSpec{.verb = Verb::Script,
             .name = "script",
             .operands = "FILE...",
             .fewest = 1,
             .most = most_files,
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
    VerbSpec{.verb = Verb::Schema,
             .name = "schema",
             .operands = "",
             .fewest = 0,
             .most = 0,
             .heading = "",
             .summary = "print a JSON Schema of manifests, for editors",
             .text = "Prints a JSON Schema (draft-07) of what podrun reads, for editors that complete and check\n"
                     "YAML. Needs no root.\n",
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
  const auto* const found = std::ranges::find(all_verbs, name, &VerbSpec::name);
  return found == all_verbs.end() ? nullptr : found;
}

const VerbSpec& no_verb() {
  return without_verb;
}

}  // namespace podrun::supervisor
