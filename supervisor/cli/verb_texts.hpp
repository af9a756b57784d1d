// The texts below the usage in the help of verbs.
#pragma once

#include <string_view>

namespace podrun::supervisor::text {

inline constexpr std::string_view run =
    "Runs the pods that manifests describe. FILE is a manifest, a folder of manifests, or\n"
    "\"-\" for standard input.\n"
    "\n"
    "In the foreground, that is without -d, it shows what the containers print until the\n"
    "pods have ended. Ctrl-C stops the pods; a second Ctrl-C kills them. On a terminal,\n"
    "control sequences are left out, except for colours, unless --raw is given.\n";

inline constexpr std::string_view image =
    "The images of this host. REF names one as a manifest does (nginx:1.27, localhost/app,\n"
    "registry.example/app@sha256:...), or is its id, or the first digits of it. podrun-image(1)\n"
    "says more.\n";

inline constexpr std::string_view ps =
    "Lists the pods that run, with the columns of \"kubectl get pods\". With NAME it lists these\n"
    "pods, also if they have ended. -o wide adds their addresses, published ports and interfaces.\n";

inline constexpr std::string_view logs =
    "Shows what a pod's containers printed, also after the pod has ended. Without CONTAINER it\n"
    "shows all of them; NAME/CONTAINER and -c CONTAINER name one, too. On a terminal, control\n"
    "sequences are left out, except for colours, unless --raw is given.\n";

inline constexpr std::string_view attach =
    "Shows what a container prints from now on, until the container ends. Without CONTAINER\n"
    "that is the pod's first.\n"
    "\n"
    "With -i it also sends its own standard input to the container; the container's manifest\n"
    "must say stdin: true. With -t it uses the container's terminal; the manifest must say\n"
    "tty: true.\n"
    "\n"
    "Ctrl-C detaches, and the container runs on. With -it, Ctrl-C goes to the container, like\n"
    "every other key.\n";

inline constexpr std::string_view exec =
    "Runs a command as one more process of a container: with its namespaces, root, user,\n"
    "capabilities, environment, working directory and control group. Without CONTAINER\n"
    "that is the pod's first.\n"
    "\n"
    "--ns enters only some of the container's namespaces: mnt, net, ipc, uts, pid, user,\n"
    "cgroup, time. If mnt is not among them, the command is a program of the host and runs with\n"
    "the caller's rights.\n"
    "\n"
    "Exit status: the command's own; 128+N if signal N ended it; 125 if podrun failed; 126 if\n"
    "the command cannot be executed; 127 if there is no such command.\n";

inline constexpr std::string_view debug =
    "Runs a command of another image beside a container, so that it sees the container's\n"
    "processes and network. Without COMMAND it runs the image's own command. The files are\n"
    "those of the image, and changes to them are gone when the command ends. Without CONTAINER\n"
    "that is the pod's first.\n"
    "\n"
    "The exit status is that of \"podrun exec\".\n";

inline constexpr std::string_view ns =
    "Shows which namespaces the pause and each container are in. There is a row for each process\n"
    "and a column for each kind of namespace. In a column, equal letters are the same namespace:\n"
    "a capital letter is one that several processes share, a small letter is one that belongs to\n"
    "one process, and \"host\" is the host's.\n"
    "\n"
    "With --verify it lists what differs from the manifest, and the exit status is 1 if anything\n"
    "does.\n";

inline constexpr std::string_view status =
    "Shows one pod on one screen: its phase and conditions, why it is as it is, and for each container\n"
    "its state, whether it is ready, its restarts, when it is tried next, and how it ended last. With\n"
    "-o it prints a Pod as Kubernetes has it, with the spec of its manifest. It works after the pod has\n"
    "ended, too.\n";

inline constexpr std::string_view why =
    "Tells in one to three sentences why a pod, or a container of it, is as it is: what it waits for,\n"
    "what ended it, and when it is tried next. It works after the pod has ended, too.\n";

inline constexpr std::string_view events =
    "Lists what has happened to a pod in this or its last run, oldest first, with the types and reasons of\n"
    "Kubernetes. It works after the pod has ended, too. With -f and -o json it prints an object a line.\n";

inline constexpr std::string_view network =
    "Shows how pods are connected: their subnets, the interface, addresses, published ports and names of\n"
    "each pod that runs, which settings of the host podrun has changed, and what of the host's packet\n"
    "filter is in the way of their traffic, with its cure. -o svg draws a picture.\n";

inline constexpr std::string_view wait =
    "Returns when all these pods are ready, have ended, or are gone. At once if they are.\n"
    "\n"
    "Exit status: 0 if it is so. 1 if it cannot become so any more, because a pod has failed, or has ended\n"
    "without being ready, or if the time is over. 4 if there is no such pod. A pod that was stopped on\n"
    "request counts as completed.\n";

}  // namespace podrun::supervisor::text
