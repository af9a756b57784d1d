// The options of the commands; verbs.cpp lists which command has which.
#pragma once

#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor::option {

/// Each is named after its long name, or after its meaning in the commands that have it.
extern const OptionSpec help, version, root, namespace_, manifest_namespace, only_namespace, output, ns_output,
    ps_output, timeline_output, status_output, wait, awaited, timeout, follow_events, verify, detach, replace, all,
    all_running, all_ended, all_namespaces, quiet, follow, previous, tail, since, until, timestamps, prefix,
    all_containers, grace, force, leftovers, container, target, input, terminal, own_terminal, kinds, root_or_host,
    image, images_quiet, all_unused, dry_run, never_asks, lenient, only_pod, verbose, raw, file, file_of_pods,
    long_file_of_pods, pull, pull_policy, platform, creds, authfile, tls_verify, patience, pull_quiet, image_name;

}  // namespace podrun::supervisor::option
