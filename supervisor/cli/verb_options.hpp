// The options that verbs have, of which verbs.cpp says who has which.
#pragma once

#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor::option {

extern const OptionSpec help, version, root, namespace_, only_namespace, output, ns_output, timeline_output, verify,
    detach, all, follow, previous, tail, timestamps, grace, leftovers, input, terminal, own_terminal, kinds,
    root_or_host, image, lenient, only_pod, verbose, raw;

}  // namespace podrun::supervisor::option
